// Each method against an oracle: a line whose future is known, a formula worked out another way, or a fault that it must survive.
import fc from 'fast-check'
import { linearRegression } from 'simple-statistics'
import { expect, test } from 'vitest'
import { bulkLinear } from '../../../capacity/forecast/bulk.ts'
import { damped } from '../../../capacity/forecast/damped.ts'
import { linear } from '../../../capacity/forecast/linear.ts'
import { methods } from '../../../capacity/forecast/methods.ts'
import { medianOf, quantileOf } from '../../../capacity/forecast/middle.ts'
import { bridged, mstl } from '../../../capacity/forecast/mstl.ts'
import { prepare } from '../../../capacity/forecast/prepare.ts'
import { recentLevel } from '../../../capacity/forecast/recent-level.ts'
import { seasonalLinear } from '../../../capacity/forecast/seasonal-linear.ts'
import { theilSen } from '../../../capacity/forecast/theil-sen.ts'
import { weekOf } from '../../../capacity/forecast/week.ts'
import { methodNames } from '../../../capacity/pool.ts'
import { askedOf, week } from './made-lines.ts'

const days = (count: number, of: (day: number) => number): Float64Array =>
  Float64Array.from({ length: count }, (_, day) => of(day))
const { naive, seasonal_naive: seasonalNaive } = methods
const aheadOf = (method: typeof linear, past: Float64Array, count: number): number[] => [
  ...method(past)!.ahead(count),
]
const near = (found: readonly number[], wanted: readonly number[], by: number, says = ''): void => {
  for (const [at, each] of wanted.entries())
    expect(Math.abs(found[at]! - each), `${says} ${at}`).toBeLessThan(by)
}

test('every name of a method that fits by itself has one', () => {
  expect([...Object.keys(methods), 'combined'].sort()).toEqual([...methodNames].sort())
})

test('a straight line goes on straight', () => {
  const past = days(60, day => 50 + 1.5 * day)
  const wanted = [140, 141.5, 143]
  for (const method of [linear, theilSen, seasonalLinear]) near(aheadOf(method, past, 3), wanted, 1e-9)
  near(aheadOf(mstl, past, 3), wanted, 0.1, 'mstl')
  expect(linear(past)!.slopePerDay).toBeCloseTo(1.5)
  expect(linear(past)!.level).toBeCloseTo(138.5)
})

test('a week goes on as a week, on whichever day the window ends', () => {
  for (const length of [56, 57, 59, 60]) {
    const past = days(length, day => 200 + 0.5 * day + week[day % 7]!)
    const wanted = [0, 1, 2, 3, 4, 5, 6, 7].map(
      ahead => 200 + 0.5 * (length + ahead) + week[(length + ahead) % 7]!,
    )
    near(aheadOf(seasonalLinear, past, 8), wanted, 1, 'seasonal_linear')
    near(aheadOf(mstl, past, 8), wanted, 2, 'mstl')
    near(aheadOf(damped, past, 8), wanted, 4, 'damped')
    near(aheadOf(recentLevel(7), past, 1), [wanted[0]! - 2], 2.5, 'level')
  }
})

test('gaps are nothing, not zero', () => {
  const past = days(60, day => (day % 5 === 0 ? Number.NaN : 10 + day))
  near(aheadOf(linear, past, 2), [70, 71], 1e-9)
  near(aheadOf(theilSen, past, 2), [70, 71], 1e-9)
  near(aheadOf(seasonalLinear, past, 2), [70, 71], 1)
  near(aheadOf(mstl, past, 2), [70, 71], 1)
  near(aheadOf(naive, past, 2), [69, 69], 1e-9)
  expect([...bridged(Float64Array.of(Number.NaN, 2, Number.NaN, 4, Number.NaN))]).toEqual([2, 2, 3, 4, 4])
})

test('the naive ones repeat', () => {
  const past = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17)
  expect(aheadOf(naive, past, 3)).toEqual([17, 17, 17])
  near(aheadOf(seasonalNaive, past, 9), [11, 12, 13, 14, 15, 16, 17, 11, 12], 1e-9)
  // A weekday without a number takes the one before it.
  past[8] = Number.NaN
  near(aheadOf(seasonalNaive, past, 2), [11, 2], 1e-9)
})

test('a quarter of wild days does not move the median of slopes', () => {
  const past = days(60, day => (day % 4 === 1 ? 5_000 : 100 + 2 * day))
  expect(theilSen(past)!.slopePerDay).toBeCloseTo(2, 1)
  expect(Math.abs(linear(past)!.slopePerDay - 2)).toBeGreaterThan(1)
})

test('a trend fades in the damped method, and only there', () => {
  const fitted = damped(days(60, day => 10 + 3 * day))!
  const ahead = fitted.ahead(400)
  const [early, late] = [ahead[7]! - ahead[0]!, ahead[399]! - ahead[392]!]
  expect(early).toBeGreaterThan(10)
  expect(late).toBeLessThan(early / 10)
})

test('what is too short is said to be', () => {
  const t = (method: typeof linear, count: number, isEnough: boolean) =>
    expect(method(days(count, day => day)) !== null, `${method.name} ${count}`).toBe(isEnough)

  t(linear, 0, false)
  t(linear, 1, true)
  t(theilSen, 1, true)
  t(naive, 1, true)
  t(seasonalLinear, 20, false)
  t(seasonalLinear, 21, true)
  t(damped, 9, false)
  t(damped, 10, true)
  t(mstl, 20, false)
  t(mstl, 21, true)
})

test('noise has no week', () => {
  const noise = days(60, day => ((day * 7_919) % 101) - 50)
  const strong = weekOf(days(60, day => week[day % 7]!))!
  near([...strong.adds], week, 1e-9)
  expect(strong.strength).toBeCloseTo(1)
  // Drawn to nothing, or nearly.
  expect(Math.max(...weekOf(noise)!.adds.map(Math.abs))).toBeLessThan(25)
})

const somewhere = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -1e12, max: 1e12, noNaN: true }) },
    fc.constant(Number.NaN),
  ),
  {
    minLength: 1,
    maxLength: 90,
  },
)

test('the fast line is the line of simple-statistics', () => {
  fc.assert(
    fc.property(somewhere, values => {
      const points = [...values.entries()].filter(([, value]) => Number.isFinite(value))
      if (points.length === 0) return
      const { m, b } = linearRegression(points)
      const [tried] = bulkLinear([{ line: prepare(askedOf(values)), horizonDays: 30 }])
      const size = Math.max(1, ...points.map(([, value]) => Math.abs(value)))
      expect(Math.abs(tried!.fit.slopePerDay - m) / size).toBeLessThan(1e-9)
      expect(Math.abs(tried!.fit.level - (b + m * (values.length - 1))) / size).toBeLessThan(1e-8)
    }),
    { numRuns: 200 },
  )
})

test('the median and the quantiles are those of the sorted', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 20 }), values => {
      const sorted = Float64Array.from(values).sort()
      const middle = (sorted.length - 1) / 2
      const wanted = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
      expect(medianOf(Float64Array.from(values))).toBe(wanted)
      expect(quantileOf(Float64Array.from(values), 0.5)).toBeCloseTo(wanted)
      expect(quantileOf(Float64Array.from(values), 0)).toBe(sorted[0])
      expect(quantileOf(Float64Array.from(values), 1)).toBe(sorted.at(-1))
    }),
    { numRuns: 300 },
  )
  expect(quantileOf(Float64Array.of(0, 10), 0.05)).toBeCloseTo(0.5)
  expect(medianOf(new Float64Array(0))).toBeNaN()
})
