import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayOf } from '../../../capacity/days.ts'
import type { LinePlan } from '../../../capacity/plan.ts'
import { isMeetShown, plot } from '../../../capacity/report/plot.ts'
import { ticksOf } from '../../../capacity/report/ticks.ts'
import { wordsOf } from '../../../capacity/words.ts'
import { runs } from '../../runs.ts'
import { asOfDay, believablePlan } from './believable.ts'

const plan = await believablePlan()

const drawn = (name: string, change: (line: LinePlan) => LinePlan = line => line): string => {
  const { pool, lines } = plan.pools.find(each => each.pool.name === name)!
  const told = {
    unit: pool.resources[0].unit,
    today: asOfDay + 1,
    events: pool.events,
    title: 'a & b',
    desc: 'all of it',
  }
  return plot({ plan: change(lines[0]!), ...told, words: wordsOf('en') }).html
}
const pathsOf = (svg: string, kind: string): string[] =>
  [...svg.matchAll(new RegExp(`<path class="${kind}" d="([^"]*)"`, 'g'))].map(found => found[1]!)

test('everything that a planner looks for is there, also for those who do not see it', () => {
  const svg = drawn('checkout')
  for (const kind of ['demand', 'forecast', 'band', 'waterline', 'today', 'target', 'meets']) {
    expect(pathsOf(svg, kind).length, kind).toBeGreaterThan(0)
  }
  expect(svg).toContain('<title>a &amp; b</title><desc>all of it</desc>')
  expect(svg).toContain('>waterline 70 %<')
  expect(svg).toContain('>12-09<')
  expect(svg).not.toMatch(/NaN|undefined|Infinity|style=/)
})

test('no line goes through a text: texts come last, and one at a step stands above it', () => {
  const svg = drawn('checkout')
  const last = Math.max(
    ...['demand', 'supply', 'waterline', 'band'].map(kind => svg.lastIndexOf(`class="${kind}"`)),
  )
  for (const kind of ['today', 'target', 'meets', 'supply', 'waterline'])
    expect(svg.indexOf(`class="${kind}-text"`), kind).toBeGreaterThan(last)
  // Two weeks after the left edge there are more.
  const stepped = drawn('checkout', line => {
    const values = line.supply.values.map((_, at) => (at < line.supply.values.length - 46 ? 100 : 400))
    return { ...line, supply: { ...line.supply, values }, supplyNow: 400 }
  })
  const heights = [
    ...pathsOf(stepped, 'supply')
      .find(d => d.includes('V'))!
      .matchAll(/(?:M[\d.]+ |V)([\d.]+)/g),
  ].map(found => Number(found[1]))
  expect(heights).toHaveLength(2)
  const [, text] = /class="supply-text" x="[\d.]+" y="([\d.]+)"/.exec(stepped)!
  expect(Number(text)).toBeLessThan(Math.min(...heights))
})

test('the name of a day at the edge stays within the picture', () => {
  const end = dayOf('UTC', Date.parse('2027-02-01T12:00:00Z')) - 3
  const cut = (day: number): string =>
    drawn('checkout', line => ({
      ...line,
      target: null,
      forecast: {
        ...line.forecast!,
        likely: line.forecast!.likely.slice(0, day - line.forecast!.firstDay + 1),
      },
    }))
  expect(cut(end)).toContain('text-anchor="end">02-01<')
  expect(cut(end + 20)).toMatch(/text-anchor="(end|middle)">02-01</)
})

test('sixty days make sixty points, and days that nobody knows stay open', () => {
  expect(pathsOf(drawn('checkout'), 'demand')[0]?.split(/[ML]/).length).toBe(61)
  const [line] = pathsOf(drawn('metrics-ingest'), 'demand')
  expect(line?.split('M').length).toBeGreaterThan(3)
})

