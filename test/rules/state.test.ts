import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint, labelsOf, noLabels } from '#core/labels.ts'
import type { AlertRule } from '../../rules/rule.ts'
import {
  type Alerts,
  advance,
  changesAtMs,
  type Instance,
  resolvedKeptMs,
  type Step,
  step,
} from '../../rules/state.ts'
import { alertRule } from './rules-of.ts'

const minute = 60_000

const instance = (host: string, value = 1): readonly [string, Instance] => {
  const labels = labelsOf([
    ['alertname', 'A'],
    ['host', host],
  ])
  return [fingerprint(labels), { labels, annotations: noLabels, value }]
}

const found = (hosts: string): ReadonlyMap<string, Instance> =>
  new Map([...hosts].map(each => instance(each)))

// A line of time: at each minute the hosts for which the condition holds. The answer are what was said and, at the
// end, the phases.
function live(rule: AlertRule, minutes: readonly string[], before: Alerts = new Map()): string[] {
  let alerts = before
  const said: string[] = []
  for (const [at, hosts] of minutes.entries()) {
    const { next, transitions } = step(rule, alerts, found(hosts), at * minute)
    alerts = next
    said.push(...transitions.map(each => `${at}m ${each.state} ${each.alert.labels['host']}`))
  }
  return [...said, ...[...alerts.values()].map(each => `${each.phase} ${each.labels['host']}`)]
}

test('a condition becomes an alert, and ends', () => {
  const t = (forMinutes: number, minutes: string[], ...wanted: string[]) =>
    expect(live(alertRule({ forMs: forMinutes * minute }), minutes), minutes.join(' ')).toEqual(wanted)

  t(0, ['a'], '0m firing a', 'firing a')
  t(1, ['a'], 'pending a')
  t(1, ['a', 'a'], '1m firing a', 'firing a')
  // What was never announced leaves without a word.
  t(2, ['a', 'a', ''])
  // A gap begins the waiting anew.
  t(2, ['a', 'a', '', 'a', 'a'], 'pending a')
  t(0, ['a', '', ''], '0m firing a', '1m resolved a', 'resolved a')
  t(0, ['a', '', 'a'], '0m firing a', '1m resolved a', '2m firing a', 'firing a')
  t(1, ['a', 'ab', 'b'], '1m firing a', '2m resolved a', '2m firing b', 'resolved a', 'firing b')
})

test('a resolved alert is remembered for fifteen minutes', () => {
  const rule = alertRule()
  const quiet = (count: number): string[] => ['a', ...new Array<string>(count).fill('')]
  expect(live(rule, quiet(16))).toContain('resolved a')
  expect(live(rule, quiet(17))).not.toContain('resolved a')
})

test('keep_firing_for outlasts gaps', () => {
  const rule = alertRule({ keepFiringMs: 3 * minute })
  expect(live(rule, ['a', '', '', ''])).toEqual(['0m firing a', 'firing a'])
  expect(live(rule, ['a', '', '', '', ''])).toEqual(['0m firing a', '4m resolved a', 'resolved a'])
  // Its return begins the keeping anew.
  expect(live(rule, ['a', '', '', 'a', '', '', ''])).toEqual(['0m firing a', 'firing a'])
})

test('value and annotations are those of now, and no new state', () => {
  const rule = alertRule({ forMs: minute })
  const [key, one] = instance('a', 1)
  const first = step(rule, new Map(), new Map([[key, one]]), 0)
  expect(first).toMatchObject({ changed: [key], transitions: [], active: 1 })
  const annotations = labelsOf([['summary', 'two']])
  const second = step(rule, first.next, new Map([[key, { ...one, value: 2, annotations }]]), 1_000)
  expect(second).toMatchObject({ changed: [], transitions: [], active: 1 })
  expect(second.next.get(key)).toMatchObject({ value: 2, annotations, activeAtMs: 0 })
  // The end tells the last that was known.
  const fired = step(rule, second.next, new Map([[key, one]]), minute)
  const over = step(rule, fired.next, new Map(), 2 * minute)
  expect(over.transitions[0]?.alert).toMatchObject({ value: 1, firedAtMs: minute, resolvedAtMs: 2 * minute })
})

test('a longer `for` takes a firing alert back, and whoever heard of it is told', () => {
  const rule = alertRule()
  const { next } = step(rule, new Map(), found('a'), 0)
  const longer = alertRule({ forMs: 10 * minute })
  const back = step(longer, next, found('a'), minute)
  expect(back.transitions).toMatchObject([
    { state: 'resolved', reason: '`for` of the rule was made longer', sinceMs: minute },
  ])
  const [[, alert]] = [...back.next] as [[string, object]]
  expect(alert).toMatchObject({ phase: 'pending', activeAtMs: 0 })
  expect(alert).not.toHaveProperty('firedAtMs')
  expect(step(longer, back.next, found('a'), 10 * minute).transitions).toMatchObject([{ state: 'firing' }])
  // A rule whose `for` is shorter than what was waited stays.
  expect(step(alertRule({ forMs: minute }), next, found('a'), minute).transitions).toEqual([])
})

