// Whatever is evaluated on arrival comes to the same alerts as evaluating every rule as a whole at each moment would.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf, labelsOf } from '#core/labels.ts'
import type { AlertTransition } from '#core/model.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { atOnce } from '../../../rules/ask.ts'
import { evaluateRule, type RuleState, unknown } from '../../../rules/evaluate-rule.ts'
import { ruleAlerts } from '../../../rules/live/shown.ts'
import type { Alerts } from '../../../rules/state.ts'
import { driven, groupsOf, lookbackMs, type Sample } from './driven.ts'

const hosts = ['a', 'b', 'c']
// `load` is read over windows, where late samples count only with the next change; so it has none.
const names = ['cpu', 'used', 'size', 'load'] as const

// Whole rules may be late by their rest. Their durations end between samples, so that it makes no other alert of them.
const exact = [
  'cpu > 5',
  'cpu * 2 > 10 and cpu < 9',
  '-cpu < -7 or cpu == 2',
  'cpu + cpu > bool 10',
  'used / on (host) size > 1',
  'used > on (host, path) group_left () size',
  'max by (host) (used) > 5',
  'cpu > 3 unless on (host) size > 6',
  'avg_over_time(load[1m]) > 5',
  'max_over_time(load[30s]) - min_over_time(load[30s]) > 3',
  'changes(load[1m]) > 1',
  'double > 10',
  'by_host > 8',
]
const wide = [
  'count(cpu > 5) > 1',
  'absent(cpu)',
  'sum(used) > 10',
  'many > 1',
  'cpu > on () group_left () max(size)',
]
const records = [
  '  - {record: double, expr: cpu * 2}',
  '  - {record: by_host, expr: "sum by (host) (used)"}',
  '  - {record: many, expr: count(cpu > 4)}',
]

const label = fc.constantFrom('', '', '', '{host: all}', '{path: ""}', '{severity: page}')
const alert = (exprs: readonly string[], times: readonly string[], keeps: readonly string[]) =>
  fc.record({
    expr: fc.constantFrom(...exprs),
    labels: label,
    hold: fc.constantFrom(...times),
    keep: fc.constantFrom(...keeps),
  })
const wideAlert = alert(wide, ['0s', '7s500ms'], ['0s', '4s250ms'])
// Those that an error may make whole have the durations of whole ones.
const exactAlert = alert(
  exact,
  ['0s', '0s', '10s', '1m', '5m', '7s500ms'],
  ['0s', '0s', '20s', '4s250ms'],
).map(each => {
  const mayFail = /host|path/.test(each.labels) || each.expr.includes('on (host) size')
  return mayFail ? { ...each, hold: '7s500ms', keep: each.keep === '0s' ? '0s' : '4s250ms' } : each
})

const ruleFile = fc
  .record({
    exacts: fc.array(exactAlert, { minLength: 1, maxLength: 5 }),
    wides: fc.array(wideAlert, { maxLength: 2 }),
    limited: fc.boolean(),
    after: fc.boolean(),
  })
  .map(({ exacts, wides, limited, after }) => {
    const line = (of: string, { expr, labels, hold, keep }: (typeof exacts)[number], at: number) => {
      const more = labels === '' ? '' : `, labels: ${labels}`
      return `  - {alert: ${of}${at}, expr: "${expr}", for: ${hold}, keep_firing_for: ${keep}${more}}`
    }
    return [
      'groups:',
      '- name: records',
      '  rules:',
      ...records,
      '- name: exact',
      '  rules:',
      ...exacts.map((each, at) => line('Exact', each, at)),
      ...(wides.length > 0 ? ['- name: wide', '  rules:'] : []),
      ...wides.map((each, at) => line('Wide', each, at)),
      ...(limited ? ['- name: limited', '  limit: 1', '  rules:', '  - {alert: Wide9, expr: cpu > 6}'] : []),
      ...(after
        ? ['- name: after', '  rules:', `  - {alert: Wide8, expr: 'count(ALERTS{alertname="Exact0"}) > 1'}`]
        : []),
    ].join('\n')
  })

const arrival = fc.record({
  waitS: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 30 }) },
    { weight: 1, arbitrary: fc.constantFrom(60, 300, 301, 1_200, 8_000) },
  ),
  samples: fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      host: fc.constantFrom(...hosts),
      path: fc.constantFrom('', '/', '/x'),
      value: fc.oneof(
        { weight: 12, arbitrary: fc.integer({ min: 0, max: 10 }) },
        { weight: 1, arbitrary: fc.constant('stale' as const) },
      ),
      lateS: fc.constantFrom(0, 0, 0, 0, 5, 40),
    }),
    { minLength: 1, maxLength: 5 },
  ),
})
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never

// A sample of one series and time has one value, and no marker is followed by a value of the same time.
function samplesOf({ samples }: Arrival, atMs: number, taken: Set<string>): Sample[] {
  return samples.flatMap(({ name, host, path, value, lateS }) => {
    // Two sizes of one host would be an error of the rule wherever else it is evaluated, which only a whole one sees.
    const labels = name === 'used' ? { host, path } : { host }
    const tMs = name === 'load' ? atMs : atMs - lateS * 1_000
    const key = JSON.stringify([name, labels, tMs])
    if (tMs < 0 || taken.has(key)) return []
    taken.add(key)
    return [[name, labels, value, tMs] as const]
  })
}