test('a change of the supply is a step, in the waterline too', () => {
  const svg = drawn('search')
  const steps = (kind: string) =>
    pathsOf(svg, kind).some(d => /^M[\d.]+ [\d.]+H[\d.]+V[\d.]+H[\d.]+$/.test(d))
  expect([steps('supply'), steps('waterline')]).toEqual([true, true])
})

test('events are named, and lie where their days are', () => {
  const svg = drawn('订单中心')
  expect(svg.match(/<g class="event">/g)).toHaveLength(2)
  expect(svg).toContain('<title>双十二: × 1.8</title>')
})

test('without history, forecast or supply it is still a picture', () => {
  const t = (svg: string) => expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  t(drawn('brand-new'))
  t(drawn('unmeasured-supply'))
  t(drawn('checkout', line => ({ ...line, forecast: null, target: null })))
  const none = new Float64Array(60).fill(Number.NaN)
  t(drawn('checkout', line => ({ ...line, demand: { ...line.demand, values: none }, supplyNow: Number.NaN })))
  t(
    drawn('checkout', line => ({
      ...line,
      demand: { ...line.demand, values: none.map(() => 0) },
      forecast: null,
      supply: { ...line.supply, values: none },
    })),
  )
})

test('a band that opens without end leaves the rest readable', () => {
  const wide = drawn('checkout', line => ({
    ...line,
    forecast: { ...line.forecast!, high: line.forecast!.high.map(value => value * 1e6) },
  }))
  const heights = pathsOf(wide, 'demand')[0]!
    .split(/[ML ]/)
    .filter((_, at) => at % 2 === 0 && at > 0)
    .map(Number)
  expect(Math.min(...heights)).toBeLessThan(200)
})

test('ticks are round, begin at 0 and are three to seven', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e18, noNaN: true }), most => {
      const ticks = ticksOf(most)
      expect(ticks[0]).toBe(0)
      expect(ticks.length).toBeGreaterThanOrEqual(3)
      expect(ticks.length).toBeLessThanOrEqual(7)
      expect(ticks.at(-1)).toBeLessThanOrEqual(most * (1 + 1e-9))
      for (const tick of ticks) expect(Number(tick.toPrecision(3))).toBe(tick)
    }),
    { numRuns: runs(200) },
  )
  expect(ticksOf(0)).toEqual([0])
  expect(ticksOf(Number.NaN)).toEqual([0])
})

test('large numbers of the scale have room, and a day outside the picture has no mark and no legend', () => {
  const large = (line: LinePlan): LinePlan => {
    const times = (values: Float64Array) => values.map(each => each * 1_000)
    const { demand, supply, forecast, target } = line
    return {
      ...line,
      ...{
        demand: { ...demand, values: times(demand.values) },
        supply: { ...supply, values: times(supply.values) },
      },
      forecast: forecast && { ...forecast, likely: times(forecast.likely) },
      target: target && { ...target, likely: target.likely * 1_000 },
    }
  }
  const labels = [...drawn('checkout', large).matchAll(/text-anchor="end">([^<]*)</g)].map(found => found[1])
  expect(labels).toContain('2M')
  expect(labels.filter(each => /\d/.test(each!) && each!.length > 6 && !each!.startsWith('plan'))).toEqual([])

  const line = plan.pools.find(each => each.pool.name === 'checkout')!.lines[0]!
  const met = (likelyDay: number | null): LinePlan => ({
    ...line,
    forecast: { ...line.forecast!, meets: { ...line.forecast!.meets, likelyDay } },
  })
  expect(isMeetShown(line, asOfDay + 1)).toBe(true)
  expect(isMeetShown(met(asOfDay + 399), asOfDay + 1)).toBe(false)
  expect(isMeetShown(met(null), asOfDay + 1)).toBe(false)
  expect(isMeetShown({ ...line, level: 0.9 }, asOfDay + 1)).toBe(false)
  expect(
    pathsOf(
      drawn('checkout', () => met(asOfDay + 399)),
      'meets',
    ),
  ).toEqual([])
})
