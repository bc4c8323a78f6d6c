import { expect, test } from 'vitest'
import type { KnownAlert } from '../../../alerter/alert.ts'
import { mergeAlerts } from '../../../alerter/timeline/merge-alerts.ts'
import { alertOf } from './world.ts'

type Times = readonly [startsAtMs: number, endsAtMs: number | null, rest?: Partial<KnownAlert>]
const at = ([startsAtMs, endsAtMs, rest]: Times): KnownAlert =>
  alertOf({ alertname: 'a' }, { startsAtMs, endsAtMs, updatedAtMs: startsAtMs, ...rest })

test('two reports of one alert', () => {
  const t = (known: Times, taken: Times, nowMs: number, ...wanted: [number, number | null]) => {
    const { startsAtMs, endsAtMs } = mergeAlerts(at(known), at(taken), nowMs)
    expect([startsAtMs, endsAtMs], `${known} and ${taken}`).toEqual(wanted)
  }
  const assumed = { isEndAssumed: true }

  // The earliest beginning, whoever says it.
  t([5, null], [7, null], 10, 5, null)
  t([5, null], [3, null], 10, 3, null)
  t([5, 100], [7, 200], 10, 5, 200)
  // An end that has come ends it.
  t([5, null], [5, 10, { updatedAtMs: 10 }], 10, 5, 10)
  t([5, 100], [7, 9, { updatedAtMs: 9 }], 10, 5, 9)
  // A report that has run out before it was heard does not.
  t([5, 100], [5, 9, { updatedAtMs: 7 }], 10, 5, 100)
  t([5, 100, assumed], [5, 9, { updatedAtMs: 7 }], 10, 5, 100)
  // Of two that have come the later.
  t([5, 9], [6, 8], 10, 5, 9)
  t([5, 8], [6, 9], 10, 5, 9)
  // One that lies ahead does not take another's word back, unless that was only assumed.
  t([5, 100], [7, 50], 10, 5, 100)
  t([5, null], [7, 50], 10, 5, null)
  t([5, 100, assumed], [7, 50], 10, 5, 50)
  t([5, 50, assumed], [7, 100, assumed], 10, 5, 100)
  // Of another time: nothing of the old one is left.
  t([5, 8], [9, null], 10, 9, null)
  t([5, 8], [8, 20], 10, 8, 20)
  // Old news.
  t([20, null], [5, 8], 25, 20, null)
  t([20, null], [5, 20], 25, 20, null)
  t([5, 8, { updatedAtMs: 8 }], [5, null], 10, 5, 8)
  // The other replica still sees it.
  t([5, 8, { updatedAtMs: 8 }], [5, 20, { updatedAtMs: 9 }], 10, 5, 20)
  // Posted at 6 and at 10 with an end and no beginning, which puts the first one's beginning ahead.
  t([50, 50, { updatedAtMs: 6 }], [10, 10], 10, 10, 10)
  t([50, 50, { updatedAtMs: 6 }], [5, 6], 10, 50, 50)
  // It began and ended in one millisecond.
  t([5, null], [5, 5], 5, 5, 5)
})

test('everything else is as the later report says', () => {
  const known = at([5, null, { value: '1', generatorUrl: 'x' }])
  const taken = at([7, null, { value: '2', generatorUrl: 'y', stale: true, updatedAtMs: 3 }])
  expect(mergeAlerts(known, taken, 10)).toMatchObject({ value: '2', generatorUrl: 'y', stale: true })
  expect(mergeAlerts(undefined, taken, 10)).toBe(taken)
})

test('what several of our rules find ends with the last of them', () => {
  const by = (rule: string, startsAtMs: number, endsAtMs: number | null = null): KnownAlert =>
    at([
      startsAtMs,
      endsAtMs,
      { finders: [{ rule, sinceMs: startsAtMs }], value: rule, updatedAtMs: endsAtMs ?? startsAtMs },
    ])
  const t = (reports: readonly KnownAlert[], ...wanted: [number, number | null, string]) => {
    const { startsAtMs, endsAtMs, value } = reports.reduce((known, taken) =>
      mergeAlerts(known, taken, taken.updatedAtMs),
    )
    expect([startsAtMs, endsAtMs, value], JSON.stringify(reports)).toEqual(wanted)
  }
  const posted = (startsAtMs: number, endsAtMs: number): KnownAlert =>
    at([startsAtMs, endsAtMs, { value: 'posted', updatedAtMs: 8 }])

  t([by('a', 5), by('b', 6), by('a', 5, 7)], 5, null, 'b')
  t([by('a', 5), by('b', 6), by('b', 6, 7)], 5, null, 'b')
  t([by('a', 5), by('b', 6), by('a', 5, 7), by('b', 6, 8)], 5, 8, 'b')
  t([by('a', 5), by('b', 6), by('a', 5, 7), by('a', 7), by('b', 6, 8)], 5, null, 'a')
  // Of another time.
  t([by('a', 5), by('b', 6), by('a', 5, 7), by('b', 6, 8), by('a', 9), by('a', 9, 10)], 9, 10, 'a')
  // By another share of a fleet, before the end that the first one tells.
  t([by('a', 5), by('a', 6), by('a', 5, 7)], 5, null, 'a')
  t([by('a', 5), by('a', 6), by('a', 5, 7), by('a', 6, 8)], 5, 8, 'a')
  // An end that was lost.
  t([by('a', 5), by('a', 7), by('a', 7, 8)], 5, 8, 'a')
  // Told twice, and an end of whom nothing was heard before.
  t([by('a', 5), by('a', 5), by('a', 5, 7)], 5, 7, 'a')
  t([by('a', 5), by('b', 6, 7)], 5, null, 'a')
  // Posted as well: it may be evaluated elsewhere, too.
  t([by('a', 5), posted(5, 8)], 5, null, 'a')
  t([by('a', 5), posted(6, 90), by('a', 5, 9)], 5, 9, 'a')
  t([by('a', 5), posted(6, 90), posted(6, 8)], 5, null, 'posted')
})
