// Alerts for people: those of the front page, where they look who have set up no channel yet, and lines of the log. Called
// by start.ts.
import { annotationIn } from '#core/annotations.ts'
import type { Bus } from '#core/bus.ts'
import { canaryGroup, isCanary } from '#core/canary.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { fingerprint } from '#core/labels.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition, Labels } from '#core/model.ts'
import { isResolved } from '../alerter/alert.ts'
import type { AlerterView } from '../alerter/api/view.ts'
import type { AlertView } from '../alerter/timeline/views.ts'
import { shorten } from '../alerter/words.ts'
import type { ShownAlert } from '../query/front/facts.ts'
import type { FrontOptions } from '../query/front-page.ts'
import type { ViewGroups } from '../rules/view.ts'

type Shown = Pick<FrontOptions, 'firing' | 'incidents'>

// The alerter knows of all alerts, those that were posted too; without one, only those of our rules are known.
export function shownAlerts(rules: ViewGroups | undefined, alerter: Told | undefined, clock: Clock): Shown {
  if (alerter !== undefined) {
    return {
      firing: soon(() => firingOf(alerter, clock.nowMs()), clock),
      incidents: fingerprints => incidentsOf(alerter, fingerprints),
    }
  }
  return rules === undefined ? {} : { firing: () => firingIn(rules) }
}

// A storm of 50 000 takes a tenth of a second to look at, and many people look at it.
const keptMs = 1_000

function soon<T>(look: () => Promise<T>, clock: Clock): () => Promise<T> {
  let last: Readonly<{ atMs: number; found: Promise<T> }> | undefined
  return () => {
    const atMs = clock.nowMs()
    if (last === undefined || Math.abs(atMs - last.atMs) >= keptMs) last = { atMs, found: look() }
    return last.found
  }
}

type Told = Pick<AlerterView, 'alerts' | 'seats' | 'incidents'>

async function firingOf(view: Told, nowMs: number): Promise<ShownAlert[]> {
  const found: ShownAlert[] = []
  for (const { alert, silencedBy, inhibitedBy, mutedBy } of await view.alerts()) {
    if (isResolved(alert, nowMs)) continue
    const held = heldBy({ silencedBy, inhibitedBy, mutedBy })
    found.push({
      fingerprint: alert.fingerprint,
      labels: alert.labels,
      annotations: alert.annotations,
      sinceMs: alert.startsAtMs,
      ...(held && { held }),
    })
  }
  return found
}

type Holding = Pick<AlertView, 'silencedBy' | 'inhibitedBy' | 'mutedBy'>

function heldBy({ silencedBy, inhibitedBy, mutedBy }: Holding): ShownAlert['held'] {
  if (silencedBy.length > 0) return 'silenced'
  if (inhibitedBy.length > 0) return 'inhibited'
  return mutedBy.length > 0 ? 'muted' : undefined
}

const incidentsMax = 1_000

// The newest where it is in several groups.
async function incidentsOf(
  view: Told,
  fingerprints: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>()
  if (fingerprints.length === 0) return numbers
  const open = await view.incidents({ isOpen: true, limit: incidentsMax })
  const byGroup = new Map(open.map(({ group, number }) => [group, number]))
  for (const fingerprint of fingerprints) {
    const seats = (await view.seats(fingerprint)).filter(({ told }) => told.length > 0)
    const found = seats.flatMap(({ group }) => byGroup.get(group) ?? [])
    if (found.length > 0) numbers.set(fingerprint, Math.max(...found))
  }
  return numbers
}

async function firingIn(view: ViewGroups): Promise<ShownAlert[]> {
  const groups = await view()
  return groups
    .filter(({ group }) => group.name !== canaryGroup)
    .flatMap(({ rules }) => rules.flatMap(({ alerts }) => [...alerts.values()]))
    .filter(({ phase }) => phase === 'firing')
    .map(({ labels, annotations, firedAtMs, activeAtMs }) => ({
      fingerprint: fingerprint(labels),
      labels,
      annotations,
      sinceMs: firedAtMs ?? activeAtMs,
    }))
}

// Of a storm some each second, and how many more: whoever posts it may do so in thousands of small pieces.
const linesMax = 10
const linesMs = 1_000

export async function logAlerts(bus: Bus, log: Log, clock: Clock): Promise<AsyncDisposable> {
  // Beginnings have lines of their own: an end that nobody needs to read hides none.
  const lines = { begun: 0, ended: 0 }
  let left = 0
  let timer: Timer | undefined
  const turn = (): void => {
    timer = undefined
    if (left > 0) log.warn('alert', `${left} more alerts began or ended within a second`)
    lines.begun = lines.ended = left = 0
  }
  const subscription = await bus.subscribe('alerts', 'log', async found => {
    for (const each of found) {
      if (isCanary(each.alert)) continue
      timer ??= clock.after(linesMs, turn)
      const what = each.alert.state === 'firing' ? 'begun' : 'ended'
      if (lines[what] < linesMax) logOne(each, log)
      else left += 1
      lines[what] += 1
    }
  })
  return {
    async [Symbol.asyncDispose]() {
      try {
        await subscription.stop()
      } finally {
        timer?.cancel()
        turn()
      }
    },
  }
}

// Of each text of an alert: whoever posts them decides how long they are, and the log is read by people.
const charsMax = 500

// What lies far behind the cut is not looked at: a storm brings megabytes of it.
const short = (text: string, chars: number): string => shorten(text.slice(0, 4 * charsMax), { chars })

function logOne({ alert, reason }: AlertTransition, log: Log): void {
  const { state, labels, annotations, value, stale } = alert
  const summary = annotationIn('en', annotations, 'summary')
  const told = {
    ...shortLabels(labels),
    ...(summary === '' ? {} : { summary: short(summary, charsMax) }),
    value,
    ...(stale ? { stale } : {}),
    ...(reason === null ? {} : { reason }),
  }
  // The log says equal lines once, so that each alert has to have a line of its own.
  const { alertname = '', ...rest } = labels
  const line = `${state}: ${alertname} ${Object.values(rest).join(' ')}`
  const cut = short(line, charsMax)
  const own = cut === line ? line : `${cut} ${alert.fingerprint}`
  if (state === 'firing') log.warn('alert', own, told)
  else log.info('alert', own, told)
}

// As many as there is room for, its name first.
function shortLabels(labels: Labels): Readonly<{ labels: Labels; labelsLeftOut?: number }> {
  const { alertname, ...rest } = labels
  const all = Object.entries(alertname === undefined ? rest : { alertname, ...rest })
  const kept: [string, string][] = []
  let room = charsMax
  for (const [name, value] of all) {
    if (name.length >= room) break
    const cut = short(value, room - name.length)
    kept.push([name, cut])
    room -= name.length + cut.length
  }
  const left = all.length - kept.length
  return { labels: Object.fromEntries(kept), ...(left > 0 && { labelsLeftOut: left }) }
}
