// A timeline with everything around it that it needs, in seconds: posts, silences, inhibitions, intervals, reloads, and
// a shelf on which every outcome is saved. Called by the stories and by the property tests.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { isResolved, type KnownAlert } from '../../../alerter/alert.ts'
import type { Inhibitor } from '../../../alerter/inhibition.ts'
import type { Integration, Receiver, Route } from '../../../alerter/route.ts'
import type { Held, Outcome, Telling } from '../../../alerter/timeline/outcome.ts'
import type { TimelineRules } from '../../../alerter/timeline/rules.ts'
import { Timeline } from '../../../alerter/timeline.ts'
import { openShelf } from './shelf.ts'

export const second = 1_000
export type Words = Readonly<Record<string, string>>
export type Suppression = Readonly<{ id: string; from: number; to: number; labels: Words }>
export type Inhibition = Readonly<{ source: Words; target: Words; equal: readonly string[] }>

export type Setup = Readonly<{
  route: Route
  receivers: readonly Receiver[]
  inhibitions?: readonly Inhibition[]
  // Named intervals: from and to, in seconds.
  intervals?: Readonly<Record<string, readonly [number, number]>>
  // In seconds; what Alertmanager assumes of an alert that is posted without an end.
  resolveTimeout?: number
}>

const matches = (labels: Labels, wanted: Words): boolean =>
  Object.entries(wanted).every(([name, value]) => (labels[name] ?? '') === value)

export type RouteWords = Partial<
  Omit<Route, 'matchers'> & { labels: Words; wait: number; interval: number; repeat: number }
>

