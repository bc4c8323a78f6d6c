// The dates on which a limit is met, by leaps and day by day: both must say the same of every straight line.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { daysAhead } from '../../../capacity/forecast/bands.ts'
import { type Curve, meetings } from '../../../capacity/forecast/edges.ts'
import { growthAhead } from '../../../capacity/forecast/growth.ts'
import { runs } from '../../runs.ts'

const firstDay = 20_000
const growth = growthAhead(0.5, 60)
const walked = (curve: Curve): Curve => ({
  ...curve,
  ahead: Float64Array.from({ length: daysAhead }, (_, at) => curve.level + curve.slope * (at + 1)),
})

// Evenly spread, which fc.double is not.
const between = (least: number, most: number) =>
  fc.integer({ min: 0, max: 1_000_000 }).map(at => least + ((most - least) * at) / 1_000_000)
const lines = fc.record({
  level: between(-1_000, 1_000),
  // A flat line, and one whose slope is next to nothing, are as likely as any other.
  slope: fc.oneof(between(-5, 5), between(0, 0.1), between(-1e-12, 1e-12), fc.constant(0)),
  low: between(0, 200),
  high: between(0, 200),
  // From noise alone to a walk alone, of few days and many.
  walk: fc.integer({ min: 0, max: 32 }).map(at => at / 32),
  days: fc.constantFrom(7, 60, 400),
})
// Near enough to be met.
const above = fc.oneof(between(-100, 1_500), between(0, 50))

test('a leap never goes past the day on which a straight line, or an edge of its band, meets the limit', () => {
  let met = 0
  fc.assert(
    fc.property(lines, above, ({ level, slope, low, high, walk, days }, more) => {
      const curve = {
        growth: growthAhead(walk, days),
        ...{ ahead: null, level, slope, factors: null },
        ...{ band: { low: -low, high }, least: Number.NEGATIVE_INFINITY },
      }
      const limit = level + more
      const found = meetings(curve, limit, firstDay)
      if (found.likelyDay !== null && found.likelyDay > firstDay) met++
      expect(found).toEqual(meetings(walked(curve), limit, firstDay))
    }),
    { numRuns: runs(400) },
  )
  // Of lines that never meet their limit this says little; some 220 do.
  expect(met).toBeGreaterThan(runs(10))
})

test('a limit that is met to the last bit is met on that day', () => {
  for (const day of [0, 1, 2, 3, 10, 399]) {
    for (const slope of [0.1, 1 / 3, 1, 7.7]) {
      const curve = {
        ...{ ahead: null, level: 100, slope, factors: null, growth },
        ...{ band: { low: 0, high: 0 }, least: Number.NEGATIVE_INFINITY },
      }
      const { likelyDay } = meetings(curve, 100 + slope * (day + 1), firstDay)
      expect(likelyDay, `${day} ${slope}`).toBe(firstDay + day)
    }
  }
})

test('what uses nothing is not at the limit of a pool that has nothing; what uses something is', () => {
  const t = (level: number, limit: number, day: number | null) => {
    const curve = {
      ...{ ahead: null, level, slope: 0, factors: null, growth },
      ...{ band: { low: 0, high: 0 }, least: 0 },
    }
    const is = { earlyDay: day, likelyDay: day, lateDay: day }
    expect(meetings(curve, limit, firstDay), `${level} of ${limit}`).toEqual(is)
    expect(meetings(walked(curve), limit, firstDay), `${level} of ${limit}`).toEqual(is)
  }

  t(0, 0, null)
  t(0.5, 0, firstDay)
  t(0, 70, null)
})
