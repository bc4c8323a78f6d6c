// Falls of a line, against the definition at the head of resets.ts written down with lists.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { medianOf } from '../../../capacity/forecast/middle.ts'
import { type Resets, resetsOf } from '../../../capacity/forecast/resets.ts'

function defined(values: Float64Array): Resets | null {
  const days = [...values.keys()].filter(day => !Number.isNaN(values[day]!))
  const known = days.map(day => values[day]!)
  const steps = days.slice(1).map((day, at) => ({ day, from: known[at]!, by: known[at + 1]! - known[at]! }))
  const usual = medianOf(Float64Array.from(steps, ({ by }) => Math.abs(by)))
  const lowest = -Math.max(0.3 * (Math.max(...known) - Math.min(...known)), 5 * usual)
  const isOdd = ({ day, by }: (typeof steps)[0]): boolean => {
    const other = values[day < 7 ? day + 7 : day - 7]!
    return Number.isNaN(other) || values[day]! - other < 0.3 * by
  }
  const resets = steps.filter(step => step.by < lowest && isOdd(step))
  const others = steps.filter(({ by }) => by >= lowest)
  const rises = others.filter(({ by }) => by >= 0)
  if (resets.length === 0 || rises.length < 0.6 * others.length) return null
  const isFresh = resets.every(({ day, from }) => values[day]! >= 0 && values[day]! < 0.1 * from)
  return {
    first: resets[0]!.day,
    last: resets.at(-1)!.day,
    count: resets.length,
    isCounter: isFresh && rises.length === others.length,
  }
}

// Climbs, and starts again from the floor; some days are unknown, a few are lower than the day before, and a week may be on it.
const days = 80
const lines = fc
  .record({
    period: fc.integer({ min: 5, max: 60 }),
    climbs: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: days, maxLength: days }),
    length: fc.integer({ min: 1, max: days }),
    dips: fc.array(fc.integer({ min: 0, max: days }), { maxLength: 2 }),
    gaps: fc.array(fc.integer({ min: 0, max: days }), { maxLength: 5 }),
    week: fc.constantFrom(0, 0, 0, 30),
    floor: fc.constantFrom(0, 0, 50, -20),
  })
  .map(({ period, climbs, length, dips, gaps, week, floor }) => {
    let level: number = floor
    return Float64Array.from(climbs.slice(0, length), (climb, day) => {
      level = day % period === 0 ? floor : level + (dips.includes(day) ? -climb : climb)
      return gaps.includes(day) ? Number.NaN : level + (day % 7 < 5 ? week : 0)
    })
  })

test('falls are those of the definition', () => {
  const seen = { none: 0, reset: 0, counter: 0 }
  fc.assert(
    fc.property(lines, values => {
      const found = resetsOf(values)
      seen[found === null ? 'none' : found.isCounter ? 'counter' : 'reset']++
      expect(found).toEqual(defined(values))
    }),
    { numRuns: 2_000 },
  )
  // Each answer was given often enough to be worth comparing; the rarest some 160 times.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50)
})
