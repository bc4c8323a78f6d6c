// Is `auto` better than the best naive method, and do bands hold what they should? On made-up lines of every kind, with the
// future held back. The same on public series is `npm run accuracy`; docs/forecasting.md has its table.
import { expect, test } from 'vitest'
import { judge } from '../../../capacity/forecast/back-test.ts'
import { choose } from '../../../capacity/forecast/choose.ts'
import { parts, weightedMedian } from '../../../capacity/forecast/combined.ts'
import { noSums } from '../../../capacity/forecast/errors.ts'
import { openForecaster } from '../../../capacity/forecast/forecaster.ts'
import type { linear } from '../../../capacity/forecast/linear.ts'
import { methods } from '../../../capacity/forecast/methods.ts'
import { originsOf } from '../../../capacity/forecast/origins.ts'
import { type LineTried, tryLine } from '../../../capacity/forecast/trial.ts'
import { askedOf, gaussOf, madeLine, randomOf, shapes, week } from './made-lines.ts'

const [window, horizon] = [60, 30]
const windows = shapes.flatMap(shape =>
  Array.from({ length: 3 }, (_, seed) => {
    const line = madeLine(shape, seed)
    const from = 17 * seed
    return { past: line.slice(from, from + window), came: line.slice(from + window, from + window + horizon) }
  }),
)
const scaleOf = (past: Float64Array): number =>
  past.slice(7).reduce((sum, each, at) => sum + Math.abs(each - past[at]!), 0) / (past.length - 7)
const maseOf = (likely: Float64Array, at: number): number => {
  const { past, came } = windows[at]!
  return came.reduce((sum, each, day) => sum + Math.abs(each - likely[day]!), 0) / came.length / scaleOf(past)
}
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length

test('auto beats both naive methods by a tenth on lines of every kind', async () => {
  const forecaster = openForecaster()
  const found = await forecaster.forecast(windows.map(({ past }) => askedOf(past, { method: 'auto' })))
  const auto = mean(found.map(({ likely }, at) => maseOf(likely, at)))
  const naive = (method: typeof linear): number =>
    mean(windows.map(({ past }, at) => maseOf(method(past)!.ahead(horizon), at)))
  expect(auto).toBeLessThan(0.9 * Math.min(naive(methods.naive), naive(methods.seasonal_naive)))
})

test('bands calibrated together hold nine truths of ten, of the mission’s line too', async () => {
  const many = shapes.flatMap(shape =>
    Array.from({ length: 40 }, (_, seed) => madeLine(shape, seed + 100, 90)),
  )
  const found = await openForecaster().forecast(many.map(line => askedOf(line.slice(0, window))))
  const held = found.flatMap(({ low, high }, at) =>
    Array.from(many[at]!.subarray(window), (came, day) => (came >= low[day]! && came <= high[day]! ? 1 : 0)),
  )
  expect(mean(held)).toBeGreaterThan(0.87)
  expect(mean(held)).toBeLessThan(0.93)
})

test('a band holds nine truths of ten 66 days ahead too: of noise, of a week, of what drifts', async () => {
  const days = window + 66
  const lineOf: Readonly<Record<string, (random: () => number) => number[]>> = {
    noise: random => Array.from({ length: days }, (_, day) => 300 + day + 6 * gaussOf(random)),
    week: random =>
      Array.from({ length: days }, (_, day) => 300 + day + week[day % 7]! + 6 * gaussOf(random)),
    walk(random) {
      let walked = 1_000
      return Array.from({ length: days }, () => (walked += 0.1 + 2 * gaussOf(random)))
    },
    steps(random) {
      let level = 500
      return Array.from({ length: days }, () => {
        if (random() < 1 / 30) level += 35 * gaussOf(random)
        return level + 2 * gaussOf(random)
      })
    },
  }
  const forecaster = openForecaster()
  const held: Record<string, number> = {}
  const width: Record<string, number> = {}
  for (const [kind, make] of Object.entries(lineOf)) {
    const lines = Array.from({ length: 200 }, (_, seed) => make(randomOf(7_919 * seed + 3)))
    const asked = lines.map(line => askedOf(line.slice(0, window), { horizonDays: 66 }))
    const found = await forecaster.forecast(asked)
    held[kind] = mean(
      found.map(({ low, high }, at) => {
        const came = lines[at]!.at(-1)!
        return came >= low[65]! && came <= high[65]! ? 1 : 0
      }),
    )
    width[kind] = mean(found.map(({ low, high }) => high[65]! - low[65]!))
  }
  for (const kind of ['noise', 'week', 'walk'] as const) expect(held[kind], kind).toBeGreaterThan(0.86)
  // Who knows of steps to come? Of lines without one in the window nobody.
  expect(held['steps']).toBeGreaterThan(0.65)
  // Noise alone, a month before and two months ahead: 6 either side of the line would be one deviation.
  expect(width['noise']).toBeLessThan(2 * 5 * 6)
})

