import { expect, test } from 'vitest'
import { beforeOf, reportOf } from '../../../capacity/report/report-model.ts'
import type { Judgement } from '../../../capacity/requests/judged.ts'
import { asOfDay, believablePlan, requests } from './believable.ts'
import { believableReport } from './reported.ts'

test('the summary adds up what the pools say', async () => {
  const { summary, pools } = await believableReport()
  const wanted = pools.filter(({ units }) => units > 0)
  expect(summary.orders).toHaveLength(wanted.length)
  const usd = wanted.filter(({ cost }) => cost?.currency === 'USD')
  expect(summary.costs.map(({ currency }) => currency)).toEqual(['CNY', 'USD'])
  expect(summary.costs[1]?.amount).toBe(
    usd.reduce((sum, { units, pool }) => sum + units * pool.cost!.perUnit, 0),
  )
  expect(summary.unpriced).toBe(1)
  expect(summary.reclaims[0]?.name).toBe('legacy-batch')
})

test('the most urgent come first, by the upper edge; what has no date comes last', async () => {
  const { pools } = await believableReport()
  expect(pools[0]).toMatchObject({ name: 'fraud-scoring', daysLeft: 0, risk: 'over' })
  const left = pools.map(({ daysLeft }) => daysLeft ?? Number.MAX_SAFE_INTEGER)
  expect(left).toEqual(left.toSorted((a, b) => a - b))
  expect(pools.at(-1)?.daysLeft).toBeNull()
})

test('risks are told apart', async () => {
  const { pools } = await believableReport()
  const riskOf = (name: string) => pools.find(each => each.name === name)?.risk
  expect(riskOf('checkout')).toBe('late')
  expect(riskOf('recommendation')).toBe('maybe')
  expect(riskOf('brand-new')).toBe('unknown')
  expect(riskOf('unmeasured-supply')).toBe('unknown')
  expect(riskOf('metrics-ingest')).toBe('unsafe')
  expect(riskOf('feature-flags')).toBeNull()
})

test('an order is due as long before it is needed as it takes', async () => {
  const { pools } = await believableReport()
  const checkout = pools.find(({ name }) => name === 'checkout')!
  // Six servers on order put it off by six days.
  expect(checkout.short).toMatchObject({ resource: 'cpu', earlyDay: checkout.earlyDay! + 6 })
  expect(checkout.neededDay).toBe(checkout.earlyDay! + 6)
  expect(checkout.orderByDay).toBe(checkout.earlyDay! - 24)
  expect(checkout.soonestDay).toBe(asOfDay + 31)
  // Nothing to order, nothing due.
  expect(pools.find(({ units }) => units < 0)).toMatchObject({ neededDay: null, orderByDay: null })
})

test('changes name what is new, what is gone, and what asks for other numbers; the rest is no change', async () => {
  const { changes } = (await believableReport()).summary
  expect(changes?.month).toBe('2026-11')
  expect(changes?.pools.map(({ pool, before, now }) => [pool, before?.units, now?.units])).toEqual([
    ['checkout', 41, 46],
    ['old-wiki', 3, undefined],
    ['feature-flags', undefined, 0],
  ])
})

test('the same plan a month later has not changed, and a date counts from a week on', async () => {
  const plan = await believablePlan()
  const { month, pools } = beforeOf(plan)
  const changesWith = (days: number) => {
    const moved = pools.map(each => ({
      ...each,
      likelyDay: each.likelyDay === null ? null : each.likelyDay + days,
    }))
    return reportOf({ plan, requests: [], before: { month, pools: moved } }).summary.changes?.pools.length
  }
  expect(changesWith(0)).toBe(0)
  expect(changesWith(6)).toBe(0)
  expect(changesWith(7)).toBe(pools.filter(({ likelyDay }) => likelyDay !== null).length)
  expect(reportOf({ plan, requests: [], before: null }).summary.changes).toBeNull()
})

test('past forecasts are compared with what came, the furthest off first', async () => {
  const { accuracy } = (await believableReport()).summary
  const [worst] = accuracy.lines
  expect(accuracy.count).toBe(23)
  const { likely, actual } = worst!.line.past!
  expect(worst?.error).toBeCloseTo((likely - actual) / actual)
  expect(Math.abs(worst!.error)).toBeGreaterThan(Math.abs(accuracy.lines.at(-1)!.error))
  expect(accuracy.within).toBeGreaterThan(0.5)
  expect(accuracy.within).toBeLessThan(1)
})

test('what was requested stands beside what was needed: so far, or as it was judged on its day', async () => {
  const plan = await believablePlan()
  const judged = {
    ...{ request: 38, month: '2026-11', pool: 'api-gateway', resource: 'cpu', ofDay: asOfDay - 3 },
    ...{ forecast: { likely: 1, low: 1, high: 1 }, formulaUnits: 4, askedUnits: 5, editedBy: 'li.na' },
    ...{ deliveredUnits: 5, used: 1_100, enoughUnits: 2 },
  }
  const planners = [{ who: 'li.na', count: 1, formulaUnits: 2, askedUnits: 3 }]
  const judgement: Judgement = { requests: [judged], pools: [], planners }
  const due = requests().map(each =>
    each.number === 38 && each.basis ? { ...each, basis: { ...each.basis, targetDay: asOfDay - 3 } } : each,
  )
  const { summary } = reportOf({ plan, requests: due, before: null, judgement })
  expect(summary.requested).toEqual([
    // The peak since, 4,470 ÷ 0.7 + 32 − 5,760 in units of 32.
    {
      number: 41,
      pool: 'checkout',
      unit: 'server',
      requestedUnits: 6,
      deliveredUnits: 0,
      neededUnits: 21,
      isDue: false,
    },
    {
      number: 38,
      pool: 'api-gateway',
      unit: 'server',
      requestedUnits: 5,
      deliveredUnits: 5,
      neededUnits: 2,
      isDue: true,
    },
  ])
  expect(summary.planners).toEqual(planners)
})

test('what the formula would give back of pools at risk is not among what may be given back', async () => {
  const { summary } = await believableReport()
  // The formula stays as it is.
  expect(summary.contradicted.map(({ name, risk, units }) => [name, risk, units])).toEqual([
    ['session-cache', 'maybe', -5],
  ])
  expect(summary.reclaims.every(({ risk }) => risk === null || risk === 'unsafe')).toBe(true)
})
