// What a day came to, and that parts of a day make the same of it as the whole.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { staleNaN } from '#core/stale.ts'
import { dayRowOf, mergeRows } from '../../../capacity/history/day-row.ts'
import type { DayRow } from '../../../capacity/history.ts'

const minuteMs = 60_000
const stepMs = 5 * minuteMs
const day = 20_000
const startMs = day * 86_400_000

const rowOf = (values: readonly number[], everyMs = stepMs): DayRow =>
  dayRowOf(
    day,
    Float64Array.from(values, (_, at) => startMs + at * everyMs),
    Float64Array.from(values),
  )

test('says what a day came to', () => {
  const values = Array.from({ length: 288 }, (_, at) => at)
  expect(rowOf(values)).toEqual({
    ...{ day, count: 288, min: 0, max: 287, sum: (287 * 288) / 2 },
    ...{ last: 287, lastMs: startMs + 287 * stepMs },
    // 0.95 × 287
    p95: 272.65,
    // The last twelve.
    busyHour: 281.5,
  })
})

test('a day of 23 or 25 hours is a day', () => {
  const t = (count: number) => {
    const row = rowOf(Array.from({ length: count }, () => 2))
    expect(row, String(count)).toMatchObject({ count, min: 2, max: 2, sum: 2 * count, p95: 2, busyHour: 2 })
  }
  t(276)
  t(300)
})

test('gaps, stale markers and infinities are as if they were not there', () => {
  const holes = [Number.NaN, 3, staleNaN, Number.POSITIVE_INFINITY, 5, Number.NEGATIVE_INFINITY]
  expect(rowOf(holes)).toMatchObject({
    count: 2,
    min: 3,
    max: 5,
    sum: 8,
    last: 5,
    lastMs: startMs + 4 * stepMs,
  })

  const t = (values: readonly number[]) =>
    expect(rowOf(values)).toEqual({
      ...{ day, count: 0, sum: 0 },
      ...{ min: Number.NaN, max: Number.NaN, last: Number.NaN, lastMs: Number.NaN },
      ...{ p95: Number.NaN, busyHour: Number.NaN },
    })
  t([])
  t([Number.NaN, staleNaN])
})

test('the busiest hour is sixty minutes in a row, wherever they begin', () => {
  const values = Array.from({ length: 288 }, () => 1)
  // From 10:25 on.
  values.fill(13, 125, 137)
  expect(rowOf(values).busyHour).toBe(13)
  // One peak is a twelfth of an hour.
  const peak = Array.from({ length: 288 }, () => 0)
  peak[50] = 12
  expect(rowOf(peak).busyHour).toBe(1)
})

test('a peak beside a gap is no busy hour', () => {
  const values = Array.from({ length: 288 }, () => 1)
  values.fill(Number.NaN, 100, 150)
  values[150] = 100
  // Six of twelve minutes that are known are half of an hour.
  expect(rowOf(values).busyHour).toBeCloseTo((100 + 5) / 6)
})

test('values of whole hours, as others keep them, are hours', () => {
  expect(rowOf([1, 2, 7, 3], 60 * minuteMs).busyHour).toBe(7)
})

// Whole numbers, so that sums are exact in any order.
const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -1_000_000, max: 1_000_000 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
)

test('however a day is cut, its parts merge to the same', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 60, maxLength: 60 })
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), cuts, (values, to) => {
      const whole = rowOf(values)
      const parts = [0, 1, 2, 3, 4].map(part => {
        const places = [...values.keys()].filter(at => to[at] === part)
        return dayRowOf(
          day,
          Float64Array.from(places, at => startMs + at * stepMs),
          Float64Array.from(places, at => values[at]!),
        )
      })
      const { p95: _p95, busyHour: _busyHour, ...rest } = whole
      expect(parts.reduce(mergeRows)).toMatchObject(rest)
      expect(parts.toReversed().reduce(mergeRows)).toMatchObject(rest)
    }),
    { numRuns: 200 },
  )
})

test('what needs the whole day is unknown of parts, and known where there is one part', () => {
  expect(mergeRows(rowOf([1, 2]), rowOf([3]))).toMatchObject({ p95: Number.NaN, busyHour: Number.NaN })
  expect(mergeRows(rowOf([]), rowOf([3, 5]))).toEqual(rowOf([3, 5]))
  expect(mergeRows(rowOf([3, 5]), rowOf([]))).toEqual(rowOf([3, 5]))
  expect(() => mergeRows(rowOf([1]), { ...rowOf([1]), day: day + 1 })).toThrow('is not day')
})

test('no number of a day lies outside of its others', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 })
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 300 }), values => {
      const { min, max, p95, busyHour, sum, count } = rowOf(values)
      const slack = 1e-3 + 1e-9 * Math.max(Math.abs(min), Math.abs(max))
      for (const each of [p95, busyHour, sum / count]) {
        expect(each).toBeGreaterThanOrEqual(min - slack)
        expect(each).toBeLessThanOrEqual(max + slack)
      }
    }),
    { numRuns: 100 },
  )
})