test('the combination does not peek: the end of a line changes nothing that was said before it', () => {
  const line = madeLine('walk', 3, 60)
  const changed = line.map((each, day) => (day >= 54 ? each + 1_000 : each))
  const wanted = { horizonDays: 30, aheadDays: 30, method: 'combined' } as const
  const [first, second] = [line, changed].map(values => tryLine({ values, ...wanted }).candidates[0].errors)
  const { day } = originsOf(60, 30)
  for (const [at, each] of first!.entries()) {
    if (day[at]! < 54) expect(second![at]).toBe(each)
    else expect(second![at]).not.toBe(each)
  }
})

test('errors are what was said less what came, for the days that came', () => {
  const values = Float64Array.from({ length: 20 }, (_, day) => (day === 12 ? Number.NaN : day))
  const origins = originsOf(20, 3)
  const said = origins.trained.map(() => Float64Array.of(100, 100, 100))
  const { errors, sums } = judge(said, values, origins)
  expect(origins.trained).toEqual([10, 12, 14, 16, 18])
  expect([...errors.slice(0, 6)]).toEqual([90, 89, Number.NaN, Number.NaN, 87, 86])
  expect(sums.count).toBe([...origins.day].filter(day => day !== 12).length)
  // A back-test of two days ahead at the last origin: no third day came.
  expect(origins.ahead.at(-1)).toBe(2)
})

test('the weighted median stands between the two in the middle', () => {
  const t = (numbers: number[], weights: number[], wanted: number) =>
    expect(weightedMedian(Float64Array.from(numbers), Float64Array.from(weights))).toBeCloseTo(wanted)

  t([5], [1], 5)
  t([3, 1, 2], [1, 1, 1], 2)
  t([4, 1, 2, 3], [1, 1, 1, 1], 2.5)
  t([1, 2, 100], [1, 1, 100], 98.06)
  t([1, 100], [3, 1], 25.75)
  expect(Object.keys(parts)).toHaveLength(8)
})

test('auto leaves the combination for what is far better, and asks more of it where it is worse elsewhere', () => {
  const lineOf = (ratio: number): LineTried => {
    const of = (method: 'combined' | 'linear', off: number) => ({
      method,
      sums: { ...noSums(), count: 10, off },
    })
    const candidate = {
      fit: { level: 0, slopePerDay: 0, weekly: null },
      ahead: new Float64Array(0),
      errors: new Float64Array(0),
    }
    const among = [of('combined', 100), of('linear', 100 * ratio)] as const
    return {
      among,
      candidates: [
        { ...among[0], ...candidate },
        { ...among[1], ...candidate },
      ],
      isTooLittle: false,
    }
  }
  const t = (ratios: number[], wanted: string) =>
    expect(choose(ratios.map(lineOf))[0]!.method, ratios.join()).toBe(wanted)

  t([0.9], 'combined')
  t([0.4], 'linear')
  t([0.7], 'combined')
  // All lines say so.
  t([0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7], 'linear')
  t([0.4, 2, 2, 2, 2, 2, 2, 2, 2], 'combined')
})

test('a line that climbs steadily is seen to climb, by auto as well', () => {
  const random = randomOf(9)
  const values = Float64Array.from({ length: 60 }, (_, day) => 100 + 2 * day + 2 * gaussOf(random))
  const { candidates } = tryLine({ values, horizonDays: 30, aheadDays: 60, method: 'auto' })
  expect(Math.abs(candidates[0].ahead[29]! - 278)).toBeLessThan(15)
})
