// Token buckets: how many messages leave in what time, and what is kept for urgent ones.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Budget, MonthBudget } from '../../../alerter/channel.ts'
import { openBudgets } from '../../../alerter/delivery/budget.ts'

const robot: Budget = { key: 'robot', times: 5, perMs: 20_000, reserve: 1 }
const phone: Budget = { key: 'phone', times: 50, perMs: 86_400_000, reserve: 10 }

const ask = (urgency: 'page' | 'normal', nowMs: number, times = 1) => ({ urgency, nowMs, times })

test('a short one begins empty, a long one with what a minute allows, and one', () => {
  const budgets = openBudgets()
  expect(budgets.waitMs([robot], ask('page', 0))).toBe(4_000)
  expect(budgets.waitMs([robot], ask('normal', 0))).toBe(5_000)
  expect(budgets.waitMs([phone], ask('normal', 0))).toBe(0)
  budgets.spend([phone], 'normal', 0)
  expect(budgets.waitMs([phone], ask('normal', 0))).toBeGreaterThan(1_000_000)
  expect(budgets.left([phone], 0)).toBe(0)
})

test('what is kept is for urgent ones only, and is filled again', () => {
  const budgets = openBudgets()
  budgets.left([robot], 0)
  const nowMs = 100_000
  for (let nth = 0; nth < 4; nth++) {
    expect(budgets.waitMs([robot], ask('normal', nowMs))).toBe(0)
    budgets.spend([robot], 'normal', nowMs)
  }
  expect(budgets.waitMs([robot], ask('normal', nowMs))).toBe(4_000)
  expect(budgets.waitMs([robot], ask('page', nowMs))).toBe(0)
  budgets.spend([robot], 'page', nowMs)
  expect(budgets.waitMs([robot], ask('page', nowMs))).toBe(4_000)
  expect(budgets.left([robot], nowMs + 100_000)).toBe(5)
})

test('several limits all hold, and without one nothing waits', () => {
  const budgets = openBudgets()
  expect(budgets.waitMs([phone, robot], ask('normal', 0))).toBe(5_000)
  expect(budgets.waitMs([], ask('normal', 0, 1_000))).toBe(0)
  expect(budgets.left([], 0)).toBe(Number.POSITIVE_INFINITY)
})

test('says for several how long the last one waits', () => {
  const budgets = openBudgets()
  budgets.left([robot], 0)
  const nowMs = 100_000
  expect(budgets.waitMs([robot], ask('normal', nowMs, 4))).toBe(0)
  expect(budgets.waitMs([robot], ask('normal', nowMs, 14))).toBe(40_000)
  expect(budgets.waitMs([robot], ask('page', nowMs, 15))).toBe(40_000)
})

test('in no window more than the bucket and what it gains, and whoever waits as told may go', () => {
  const budget = fc.record({
    key: fc.constant('k'),
    times: fc.integer({ min: 1, max: 60 }),
    perMs: fc.constantFrom(1_000, 20_000, 60_000, 3_600_000, 86_400_000),
    reserve: fc.integer({ min: 0, max: 70 }),
  })
  const step = fc.record({
    urgency: fc.constantFrom('page', 'normal', 'low'),
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10_000_000 })),
    isPatient: fc.boolean(),
  })
  fc.assert(
    fc.property(budget, fc.array(step, { maxLength: 120 }), (one, steps) => {
      const budgets = openBudgets()
      const sent: number[] = []
      let nowMs = 0
      for (const { urgency, afterMs, isPatient } of steps) {
        nowMs += afterMs
        const asked = { urgency, times: 1, nowMs }
        const waitMs = budgets.waitMs([one], asked)
        if (waitMs > 0 && !isPatient) continue
        nowMs += waitMs
        expect(budgets.waitMs([one], { ...asked, nowMs })).toBe(0)
        budgets.spend([one], urgency, nowMs)
        sent.push(nowMs)
      }
      for (const [from, begin] of sent.entries()) {
        for (const [nth, end] of sent.slice(from).entries())
          expect(nth + 1).toBeLessThanOrEqual(one.times + ((end - begin) * one.times) / one.perMs + 0.001)
      }
    }),
  )
})

