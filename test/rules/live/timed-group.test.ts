// Groups with an interval: at their times, and of those that nobody looked at only at the last, as in Prometheus.
import { expect, test } from 'vitest'
import { driven } from './driven.ts'

const rules = `
groups:
- name: slow
  interval: 10s
  rules:
  - {record: hot, expr: cpu > 90}
  - {alert: Hot, expr: hot > 0, for: 1m}
`
const a = { host: 'a' }
const own = async (w: ReturnType<typeof driven>, name: string): Promise<number> =>
  Number(new RegExp(`^${name}.* (\\S+)$`, 'm').exec(await w.own.text())?.[1] ?? 0)
const evaluations = (w: ReturnType<typeof driven>) => own(w, 'plimsoll_rules_evaluations_total')
const missed = (w: ReturnType<typeof driven>) => own(w, 'plimsoll_rules_missed_total')

test('after a long sleep a group goes on with the last of its times, and counts the others', async () => {
  const w = driven(rules)
  const [group] = w.live.timed
  const firstMs = group!.nextMs
  w.sample(firstMs - 1, [['cpu', a, 99]])
  w.runUntil(firstMs)
  expect([await evaluations(w), await missed(w)]).toEqual([2, 0])
  // To the second before the next: 29 times have gone by, and the thirtieth is late by 9 s.
  w.runUntil(firstMs + 309_000)
  expect([await evaluations(w), await missed(w)]).toEqual([4, 29])
  expect(group!.nextMs).toBe(firstMs + 310_000)
  expect(group!.views()[1]!.evaluatedAtMs).toBe(firstMs + 300_000)
})

test('a sleep is no reason for an alert to end, and `for` goes on meanwhile', () => {
  const w = driven(rules)
  const firstMs = w.live.timed[0]!.nextMs
  w.sample(firstMs - 1, [['cpu', a, 99]])
  w.runUntil(firstMs)
  // What came in the sleep was never seen, and what is there at its end is.
  w.sample(firstMs + 100_000, [['cpu', a, 99]])
  expect(w.said()).toEqual([`${firstMs + 100_000} firing Hot host=a`])
  // So long that the series has ended.
  w.runUntil(firstMs + 7_200_000)
  expect(w.said().slice(1)).toEqual([`${firstMs + 7_200_000} resolved Hot host=a`])
})

test('one late look is no miss', async () => {
  const w = driven(rules)
  const firstMs = w.live.timed[0]!.nextMs
  for (const lateMs of [0, 19_999, 20_000, 39_000]) w.runUntil(firstMs + lateMs)
  expect([await evaluations(w), await missed(w)]).toEqual([8, 0])
})
