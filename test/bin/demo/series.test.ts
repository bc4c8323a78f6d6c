import { expect, test } from 'vitest'
import {
  atMost,
  type Calendar,
  daily,
  during,
  growth,
  momentOf,
  noise,
  office,
  sawtooth,
  shift,
  times,
} from '../../../bin/demo/series.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
// Sunday midnight in UTC, on clocks eight hours ahead.
const calendar: Calendar = { beginsMs: Date.UTC(2026, 10, 22), offsetMs: () => 8 * hourMs }
const at = (tMs: number) => momentOf(tMs, calendar)

test('a moment has the day of the clocks, and days from the beginning', () => {
  expect(at(Date.UTC(2026, 10, 22))).toMatchObject({ day: 0, hour: 8, weekday: 0 })
  expect(at(Date.UTC(2026, 10, 21, 15, 30))).toMatchObject({ hour: 23.5, weekday: 6 })
  expect(at(Date.UTC(2026, 10, 12)).day).toBe(-10)
})

test('shapes are what they are called', () => {
  const t = (shape: ReturnType<typeof growth>, day: number, hour = 12) =>
    shape({ tMs: calendar.beginsMs + day * dayMs, day, hour, weekday: 3 })
  expect(t(growth(0.3), -30)).toBeCloseTo(0.7)
  expect(t(growth(0.3), 30)).toBeCloseTo(1.3)
  expect(t(daily(0.6, 20), 0, 20)).toBeCloseTo(1)
  expect(t(daily(0.6, 20), 0, 8)).toBeCloseTo(0.4)
  expect([t(shift(-5, 2), -6), t(shift(-5, 2), -5)]).toEqual([1, 2])
  expect([t(during(-3, -1, 2), -3), t(during(-3, -1, 2), -1)]).toEqual([2, 1])
  expect([t(sawtooth(0.1, 7), -1), t(sawtooth(0.1, 7), 0)]).toEqual([1.6, 1])
  expect(t(atMost(growth(1), 1.5), 30)).toBe(1.5)
  expect(t(times(growth(1), shift(0, 3)), 30)).toBe(6)
  expect([0, 3].map(weekday => office({ tMs: 0, day: 0, hour: 0, weekday }))).toEqual([0.55, 1])
})

test('noise is the same whenever it is asked, and as loud as it should be', () => {
  const one = noise(0.1, 'a')
  const moments = Array.from({ length: 5_000 }, (_, slot) => at(calendar.beginsMs + slot * 300_000))
  const values = moments.map(one)
  expect(moments.toReversed().map(one).toReversed()).toEqual(values)
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length)
  expect(mean).toBeGreaterThan(0.95)
  expect(mean).toBeLessThan(1.05)
  expect(deviation).toBeGreaterThan(0.08)
  expect(deviation).toBeLessThan(0.14)
  expect(moments.slice(0, 9).map(noise(0.1, 'b'))).not.toEqual(values.slice(0, 9))
})
