// Each finding on a line that has it, and none on one that has not.
import { describe, expect, test } from 'vitest'
import { findingsOf } from '../../../capacity/forecast/findings.ts'
import { prepare } from '../../../capacity/forecast/prepare.ts'
import { type FindingKind, type ForecastAsked, findingKinds } from '../../../capacity/forecast.ts'
import { askedOf, gaussOf, madeLine, randomOf, week } from './made-lines.ts'

const found = (asked: ForecastAsked) => findingsOf(asked, prepare(asked))
const kinds = (asked: ForecastAsked): FindingKind[] => found(asked).map(({ kind }) => kind)
const one = (asked: ForecastAsked, kind: FindingKind) => found(asked).find(each => each.kind === kind)

const noisy = (of: (day: number, noise: number) => number, days = 60): ForecastAsked => {
  const random = randomOf(5)
  return askedOf(Array.from({ length: days }, (_, day) => of(day, gaussOf(random))))
}

const examples: Readonly<Record<FindingKind, ForecastAsked>> = {
  too_short: noisy((_, noise) => 100 + noise, 12),
  gaps: noisy((day, noise) => (day === 20 || day === 30 ? Number.NaN : 100 + noise)),
  stale: noisy((day, noise) => (day > 55 ? Number.NaN : 100 + noise)),
  constant: askedOf(new Float64Array(60).fill(7)),
  level_shift: noisy((day, noise) => (day < 40 ? 100 : 150) + noise),
  reset: noisy((day, noise) => 40 + 3 * (day % 19) + 0.3 * noise),
  outliers: noisy((day, noise) => (day === 25 || day === 26 ? 300 : 100 + noise)),
  weekly_season: noisy((day, noise) => 100 + week[day % 7]! + noise),
  saturated: {
    ...noisy((day, noise) => (day > 50 ? 99.5 : 70 + noise)),
    supply: { firstDay: 20_000, values: new Float64Array(60).fill(100) },
  },
  counter: noisy(day => (day < 33 ? 500 + 40 * day : 40 * (day - 33))),
  supply_changed: {
    ...noisy((_, noise) => 100 + noise),
    supply: {
      firstDay: 20_000,
      values: Float64Array.from({ length: 60 }, (_, day) => (day < 30 ? 200 : 260)),
    },
  },
  event_inside: {
    ...noisy((_, noise) => 100 + noise),
    factors: new Map([
      [20_010, 2],
      [20_011, 2],
      [20_070, 3],
    ]),
  },
  not_a_number: noisy((day, noise) => (day === 8 ? Number.POSITIVE_INFINITY : 100 + noise)),
}

describe.each(findingKinds)('%s', kind => {
  test('is found where it is', () => {
    expect(kinds(examples[kind])).toContain(kind)
  })
})

test('a straight line has no week, however its numbers are rounded', () => {
  for (const [level, slope] of [
    [0.0004, 1e-6],
    [90, -1.4],
    [6e15, 1e13],
    [1e-3, 0.1],
  ] as const)
    expect(kinds(noisy(day => level + slope * day)), `${level}`).not.toContain('weekly_season')
})

test('says where, and how much', () => {
  const t = (kind: FindingKind, wanted: object) =>
    expect(one(examples[kind], kind), kind).toMatchObject(wanted)

  t('too_short', { fromDay: 20_000, toDay: 20_011, size: 12 })
  t('gaps', { fromDay: 20_020, toDay: 20_030, size: 2 })
  t('stale', { fromDay: 20_056, toDay: 20_059, size: 4 })
  t('outliers', { fromDay: 20_025, toDay: 20_026, size: 2 })
  t('reset', { fromDay: 20_019, toDay: 20_057, size: 3 })
  t('counter', { fromDay: 20_033, size: 1 })
  t('saturated', { fromDay: 20_051, toDay: 20_059, size: 9 })
  t('supply_changed', { fromDay: 20_030, toDay: 20_030, size: 60 })
  t('not_a_number', { fromDay: 20_008, size: 1 })
  const shift = one(examples.level_shift, 'level_shift')!
  expect(Math.abs(shift.fromDay! - 20_040)).toBeLessThanOrEqual(1)
  expect(Math.abs(shift.size! - 50)).toBeLessThan(3)
  expect(one(examples.weekly_season, 'weekly_season')!.size).toBeGreaterThan(0.9)
})

test('finds nothing on a calm line, nor on steady growth, nor before the first known day', () => {
  expect(kinds(noisy((_, noise) => 100 + noise))).toEqual([])
  expect(kinds(noisy((day, noise) => 100 + 2 * day + noise))).toEqual([])
  expect(kinds(noisy((day, noise) => (day < 30 ? Number.NaN : 100 + noise)))).toEqual([])
})

test('a promotion of four days is no level shift; a weekly pattern is neither reset nor outlier', () => {
  for (let seed = 0; seed < 20; seed++) {
    const promoted = kinds(noisy((day, noise) => 100 + noise + (day >= 30 && day < 34 ? 100 : 0)))
    expect(promoted).toContain('outliers')
    expect(promoted).not.toContain('level_shift')
    const weekly = kinds(askedOf(madeLine('season', seed, 60)))
    expect(weekly).not.toContain('reset')
    expect(weekly).not.toContain('level_shift')
  }
})

test('shifts are found where they are, and seldom elsewhere', () => {
  let [right, wrong] = [0, 0]
  for (let seed = 0; seed < 60; seed++) {
    const random = randomOf(seed)
    const calm = askedOf(Array.from({ length: 60 }, () => 100 + 4 * gaussOf(random)))
    if (kinds(calm).includes('level_shift')) wrong++
    const moved = askedOf(
      Array.from({ length: 60 }, (_, day) => (day < 25 ? 100 : 140) + 4 * gaussOf(random)),
    )
    if (kinds(moved).includes('level_shift')) right++
  }
  expect(right).toBeGreaterThan(54)
  expect(wrong).toBeLessThan(4)
})
