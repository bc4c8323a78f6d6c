import { expect, test } from 'vitest'
import { assumptionsOf, compare } from '../../../capacity/report/what-if.ts'
import { wordsOf } from '../../../capacity/words.ts'
import { believablePlan } from './believable.ts'

const words = wordsOf('en')

test('each thing that is supposed stands by itself, and all together behind them', () => {
  const t = (said: Parameters<typeof assumptionsOf>[0], ...names: string[]) =>
    expect(assumptionsOf(said, words).map(({ name }) => name)).toEqual(names)
  t({})
  t({ growth: '', event: [''], waterline: ' ' })
  t({ growth: '20%' }, 'growth 20%')
  t({ growth: '20%', waterline: '60%' }, 'growth 20%', 'waterline 60%', 'all together')
  t({ event: ['2026-12-10=2', '2026-12-20=3'] }, 'event 2026-12-10=2', 'event 2026-12-20=3', 'all together')
  expect(assumptionsOf({ lead_time: '60d', unit_capacity: ['cpu=64'] }, words).at(-1)?.whatIf).toEqual({
    leadDays: 60,
    unitCapacity: { cpu: 64 },
  })
})

test('plans stand side by side: totals, and the pools that differ, the largest difference first', async () => {
  const asItIs = await believablePlan()
  const grown = await believablePlan({ growth: 1.2 })
  const { names, totals, pools, same } = compare([
    { name: 'as it is', plan: asItIs },
    { name: 'growth', plan: grown },
    { name: 'again', plan: asItIs },
  ])
  expect(names).toEqual(['as it is', 'growth', 'again'])
  // Storage nodes are not added to servers.
  const kinds = (of: (each: (typeof totals)[number]) => (typeof totals)[number]['back']) =>
    totals.map(each => of(each).map(({ unit, units }) => `${units} ${unit}`))
  const present = ['139 server', '57 storage node', '34 台', '7 database host']
  const more = ['300 server', '95 storage node', '52 台', '11 database host']
  expect(kinds(({ orders }) => orders)).toEqual([present, more, present])
  expect(kinds(({ back }) => back)).toEqual([['62 server'], ['56 server'], ['62 server']])
  expect(totals[1]!.risks).toBeGreaterThan(totals[0]!.risks)
  expect(totals[0]!.costs.map(({ currency }) => currency)).toEqual(['CNY', 'USD'])
  expect(pools.length + same).toBe(20)
  const differences = pools.map(({ cells }) => Math.abs(cells[1]!.units - cells[0]!.units))
  expect(differences).toEqual(differences.toSorted((a, b) => b - a))
  expect(pools.find(({ name }) => name === 'brand-new')).toBeUndefined()
})

test('nothing differs from itself', async () => {
  const plan = await believablePlan()
  expect(
    compare([
      { name: 'a', plan },
      { name: 'b', plan },
    ]),
  ).toMatchObject({ pools: [], same: 20 })
})

test('so many plans are made while somebody waits, and no more', () => {
  const event = Array.from({ length: 9 }, (_, at) => `2026-12-0${at + 1}=2`)
  expect(assumptionsOf({ event: event.slice(1) }, words)).toHaveLength(9)
  expect(() => assumptionsOf({ event }, words)).toThrow('wanted at most 8 things to compare, found 9')
})

test('an event that a longer lead time cannot reach is named, since it orders less', async () => {
  const asItIs = await believablePlan()
  const today = asItIs.asOfDay + 1
  const event = (name: string, day: number) => ({ name, fromDay: day, toDay: day, factor: 3 })
  const reached = await believablePlan({ events: [event('far', today + 400)] })
  const leadDays = 200
  const late = await believablePlan({
    leadDays,
    events: [event('sale', today + 100), event('past', today - 1), event('far', today + 400)],
  })
  const variants = (plan: typeof late, name: string) => [
    { name: 'as it is', plan: asItIs },
    { name, plan },
  ]
  expect(compare(variants(reached, 'far')).missed).toEqual([])
  const [missed] = compare(variants(late, 'together')).missed
  expect(missed).toMatchObject({ name: 'together', pools: asItIs.pools.length })
  expect(missed?.events).toContain('sale')
  expect(missed?.events).not.toContain('past')
  expect(missed?.events).not.toContain('far')
  expect(words.whatIf.missed('all', 'sale', 1)).toContain('not counted in 1 pool.')
  // As far as is configured nobody is told: nothing is otherwise.
  expect(compare(variants(asItIs, 'again')).missed).toEqual([])
})
