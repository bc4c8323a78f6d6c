import { expect, test } from 'vitest'
import { dates } from '#promql/evaluate/dates.ts'

test('dates far beyond those of JavaScript are as Go has them', () => {
  const t = (seconds: number, ...wanted: number[]) =>
    expect(
      ['year', 'month', 'day_of_month', 'hour', 'minute', 'day_of_week', 'day_of_year', 'days_in_month'].map(
        name => dates[name]!(seconds),
      ),
      String(seconds),
    ).toEqual(wanted)
  t(8.7e12, 277_662, 1, 9, 10, 40, 1, 9, 31)
  t(1e18, 31_688_740_476, 10, 23, 1, 46, 5, 297, 31)
  t(-1e18, -31_688_736_537, 3, 10, 22, 13, 2, 69, 31)
  t(9.2e18, 291_536_396_232, 8, 31, 11, 33, 5, 244, 31)
})

test('near and far dates agree where both are known', () => {
  for (const seconds of [8.1e12, 8.639e12, -8.1e12, -8.639e12 + 12_345]) {
    const date = new Date(seconds * 1_000)
    expect(dates['year']!(seconds)).toBe(date.getUTCFullYear())
    expect(dates['month']!(seconds)).toBe(date.getUTCMonth() + 1)
    expect(dates['day_of_month']!(seconds)).toBe(date.getUTCDate())
    expect(dates['day_of_week']!(seconds)).toBe(date.getUTCDay())
    expect(dates['hour']!(seconds)).toBe(date.getUTCHours())
  }
  expect(dates['year']!(Number.NaN)).toBeNaN()
  expect(dates['year']!(Number.POSITIVE_INFINITY)).toBeNaN()
})
