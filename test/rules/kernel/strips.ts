// Samples as the head of the rule engine lays them out, written down by tests and by chance. Called by the tests of
// kernels.
import fc from 'fast-check'
import { labelsOf } from '#core/labels.ts'
import { writeStale } from '#core/stale.ts'
import { MemorySource } from '#promql/memory-source.ts'
import type { Strips } from '../../../rules/head.ts'

export type Points = readonly (readonly [tMs: number, value: number | 'stale'])[]

// One strip for each series, in the order of the slots, with rubbish between them.
export function stripsOf(all: readonly Points[]): Strips {
  const length = all.reduce((sum, points) => sum + points.length + 2, 0)
  const strips = {
    tMs: new Float64Array(length).fill(1),
    values: new Float64Array(length).fill(1e9),
    begins: new Uint32Array(all.length),
    ends: new Uint32Array(all.length),
  }
  let next = 1
  for (const [slot, points] of all.entries()) {
    strips.begins[slot] = next
    for (const [tMs, value] of points) {
      strips.tMs[next] = tMs
      if (value === 'stale') writeStale(strips.values, next)
      else strips.values[next] = value
      next++
    }
    strips.ends[slot] = next
    next += 2
  }
  return strips
}

// The samples of one series for the evaluator.
export function sourceOf(points: Points): MemorySource {
  const source = new MemorySource()
  const series = { name: 'm', labels: labelsOf([['host', 'a']]) }
  for (const [tMs, value] of points) source.put(series, tMs, value)
  return source
}

const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -3, max: 12 }) },
  { weight: 6, arbitrary: fc.double({ min: -1e4, max: 1e4, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, 5, 1e308, -1e308, 1e-300) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
  { weight: 2, arbitrary: fc.constant('stale' as const) },
)
const gapMs = fc.oneof(
  { weight: 8, arbitrary: fc.constant(10_000) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 400_000 }) },
)

export const startMs = 10_000_000

export const points: fc.Arbitrary<Points> = fc
  .array(fc.tuple(gapMs, value), { maxLength: 24, size: 'max' })
  .map(all => {
    let tMs = startMs
    return all.map(([gap, found]) => {
      tMs += gap
      return [tMs, found]
    })
  })