test('by the day never more than the limit, whichever day one looks at', () => {
  const budgets = openBudgets(86_400_000)
  const spendAll = (nowMs: number): number => {
    let sent = 0
    for (; budgets.waitMs([phone], ask('page', nowMs)) === 0; sent++) budgets.spend([phone], 'page', nowMs)
    return sent
  }
  expect(spendAll(0)).toBe(50)
  // A bucket alone would have gained half of it by now.
  expect(spendAll(43_200_000)).toBe(0)
  expect(budgets.left([phone], 43_200_000)).toBe(0)
  expect(budgets.waitMs([phone], ask('page', 43_200_000))).toBe(43_200_000)
  expect(spendAll(86_400_000)).toBe(50)
})

test('what has left before this process began counts', () => {
  const budgets = openBudgets(86_400_000)
  for (let nth = 0; nth < 30; nth++) budgets.recall([phone], 'normal', -3_600_000 + nth)
  const left = budgets.left([phone], 0)
  expect(left).toBeGreaterThanOrEqual(20)
  expect(left).toBeLessThan(20 + 50 / 24 + 1)
  // Of what nothing left it begins full; where less is known than counts, with that share; with little at least.
  expect(budgets.left([{ ...phone, key: 'other' }], 0)).toBe(50)
  expect(openBudgets(43_200_000).left([phone], 0)).toBe(25)
  expect(openBudgets(1_000).left([phone], 0)).toBeCloseTo(1, 2)
  // Short ones begin empty, since tries count there.
  expect(budgets.left([robot], 0)).toBe(0)
  budgets.recall([robot], 'normal', -1)
  expect(budgets.left([robot], 0)).toBe(0)
})

test('what did not leave after all is given back, and not another one that did', () => {
  const hourMs = 3_600_000
  const calls: Budget = { key: 'calls', times: 2, perMs: hourMs, reserve: 0 }
  const budgets = openBudgets(hourMs)
  for (const nowMs of [0, 1_000]) budgets.spend([calls], 'normal', nowMs)
  budgets.giveBack([calls], { spentMs: 0, nowMs: 2_000 })
  budgets.spend([calls], 'normal', 2_000)
  expect(budgets.waitMs([calls], ask('normal', hourMs))).toBe(1_000)
})

test('of a month never more than the limit, by the clock on the wall, and a new month begins anew', () => {
  const bill: MonthBudget = { key: 'bill', times: 10, per: 'month', reserve: 2 }
  const dayMs = 86_400_000
  // This process began three days before the end of November in Shanghai.
  const beganMs = Date.parse('2026-11-27T16:00:00Z')
  let setBackMs = 0
  const calendar = { timeZone: 'Asia/Shanghai', wallMs: (nowMs: number) => beganMs + nowMs - setBackMs }
  const budgets = openBudgets(dayMs, calendar)
  budgets.recallMonth([bill], 5, 0)
  expect(budgets.left([bill], 0)).toBe(5)
  for (let nth = 0; nth < 3; nth++) budgets.spend([bill], 'normal', 1_000)
  // Two are kept for urgent ones.
  expect(budgets.waitMs([bill], ask('normal', dayMs))).toBe(2 * dayMs)
  expect(budgets.waitMs([bill], ask('page', dayMs, 2))).toBe(0)
  expect(budgets.waitMs([bill], ask('page', dayMs, 3))).toBe(2 * dayMs)
  for (let nth = 0; nth < 2; nth++) budgets.spend([bill], 'page', dayMs)
  expect([budgets.left([bill], dayMs), budgets.waitMs([bill], ask('page', dayMs))]).toEqual([0, 2 * dayMs])
  budgets.giveBack([bill], { spentMs: dayMs, nowMs: dayMs })
  expect(budgets.left([bill], dayMs)).toBe(1)
  expect([budgets.left([bill], 3 * dayMs), budgets.waitMs([bill], ask('normal', 3 * dayMs))]).toEqual([10, 0])
  setBackMs = dayMs
  expect(budgets.left([bill], 3 * dayMs)).toBe(1)
  // The last one may always be a normal one, and what the last day had is no matter of it.
  budgets.recall([{ ...bill, key: 'other' }], 'page', -1)
  expect(budgets.waitMs([{ ...bill, key: 'other', times: 1 }], ask('normal', 0))).toBe(0)
})