// Every rule at every moment.
function whole(text: string) {
  const groups = groupsOf(text)
  const source = new MemorySource()
  const states = new Map<string, RuleState>()
  return {
    put([name, labels, value, tMs = 0]: Sample): void {
      source.put({ name, labels: labelsOf(Object.entries(labels)) }, tMs, value)
    },
    evaluate(nowMs: number): void {
      const world = { nowMs, source, externalLabels: labelsOf([]), externalUrl: '', options: { lookbackMs } }
      for (const group of groups) {
        for (const rule of group.rules) {
          const stepped = atOnce(evaluateRule(rule, states.get(rule.id) ?? unknown, world, group))
          states.set(rule.id, stepped.state)
          for (const { series, tMs, value } of stepped.samples) source.put(series, tMs, value)
        }
      }
    },
    active: (isShown: (name: string) => boolean) =>
      groups.flatMap(({ rules }) =>
        rules.flatMap(rule =>
          rule.kind === 'alert' && isShown(rule.alert)
            ? activeOf(rule.alert, states.get(rule.id)?.alerts ?? new Map())
            : [],
        ),
      ),
  }
}

const activeOf = (name: string, alerts: Alerts): string[] =>
  [...alerts]
    .filter(([, { phase }]) => phase !== 'resolved')
    .map(([key, { phase, labels }]) => `${name} ${phase} ${keyOf({ name: key, labels })}`)
    .sort()

type World = ReturnType<typeof driven>

// Those that are just now not evaluated as a whole.
function exactIn({ live }: World): (name: string) => boolean {
  const names = live.seats.flatMap(({ plan, isWhole }) =>
    plan.rule.kind === 'alert' && !isWhole ? plan.rule.alert : [],
  )
  return name => names.includes(name)
}

const isAny = (): boolean => true

const activeIn = ({ live }: World, isShown: (name: string) => boolean): string[] =>
  [...ruleAlerts(live)].flatMap(({ rule, alerts }) =>
    isShown(rule.alert) ? activeOf(rule.alert, alerts) : [],
  )

function alternate(transitions: readonly AlertTransition[]): void {
  expect(new Set(transitions.map(each => each.id)).size).toBe(transitions.length)
  const firing = new Set<string>()
  for (const { alert } of transitions) {
    const key = `${alert.rule.id} ${alert.fingerprint}`
    expect(firing.has(key)).toBe(alert.state === 'resolved')
    if (alert.state === 'firing') firing.add(key)
    else firing.delete(key)
  }
}

// Steps to every moment at which anything may happen, and looks then.
function walk(w: World, reference: ReturnType<typeof whole>, untilMs: number, moments: Set<number>): void {
  for (;;) {
    const asked = [...moments].filter(each => each > w.live.nowMs)
    const nextMs = Math.min(w.live.nextDueMs(), w.recorder.nextDueMs, ...asked)
    if (nextMs > untilMs) break
    w.runUntil(nextMs)
    w.recorder.take(nextMs)
    w.live.changedAside()
    w.runUntil(nextMs)
    reference.evaluate(w.live.nowMs)
    const isExact = exactIn(w)
    expect([w.live.nowMs, ...activeIn(w, isExact)]).toEqual([w.live.nowMs, ...reference.active(isExact)])
  }
  w.runUntil(untilMs)
}

function run(text: string, arrivals: readonly Arrival[], restartAt: number): void {
  let w = driven(text)
  const reference = whole(text)
  const taken = new Set<string>()
  const moments = new Set<number>()
  const all: Sample[] = []
  const said: AlertTransition[] = []
  let nowMs = 0
  reference.evaluate(0)
  for (const [at, each] of arrivals.entries()) {
    walk(w, reference, nowMs + each.waitS * 1_000, moments)
    nowMs += each.waitS * 1_000
    const samples = samplesOf(each, nowMs, taken)
    all.push(...samples)
    for (const [, , , tMs = 0] of samples) {
      for (const awayMs of [lookbackMs, 30_000, 60_000]) moments.add(tMs + awayMs)
    }
    for (const awayMs of [500, 10_000, 60_000, 300_000]) moments.add(nowMs + awayMs)
    w.sample(nowMs, samples)
    for (const sample of samples) reference.put(sample)
    reference.evaluate(nowMs)
    const isExact = exactIn(w)
    expect([nowMs, ...activeIn(w, isExact)]).toEqual([nowMs, ...reference.active(isExact)])
    walk(w, reference, nowMs + 500, moments)
    expect([nowMs, ...activeIn(w, isAny)]).toEqual([nowMs, ...reference.active(isAny)])
    if (at === restartAt) {
      said.push(...w.transitions)
      w = driven(text, { nowMs: nowMs + 500, saved: w.saved(), warm: all })
      walk(w, reference, nowMs + 501, moments)
      expect([nowMs, ...activeIn(w, isAny)]).toEqual([nowMs, ...reference.active(isAny)])
    }
  }
  alternate([...said, ...w.transitions])
}

test('rules evaluated on arrival come to the same alerts as all of them at each moment', () => {
  fc.assert(fc.property(ruleFile, fc.array(arrival, { minLength: 5, maxLength: 40 }), fc.nat(60), run), {
    numRuns: 60,
  })
}, 60_000)
