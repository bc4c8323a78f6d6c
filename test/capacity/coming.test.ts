// What counts beside the supply: orders, give-backs, and deliveries that nobody has measured yet.
import { expect, test } from 'vitest'
import { type Coming, expectedOf, netBy, shortOf } from '../../capacity/coming.ts'
import type { Pool, Resource } from '../../capacity/pool.ts'
import { cpu, pool } from './planned.ts'

const today = 20_782
const stated: Resource = { ...cpu, supply: { kind: 'stated', unitCapacity: 10 } }

const came = (units: number, day: number, request = 1): Coming => ({ request, units, day, isDelivered: true })
// Up to yesterday; the last of them is the newest.
const supplyOf = (...values: readonly number[]) => ({
  firstDay: today - values.length,
  values: Float64Array.from(values),
})
const days = (count: number, value: number): number[] => new Array<number>(count).fill(value)

type Asked = Readonly<{ resource?: Resource; pool?: Partial<Pool> }>
const units = (coming: readonly Coming[], supply: readonly number[], asked: Asked = {}): number =>
  netBy(
    expectedOf(coming, {
      ...{ pool: pool(asked.pool), resource: asked.resource ?? cpu, supply: supplyOf(...supply) },
    }),
    today + 99,
  )

test('a delivery counts until the supply of its day is known', () => {
  const t = (coming: readonly Coming[], wanted: number, supply = days(60, 100)) =>
    expect(units(coming, supply, { resource: stated })).toBe(wanted)

  t([came(10, today)], 10)
  t([came(10, today - 1)], 0)
  t([came(-4, today)], -4)
  // Nothing was measured since.
  t([came(10, today - 2)], 10, [...days(57, 100), ...days(3, Number.NaN)])
  // A slip that is put right on the next day: the supply of the first has a hundred of them.
  t([came(100, today - 1), came(-90, today)], -90)
})

test('what was delivered before the units were counted is in their number', () => {
  const counted = { resource: stated, pool: { countedDay: today } }
  expect(units([came(10, today - 1)], days(60, Number.NaN), counted)).toBe(0)
  expect(units([came(10, today)], days(60, 100), counted)).toBe(10)
})

test('where the supply is measured, a delivery counts until it has risen by it, for two weeks at most', () => {
  const t = (coming: readonly Coming[], supply: readonly number[], wanted: number) =>
    expect(units(coming, supply)).toBe(wanted)

  t([came(10, today)], days(60, 100), 10)
  t([came(10, today - 5)], days(60, 100), 10)
  t([came(10, today - 5)], [...days(56, 100), ...days(4, 160)], 4)
  t([came(10, today - 5)], [...days(56, 100), ...days(4, 200)], 0)
  // Once they live, it is no delivery that breaks.
  t([came(10, today - 5)], [...days(56, 100), ...days(2, 200), 150, 130], 0)
  t([came(10, today - 13)], days(60, 100), 10)
  t([came(10, today - 14)], days(60, 100), 0)
  // They lived before somebody said so.
  t([came(10, today - 1)], [...days(56, 100), ...days(4, 200)], 0)
  // A supply of which nothing is known cannot have risen.
  t([came(10, today)], days(60, Number.NaN), 10)
  t([], days(60, 100), 0)
})

test('of several deliveries those that live are not taken for one another', () => {
  const two = [came(10, today - 6, 1), came(5, today - 2, 2)]
  expect(units(two, [...days(56, 100), ...days(4, 200)])).toBe(5)
  expect(units(two, [...days(59, 100), 200])).toBe(5)
  expect(units(two, days(60, 100))).toBe(15)
  expect(units(two, [...days(57, 100), 200, 250, 250])).toBe(0)
})

test('what is given back counts as leaving until the supply has fallen by it', () => {
  expect(units([came(-5, today)], days(60, 150))).toBe(-5)
  expect(units([came(-5, today - 3)], [...days(58, 150), 120, 120])).toBe(-2)
  expect(units([came(-5, today - 3)], [...days(58, 150), 100, 100])).toBe(0)
})

test('a delivery that was put right counts with what has come', () => {
  expect(units([came(100, today - 2), came(-90, today)], days(60, 100))).toBe(10)
  expect(units([came(100, today - 2), came(-100, today)], days(60, 100))).toBe(0)
})

test('an order counts from its day on, and what is promised back at once', () => {
  const expected = expectedOf(
    [
      { request: 1, units: 4, day: today + 9, isDelivered: false },
      { request: 2, units: -3, day: today + 60, isDelivered: false },
    ],
    { pool: pool(), resource: cpu, supply: supplyOf(...days(60, 100)) },
  )
  expect([today + 8, today + 9].map(day => netBy(expected, day))).toEqual([-3, 1])
})

test('what is given back on a day that somebody has said is there until then', () => {
  const falling = Float64Array.of(40, 30, 20, 10)
  const t = (day: number, earlyDay: number | null, isAssumed = false) =>
    expect(
      shortOf(
        { firstDay: today, likely: falling, high: falling },
        [{ units: -8, day, isDelivered: false, isAssumed }],
        { supplyNow: 100, waterline: 0.7, unitCapacity: 10 },
      ),
    ).toMatchObject({ earlyDay, likelyDay: earlyDay })

  t(today + 3, null)
  t(today + 1, today + 1)
  // Overdue, and already gone as far as anybody knows.
  t(today - 1, today)
  t(today + 3, today, true)
})

test('a pool that waits for its first machines, and is not used yet, is not short', () => {
  const nothing = Float64Array.of(0, 0, 1, 1)
  const t = (day: number, earlyDay: number | null) =>
    expect(
      shortOf({ firstDay: today, likely: nothing, high: nothing }, [{ units: 8, day, isDelivered: false }], {
        supplyNow: 0,
        waterline: 0.7,
        unitCapacity: 10,
      })?.earlyDay,
    ).toBe(earlyDay)

  t(today + 2, null)
  t(today + 3, today + 2)
})
