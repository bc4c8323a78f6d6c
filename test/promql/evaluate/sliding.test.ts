// What is carried along from window to window is what would come of each window by itself.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangeFunctions } from '#promql/evaluate/range-functions.ts'
import { firstAfter } from '#promql/evaluate/search.ts'
import type { Window } from '#promql/evaluate/windows.ts'

const value = fc.oneof(
  { weight: 10, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
  { weight: 1, arbitrary: fc.constantFrom(1e100, -1e100, 1e308, -1e308, 1e-300) },
)

// Values with the gaps before them.
const samples = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), value), { maxLength: 80 })
const windows = fc.record({
  startMs: fc.integer({ min: -50, max: 500 }),
  stepMs: fc.integer({ min: 0, max: 60 }),
  rangeMs: fc.integer({ min: 1, max: 400 }),
})

const sliding = Object.entries(rangeFunctions).filter(([, does]) => does.slide !== undefined)

test('there are functions that slide', () => {
  expect(sliding.map(([name]) => name).sort()).toEqual([
    'avg_over_time',
    'changes',
    'delta',
    'deriv',
    'increase',
    'max_over_time',
    'min_over_time',
    'predict_linear',
    'rate',
    'resets',
    'sum_over_time',
  ])
})

test.each(sliding)('%s', (name, does) => {
  const isLine = name === 'deriv' || name === 'predict_linear'
  fc.assert(
    fc.property(samples, windows, (all, { startMs, stepMs, rangeMs }) => {
      let last = 0
      const t = Float64Array.from(all, ([gap]) => (last += gap))
      const v = Float64Array.from(all, ([, value]) => value)
      const looked = { startMs, stepMs, count: 25 }
      const steps = Array.from({ length: looked.count }, (_, step) => startMs + step * stepMs)
      const lo = Int32Array.from(steps, toMs => firstAfter(t, toMs - rangeMs, 0))
      const hi = Int32Array.from(steps, toMs => firstAfter(t, toMs, 0))
      const out = new Float64Array(looked.count)
      const p = Float64Array.from(steps, (_, step) => step / 3)
      does.slide?.({ t, v, lo, hi, looked, rangeMs, grid: looked, p, out, base: 0 })
      for (const [step, toMs] of steps.entries()) {
        const [low, high] = [lo[step]!, hi[step]!]
        if (high - low < does.atLeast) continue
        const fromMs = toMs - rangeMs
        const window = { t, v, lo: low, hi: high, fromMs, toMs, atMs: toMs, p: p[step]!, q: 0 }
        const wanted = does.each(window)
        // Beside what is added up, not beside what remains of it.
        const numbers = v.subarray(low, high).filter(each => Number.isFinite(each))
        const scale = numbers.reduce((sum, each) => sum + Math.abs(each), 0)
        // A product of the smallest numbers there are is none.
        const error = isLine ? scale * lineError(window) + 1e-300 : scale * 1e-14
        if (Number.isFinite(wanted)) expect(Math.abs(out[step]! - wanted)).toBeLessThanOrEqual(error)
        else expect(out[step]).toBe(wanted)
      }
    }),
    { numRuns: 500 },
  )
})

// What a line may be off by, for each unit of the values: samples that lie close together beside how far they lie from
// where time is counted from say little about a slope, in whichever way it is computed.
function lineError({ t, lo, hi, fromMs, toMs, p }: Window): number {
  const x = [...t.subarray(lo, hi)].map(each => (each - toMs) / 1_000)
  const mean = x.reduce((sum, each) => sum + each, 0) / x.length
  const spread = x.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  const reach = (toMs - fromMs) / 1_000
  const ofSlope = (reach / spread) * (1 + (x.length * reach ** 2) / spread)
  return 1e-14 * (1 + (reach + p) * ofSlope + ofSlope)
}

test('finds the first time after another', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 300 })),
      fc.integer({ min: -5, max: 305 }),
      (all, atMs) => {
        const tMs = Float64Array.from([...new Set(all)].sort((a, b) => a - b))
        const wanted = tMs.filter(each => each <= atMs).length
        for (let from = 0; from <= wanted; from++) expect(firstAfter(tMs, atMs, from)).toBe(wanted)
      },
    ),
  )
})
