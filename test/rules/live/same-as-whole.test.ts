// Whatever is evaluated on arrival comes to the same alerts as evaluating every rule as a whole at each moment would.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf, labelsOf } from '#core/labels.ts'
import type { AlertTransition } from '#core/model.ts'
import { isStale } from '#core/stale.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { atOnce } from '../../../rules/ask.ts'
import { evaluateRule, type RuleState, unknown } from '../../../rules/evaluate-rule.ts'
import { ruleAlerts, viewsOf } from '../../../rules/live/shown.ts'
import type { Alerts } from '../../../rules/state.ts'
import { runs } from '../../runs.ts'
import { driven, groupsOf, lookbackMs, type Sample } from './driven.ts'
import { type Arrival, arrival, ruleFile } from './random-rules.ts'

// So that no lookback ends when others arrive, which whole rules would see only after their rest.
const underwayMs = 130

// A sample of one series and time has one value, and no marker is followed by a value of the same time.
function samplesOf({ samples }: Arrival, atMs: number, taken: Set<string>): Sample[] {
  return samples.flatMap(({ name, host, path, value, lateS }) => {
    // Two sizes of one host are an error of the rules that look at them, for all hosts.
    const isSecond = name === 'size' && host === 'c' && path === '/x' && value !== 0
    const labels = name === 'used' || isSecond ? { host, path } : { host }
    const tMs = name === 'load' ? atMs : atMs - lateS * 1_000 - underwayMs
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
    health: () => groups.flatMap(({ rules }) => rules.map(({ id }) => states.get(id)?.health)),
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

const healthIn = ({ live }: World) => viewsOf(live).flatMap(({ rules }) => rules.map(({ health }) => health))

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

// What rules have recorded by then, as a store would have it.
function recordedBy({ recorder, table }: World, nowMs: number): Sample[] {
  const { series = [], tMs = [], values = [] } = recorder.take(nowMs)?.rows() ?? {}
  return [...series].map((number, at) => {
    const { name, labels } = table.get(number)
    const value = values[at]!
    return [name, labels, isStale(values as Float64Array, at) ? 'stale' : value, tMs[at]!] as const
  })
}

// Of two samples of one series and time a store has the later.
const lastOf = (samples: readonly Sample[]): Sample[] => [
  ...new Map(samples.map(each => [JSON.stringify([each[0], each[1], each[3]]), each])).values(),
]

type Walk = Readonly<{ reference: ReturnType<typeof whole>; moments: Set<number>; stored: Sample[] }>

// Steps to every moment at which anything may happen, and looks then.
function walk(w: World, untilMs: number, { reference, moments, stored }: Walk): void {
  for (;;) {
    const asked = [...moments].filter(each => each > w.live.nowMs)
    const nextMs = Math.min(w.live.nextDueMs(), w.recorder.nextDueMs, ...asked)
    if (nextMs > untilMs) break
    w.runUntil(nextMs)
    stored.push(...recordedBy(w, nextMs))
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
  const stored: Sample[] = []
  const walking = { reference, moments, stored }
  const said: AlertTransition[] = []
  let nowMs = 0
  reference.evaluate(0)
  for (const [at, each] of arrivals.entries()) {
    walk(w, nowMs + each.waitS * 1_000, walking)
    nowMs += each.waitS * 1_000
    const samples = samplesOf(each, nowMs, taken)
    stored.push(...samples)
    for (const [, , , tMs = 0] of samples) {
      for (const awayMs of [lookbackMs, 30_000, 60_000]) moments.add(tMs + awayMs)
    }
    for (const awayMs of [500, 10_000, 60_000, 300_000]) moments.add(nowMs + awayMs)
    w.sample(nowMs, samples)
    for (const sample of samples) reference.put(sample)
    reference.evaluate(nowMs)
    const isExact = exactIn(w)
    expect([nowMs, ...activeIn(w, isExact)]).toEqual([nowMs, ...reference.active(isExact)])
    walk(w, nowMs + 500, walking)
    expect([nowMs, ...activeIn(w, isAny)]).toEqual([nowMs, ...reference.active(isAny)])
    expect([nowMs, ...healthIn(w)]).toEqual([nowMs, ...reference.health()])
    if (at === restartAt) {
      said.push(...w.transitions)
      const last = recordedBy(w, nowMs + 1_000)
      stored.push(...last.filter(([, , , tMs = 0]) => tMs <= nowMs + 500))
      w = driven(text, { nowMs: nowMs + 500, saved: w.saved(), warm: lastOf(stored) })
      walk(w, nowMs + 501, walking)
      expect([nowMs, ...activeIn(w, isAny)]).toEqual([nowMs, ...reference.active(isAny)])
    }
  }
  alternate([...said, ...w.transitions])
}

test('rules evaluated on arrival come to the same alerts as all of them at each moment', () => {
  fc.assert(fc.property(ruleFile, fc.array(arrival, { minLength: 5, maxLength: 40 }), fc.nat(60), run), {
    numRuns: runs(6),
  })
})
