import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LinePlan } from '../../../capacity/plan.ts'
import { formulaOf, formulaText } from '../../../capacity/report/formula.ts'
import { runs } from '../../runs.ts'
import { believablePlan } from './believable.ts'

const nothing = { firstDay: 0, values: new Float64Array() }

const lineOf = (of: Partial<LinePlan> & Readonly<{ likely?: number }>): LinePlan => ({
  ...{ line: { pool: 'web', resource: 'cpu', part: {} }, demand: nothing, supply: nothing, usedNow: 0 },
  ...{
    supplyNow: 800,
    level: 0,
    unitCapacity: 32,
    presentCapacity: of.unitCapacity ?? 32,
    short: null,
    waterline: 0.7,
    onOrderUnits: 0,
    spareUnits: 1,
    forecast: null,
  },
  ...{ why: null, units: 0, past: null, target: { day: 1, likely: of.likely ?? 900, low: 0, high: 0 } },
  ...of,
})

test('three digits do where they come to the same, and more are shown where not', () => {
  const t = (of: Parameters<typeof lineOf>[0], unit: string) => formulaOf(lineOf(of), unit)
  expect(t({ likely: 1_281.118, units: 34 }, 'cores')).toMatchObject({
    forecast: 1_280,
    digits: 3,
    agrees: true,
  })
  // 896 ÷ 0.7 is exactly 1,280: sixteen units, and a little more is seventeen.
  expect(t({ likely: 896.079, units: 17 }, 'cores')).toMatchObject({
    forecast: 896.1,
    digits: 4,
    agrees: true,
  })
  const bytes = t(
    { likely: 1.2061e15, supplyNow: 1.06e15, unitCapacity: 8e12, waterline: 0.8, units: 57 },
    'bytes',
  )
  expect(bytes).toMatchObject({ scale: { unit: 'PB' }, forecast: 1.206, supply: 1.06, unit: 0.008 })
})

test('it is written as one types it into a calculator', () => {
  const t = (of: Parameters<typeof lineOf>[0], unit: string) => formulaText(formulaOf(lineOf(of), unit)!)
  expect(t({ likely: 1_281.118, units: 34 }, 'cores')).toBe('(1,280 ÷ 0.7 + 1 × 32 − 800) ÷ 32 = 33.1')
  expect(t({ likely: 1_281.118, units: 31, onOrderUnits: 2, spareUnits: 0 }, 'cores')).toBe(
    '(1,280 ÷ 0.7 − 800 − 2 × 32) ÷ 32 = 30.1',
  )
  // 16.004 is seventeen units, which 16 is not.
  expect(t({ likely: 896.079, units: 17 }, 'cores')).toBe('(896.1 ÷ 0.7 + 1 × 32 − 800) ÷ 32 = 16.004')
})

test('a line that came as JSON has the same one', () => {
  const { target, supplyNow, waterline, unitCapacity, onOrderUnits, spareUnits, units } = lineOf({
    units: 17,
  })
  const line = { target, supplyNow, waterline, unitCapacity, onOrderUnits, spareUnits, units }
  expect(formulaOf(JSON.parse(JSON.stringify(line)), 'cores')).toEqual(formulaOf(line, 'cores'))
  expect(formulaOf({ ...line, target: { likely: null } }, 'cores')).toBeNull()
  expect(formulaOf({ ...line, supplyNow: null }, 'cores')).toBeNull()
})

test('it says when the plan has another number than its inputs come to', () => {
  expect(formulaOf(lineOf({ units: 99 }), 'cores')).toMatchObject({ agrees: false, units: 99 })
})

test('without a forecast, a supply or a unit there is none', () => {
  const t = (of: Partial<LinePlan>) => expect(formulaOf(lineOf(of), 'cores')).toBeNull()
  t({ target: null })
  t({ supplyNow: Number.NaN })
  t({ unitCapacity: 0 })
  t({ unitCapacity: Number.NaN })
})

test('what is shown comes to what is planned, whatever the numbers', () => {
  const positive = fc.double({ min: 1e-3, max: 1e16, noNaN: true })
  fc.assert(
    fc.property(
      positive,
      positive,
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 0, max: 50 }),
      (likely, supplyNow, percent, spareUnits) => {
        const unitCapacity = supplyNow / 37
        const waterline = percent / 100
        const exact = (likely / waterline + spareUnits * unitCapacity - supplyNow) / unitCapacity
        const units = Math.ceil(exact - 1e-9 * Math.max(1, Math.abs(exact))) + 0
        const formula = formulaOf(
          lineOf({ likely, supplyNow, waterline, spareUnits, unitCapacity, units }),
          'bytes',
        )!
        // Beyond fifteen digits it may be the last one, and that is said.
        if (!formula.agrees) {
          expect(formula.digits).toBe(15)
          return
        }
        const { forecast, supply, unit } = formula
        const result = (forecast / waterline + spareUnits * unit - supply) / unit
        expect(Math.ceil(result - 1e-9 * Math.max(1, Math.abs(result))) + 0).toBe(units)
      },
    ),
    { numRuns: runs(200) },
  )
})

test('every resource of twenty pools agrees with the plan, most with four digits or fewer', async () => {
  const plan = await believablePlan()
  const all = plan.pools.flatMap(({ pool, lines }) =>
    lines.map(line => formulaOf(line, pool.resources[0].unit)),
  )
  const formulas = all.filter(each => each !== null)
  expect(formulas.length).toBeGreaterThan(20)
  expect(formulas.filter(({ agrees }) => !agrees)).toEqual([])
  expect(formulas.filter(({ digits }) => digits <= 4).length).toBeGreaterThan(formulas.length * 0.9)
})