// Waits of a second and rare repeats, unless stated.
export function routeOf(words: RouteWords = {}): Route {
  const { labels = {}, wait = 1, interval = 1, repeat = 10_000, ...rest } = words
  const matchers = Object.entries(labels).map(([name, value]) => {
    const isMet = (all: Labels): boolean => (all[name] ?? '') === value
    return { name, op: '=' as const, value, matches: isMet }
  })
  return {
    key: `{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`)}}`,
    receiver: 'hook',
    groupBy: ['alertname'],
    groupWaitMs: wait * second,
    groupIntervalMs: interval * second,
    urgentWaitMs: wait * second,
    urgentIntervalMs: interval * second,
    repeatMs: repeat * second,
    continues: false,
    mutes: [],
    actives: [],
    routes: [],
    ...rest,
    matchers,
  }
}

// `hook` has integrations hook/0, hook/1 …, one for each: does it tell ends?
export function receiverOf(name: string, ...tellsEnds: readonly boolean[]): Receiver {
  const integrations = tellsEnds.map(
    (each, at): Integration => ({ id: `${name}/${at}`, channel: 'webhook', settings: null, tellsEnds: each }),
  )
  return { name, integrations }
}

export function alertOf(words: Words, rest: Partial<KnownAlert> = {}): KnownAlert {
  const labels = labelsOf(Object.entries(words))
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: labelsOf([]),
    startsAtMs: 0,
    endsAtMs: null,
    stale: false,
    value: '',
    generatorUrl: '',
    updatedAtMs: 0,
    ...rest,
  }
}

export function openWorld(setup: Setup) {
  const shelf = openShelf()
  let silences: readonly Suppression[] = []
  let now = 0
  let current = setup
  let rules = rulesOf(setup)
  let timeline = new Timeline({ rules, saved: shelf.saved(), nowMs: 0 })
  const tellings: Telling[] = []
  const held: Held[] = []
  const said: string[] = []
  const outcomes: Outcome[] = []

  function rulesOf({ route, receivers, inhibitions = [], intervals = {} }: Setup): TimelineRules {
    return {
      route,
      receivers: new Map(receivers.map(each => [each.name, each])),
      inhibitor: inhibitorOf(inhibitions),
      silencedBy: (labels, nowMs) =>
        silences
          .filter(({ from, to }) => from * second <= nowMs && nowMs < to * second)
          .filter(each => matches(labels, each.labels))
          .map(({ id }) => id),
      isWithin: (name, atMs) => {
        const [from = 0, to = 0] = intervals[name] ?? []
        return from * second <= atMs && atMs < to * second
      },
    }
  }
  // What came of it, saved; the message as it is made in this moment.
  function settle(): void {
    const outcome = timeline.takeOutcome()
    if (outcome === undefined) return
    outcomes.push(outcome)
    shelf.save(outcome)
    tellings.push(...outcome.tellings)
    held.push(...outcome.held)
    for (const telling of outcome.tellings) said.push(sentence(telling))
  }
  function sentence({ atMs, integration, reason, firing, resolved, begun }: Telling): string {
    const name = (id: string): string => {
      const { alert } = timeline.alert(id, atMs) ?? {}
      // Forgotten in the same moment.
      if (alert === undefined) return '?'
      const { alertname: _, ...rest } = alert.labels
      const words = [alert.labels['alertname'], ...Object.values(rest), ...Object.values(alert.annotations)]
      return `${words.join('.')}@${alert.startsAtMs / second}`
    }
    const ended = (id: string): string => {
      const { endsAtMs } = timeline.alert(id, atMs)?.alert ?? {}
      const end = typeof endsAtMs === 'number' ? `-${endsAtMs / second}` : ''
      return `-${name(id)}${end}${begun.includes(id) ? '!' : ''}`
    }
    const all = [...firing.map(name).sort(), ...resolved.map(ended).sort()]
    return `${atMs / second} ${integration} ${reason}: ${all.join(' ')}`
  }
  function runUntil(until: number): void {
    for (;;) {
      const dueMs = timeline.nextDueMs()
      if (dueMs > until * second) break
      now = Math.max(now, dueMs / second)
      timeline.advanceTo(now * second)
      settle()
    }
    now = until
  }
  const world = {
    tellings,
    held,
    outcomes,
    shelf,
    get rules() {
      return rules
    },
    get timeline() {
      return timeline
    },
    at(at: number) {
      runUntil(at)
      return world
    },
    // Nothing is done until then, as in an outage.
    jumpTo(at: number) {
      now = at
      timeline.advanceTo(now * second)
      settle()
      return world
    },
    // As the intake makes an alert of a post: what is not told, it assumes.
    post(words: Words, from = now, to?: number, annotation = '') {
      const end = to ?? now + (setup.resolveTimeout ?? 300)
      const annotations = labelsOf([['ann', annotation]])
      const times = { startsAtMs: from * second, endsAtMs: end * second, updatedAtMs: now * second }
      return world.take([alertOf(words, { ...times, annotations, isEndAssumed: to === undefined })])
    },
    // As our own rules say it: no end is known before it comes.
    begin(words: Words, from = now) {
      return world.take([alertOf(words, { startsAtMs: from * second, updatedAtMs: now * second })])
    },
    end(words: Words) {
      const { startsAtMs } = timeline.alert(alertOf(words).fingerprint, now * second)!.alert
      return world.take([alertOf(words, { startsAtMs, endsAtMs: now * second, updatedAtMs: now * second })])
    },
    take(alerts: readonly KnownAlert[]) {
      timeline.take(alerts, now * second)
      settle()
      return world
    },
    silence(id: string, labels: Words, from: number, to: number) {
      silences = [...silences, { id, labels, from, to }]
      timeline.reload(rules, now * second)
      settle()
      return world
    },
    expire(id: string) {
      silences = silences.map(each => (each.id === id ? { ...each, to: now } : each))
      timeline.reload(rules, now * second)
      settle()
      return world
    },
    reload(next: Partial<Setup> = {}) {
      // A file that is read again makes other objects, even of the same words.
      current = { ...current, route: { ...current.route }, ...next }
      rules = rulesOf(current)
      timeline.reload(rules, now * second)
      settle()
      return world
    },
    // Everything in memory is gone.
    kill(next: Partial<Setup> = {}, at = now) {
      now = at
      current = { ...current, ...next }
      rules = rulesOf(current)
      timeline = new Timeline({ rules, saved: shelf.saved(), nowMs: now * second })
      return world
    },
    // Why somebody was not told, since when.
    reasons: () =>
      held.map(({ atMs, reason }) => `${atMs / second} ${reason?.kind ?? 'free'} ${reason?.by ?? ''}`.trim()),
    // What was said, in order.
    until(at: number): string[] {
      runUntil(at)
      return said
    },
  }
  return world
}

// Slowly, and from the words of the manual.
function inhibitorOf(inhibitions: readonly Inhibition[]): Inhibitor {
  const alerts = new Map<string, KnownAlert>()
  return {
    set: alert => void alerts.set(alert.fingerprint, alert),
    delete: id => void alerts.delete(id),
    inhibitedBy: (labels, nowMs) => {
      if (inhibitions.length === 0) return undefined
      const own = fingerprint(labels)
      return [...alerts.values()]
        .filter(each => each.fingerprint !== own && !isResolved(each, nowMs))
        .filter(source =>
          inhibitions.some(
            each =>
              matches(labels, each.target) &&
              matches(source.labels, each.source) &&
              each.equal.every(name => labels[name] === source.labels[name]),
          ),
        )
        .map(each => each.fingerprint)
        .sort()[0]
    },
  }
}
