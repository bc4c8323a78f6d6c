// Every function of a window sees what the evaluator lets it see, among stale markers and numbers that are none.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangeFunctions } from '#promql/evaluate/range-functions.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import { openHits, openKernels, openSheet } from '../../../rules/kernel.ts'
import { type Points, sourceOf, startMs, stripsOf } from './strips.ts'

const leftOut = ['absent_over_time', 'predict_linear']
const names = Object.keys(rangeFunctions).filter(name => !leftOut.includes(name))

const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 3, arbitrary: fc.constant('stale' as const) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
)
const points: fc.Arbitrary<Points> = fc
  .array(fc.tuple(fc.constantFrom(1_000, 2_000, 7_000), value), { minLength: 1, maxLength: 12 })
  .map(all => {
    let tMs = startMs
    return all.map(([gapMs, found]) => {
      tMs += gapMs
      return [tMs, found]
    })
  })

const callOf = (name: string, window: string): string => {
  if (name === 'quantile_over_time') return `${name}(0.4, m[${window}])`
  if (name === 'double_exponential_smoothing') return `${name}(m[${window}], 0.4, 0.6)`
  return `${name}(m[${window}])`
}

test.each(names)('%s', name => {
  const kernels = openKernels({ lookbackMs: 300_000 })
  const [sheet, hits] = [openSheet(), openHits()]
  const window = fc.constantFrom('3s', '8s', '20s', '1h')
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 3 }), window, (all, window) => {
      const nowMs = Math.max(...all.map(each => each.at(-1)?.[0] ?? 0))
      sheet.begin(
        stripsOf(all),
        Uint32Array.from(all, (_, slot) => slot),
        nowMs,
      )
      const expr = parse(callOf(name, window))
      kernels.compile(expr)?.find(sheet, hits)
      const found = new Map(
        Array.from(hits.at.subarray(0, hits.count), (at, each) => [at, hits.values[each]]),
      )
      for (const [slot, points] of all.entries()) {
        const { value } = evaluateNow(expr, sourceOf(points), { atMs: nowMs })
        const wanted = value.kind === 'vector' ? value.values : []
        expect(found.has(slot)).toBe(wanted.length === 1)
        expect(found.get(slot)).toBe(wanted[0])
      }
    }),
    { numRuns: 200 },
  )
})