test('a clock that goes back ends nothing and begins nothing', () => {
  const rule = alertRule({ forMs: 5 * minute, keepFiringMs: minute })
  const pending = step(rule, new Map(), found('a'), 100 * minute)
  const fired = step(rule, pending.next, found('a'), 105 * minute)
  expect(step(rule, fired.next, found('a'), 50 * minute).transitions).toEqual([])
  expect(step(rule, pending.next, found('a'), 50 * minute).transitions).toEqual([])
})

test('each transition has an id of its own, the same in a replay', () => {
  const rule = alertRule()
  const replay = (): string[] => {
    const ids: string[] = []
    let alerts: Alerts = new Map()
    // On arrival, several evaluations may fall into one millisecond.
    for (const [hosts, atMs] of [
      ['a', 5],
      ['', 5],
      ['a', 5],
      ['', 5],
      ['a', 5],
      ['ab', 6],
      ['', 7],
    ] as const) {
      // biome-ignore format: a table
      const stepped: Step = step(rule, alerts, found(hosts), atMs)
      alerts = stepped.next
      ids.push(...stepped.transitions.map(each => each.id))
    }
    return ids
  }
  const ids = replay()
  expect(ids).toHaveLength(8)
  expect(new Set(ids).size).toBe(8)
  expect(replay()).toEqual(ids)
})

test('when time alone changes an alert is known before', () => {
  const rule = alertRule({ forMs: 2 * minute, keepFiringMs: minute })
  const [key, one] = instance('a')
  const at = (nowMs: number, was: Alerts, hosts: string): Alerts => step(rule, was, found(hosts), nowMs).next
  const pending = at(0, new Map(), 'a')
  expect(changesAtMs(rule, pending.get(key)!)).toBe(2 * minute)
  const firing = at(2 * minute, pending, 'a')
  expect(changesAtMs(rule, firing.get(key)!)).toBeUndefined()
  const kept = at(3 * minute, firing, '')
  expect(changesAtMs(rule, kept.get(key)!)).toBe(4 * minute)
  const resolved = at(4 * minute, kept, '')
  const forgottenMs = changesAtMs(rule, resolved.get(key)!)!
  expect(forgottenMs).toBe(4 * minute + resolvedKeptMs + 1)
  expect(at(forgottenMs - 1, resolved, '').size).toBe(1)
  expect(at(forgottenMs, resolved, '').size).toBe(0)
  expect(advance({ rule, key, nowMs: 0 }, undefined, undefined)).toEqual({ isChanged: false })
  expect(advance({ rule, key, nowMs: 0 }, undefined, one).isChanged).toBe(true)
})

// Slowly and from the words of Prometheus' documentation: an alert is what the whole history of one label set says.
//   `for`: it fires once the condition was there at each evaluation of that time.
//   `keep_firing_for`: it goes on firing for that time after the condition was last cleared.
function reference(history: readonly (readonly [number, boolean])[], forMs: number, keepMs: number): string {
  let [since, clearedAt, isFiring] = [-1, -1, false]
  for (const [tMs, holds] of history) {
    if (isFiring && !holds) {
      if (clearedAt < 0) clearedAt = tMs
      if (tMs - clearedAt >= keepMs) [since, clearedAt, isFiring] = [-1, -1, false]
    } else if (!holds) since = -1
    else {
      clearedAt = -1
      if (since < 0) since = tMs
      if (tMs - since >= forMs) isFiring = true
    }
  }
  return isFiring ? 'firing' : since < 0 ? 'inactive' : 'pending'
}

test('whatever happens, the state is what the documentation says of the history', () => {
  const gap = fc.constantFrom(1, 500, 1_000, 3_000, 7_000)
  const moments = fc.array(fc.tuple(gap, fc.subarray(['a', 'b', 'c'])), { maxLength: 40 })
  const durations = fc.constantFrom(0, 1, 1_000, 5_000, 10_000)
  fc.assert(
    fc.property(moments, durations, durations, (timeline, forMs, keepFiringMs) => {
      const rule = alertRule({ forMs, keepFiringMs })
      let alerts: Alerts = new Map()
      const told = new Map<string, string>()
      const past: (readonly [number, ReadonlySet<string>])[] = []
      let nowMs = 0
      for (const [gapMs, hosts] of timeline) {
        nowMs += gapMs
        past.push([nowMs, new Set(hosts)])
        const { next, transitions, active } = step(rule, alerts, found(hosts.join('')), nowMs)
        alerts = next
        expect(active).toBe([...next.values()].filter(({ phase }) => phase !== 'resolved').length)
        for (const { state, alert } of transitions) {
          // Begin and end take turns.
          const host = alert.labels['host']!
          expect(told.get(host) === 'firing').toBe(state === 'resolved')
          told.set(host, state)
        }
        for (const host of ['a', 'b', 'c']) {
          const history = past.map(([tMs, all]) => [tMs, all.has(host)] as const)
          const wanted = reference(history, forMs, keepFiringMs)
          const phase = next.get(instance(host)[0])?.phase ?? 'inactive'
          expect(phase === 'resolved' ? 'inactive' : phase).toBe(wanted)
          expect(told.get(host) === 'firing').toBe(wanted === 'firing')
        }
      }
    }),
  )
})
