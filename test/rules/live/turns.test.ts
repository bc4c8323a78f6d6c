// What evaluations cost, by group: of many small ones some are timed and count for all, and others' turns do not count.
import { expect, test } from 'vitest'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { finish } from '../../../rules/ask.ts'
import { Turns } from '../../../rules/live/turns.ts'
import { driven, type Sample } from './driven.ts'

// A millisecond for each look at the clock, and what `spend` adds.
function ticking() {
  let now = 0
  let looks = 0
  return {
    monotonicMs: () => {
      looks++
      return ++now
    },
    spend: (ms: number) => {
      now += ms
    },
    looks: () => looks,
  }
}

const rules = `
groups:
- name: hosts
  rules:
  - {alert: Hot, expr: cpu > 90}
- name: all
  rules:
  - {alert: Many, expr: count(cpu > 90) > 2}
- name: slow
  interval: 10s
  rules:
  - {alert: Slow, expr: cpu > 90}
`
const many = Array.from({ length: 300 }, (_, at): Sample => ['cpu', { host: `h${at}` }, 1])

async function secondsBy(own: ReturnType<typeof openOwnMetrics>): Promise<Record<string, number>> {
  const found = (await own.text()).matchAll(
    /^plimsoll_rules_evaluation_seconds_total\{group="(\w+)"\} (\S+)$/gm,
  )
  return Object.fromEntries([...found].map(([, group, seconds]) => [group!, Number(seconds)]))
}

test('of small evaluations one in 64 is timed and counts for all of them', async () => {
  const clock = ticking()
  const w = driven(rules, { monotonicMs: clock.monotonicMs })
  // After the start.
  expect(await secondsBy(w.own)).toEqual({ hosts: 0.001, all: 0.003 })
  const before = clock.looks()
  for (let at = 0; at < 640; at++) w.sample(at, [['cpu', { host: 'a' }, at % 50]])
  const seconds = await secondsBy(w.own)
  expect(seconds['hosts']).toBeCloseTo(0.001 + 0.64, 6)
  // Timed each, and rests in between.
  expect(seconds['all']).toBeLessThan(0.06)
  expect(clock.looks() - before).toBeLessThan(120)
})

test('large evaluations and groups with an interval are timed each', async () => {
  const clock = ticking()
  const w = driven(rules, { monotonicMs: clock.monotonicMs })
  w.sample(0, many)
  w.sample(
    1,
    many.map(([name, labels]) => [name, labels, 2] as const),
  )
  expect((await secondsBy(w.own))['hosts']).toBeGreaterThanOrEqual(0.003)
  w.runUntil(20_000)
  expect((await secondsBy(w.own))['slow']).toBeGreaterThanOrEqual(0.001)
  expect(w.live.timed[0]!.tookMs).toBeGreaterThanOrEqual(1)
})

test('what others do between two pieces does not count, and a failure counts with what follows it', async () => {
  const clock = ticking()
  const own = openOwnMetrics()
  const turns = new Turns({ monotonicMs: clock.monotonicMs, own })
  const { seats } = driven(rules).live
  const round = { nowMs: 0 } as never
  const work = turns.evaluate(seats[0]!, round, 1_000, function* () {
    clock.spend(10)
    yield
    clock.spend(20)
  })
  for (const _ of work!) clock.spend(5_000)
  const { hosts = 0 } = await secondsBy(own)
  expect(hosts).toBeGreaterThanOrEqual(0.03)
  expect(hosts).toBeLessThan(0.04)
  expect(seats[0]!.tookMs).toBe(hosts * 1_000)
  expect(() =>
    finish(
      turns.evaluate(seats[0]!, round, 1, () => {
        throw new Error('a mistake')
      })!,
    ),
  ).toThrow('a mistake')
})

test('one that took long rests for whole milliseconds, for what it finds then gets that time', () => {
  let now = 0
  const turns = new Turns({
    monotonicMs: () => {
      now += 1_234.567
      return now
    },
    own: openOwnMetrics(),
  })
  const seat = driven(rules).live.seats[1]!
  finish(turns.evaluate(seat, { nowMs: 5 } as never, 1_000, function* () {})!)
  expect(seat.isWhole).toBe(true)
  expect(seat.restUntilMs).toBeGreaterThan(1_000)
  expect(Number.isInteger(seat.restUntilMs)).toBe(true)
})
