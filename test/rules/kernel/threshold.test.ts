// A threshold leaves the numbers for which it holds, whether it looks at each or knows from the least and the
// greatest that there are none.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparisons } from '#promql/ast.ts'
import { comparing } from '#promql/evaluate/arithmetic.ts'
import { parse } from '#promql/parse.ts'
import { openHits, openKernels, openSheet } from '../../../rules/kernel.ts'
import { runs } from '../../runs.ts'
import { stripsOf } from './strips.ts'

const nowMs = 100_000
const whole = fc.integer({ min: -3, max: 3 })
const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0)
const mixed = fc.oneof({ weight: 3, arbitrary: whole }, odd)
const lengths = { minLength: 1, maxLength: 40, size: 'max' as const }
const numbers = fc.oneof(
  fc.array(whole, lengths),
  fc.array(fc.constantFrom(1, 2, Number.NaN), lengths),
  fc.array(mixed, lengths),
)
const textOf = (value: number): string =>
  Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'Inf')

test('every comparison, over few numbers and many, for one rule and several', () => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 3 }), mixed, (rounds, than) => {
      const shared = openKernels({ lookbackMs: 300_000 })
      const texts = comparisons.flatMap(op => [
        { op, isTurned: false, text: `m ${op} ${textOf(than)}` },
        { op, isTurned: true, text: `${textOf(than)} ${op} m` },
      ])
      const all = texts.map(each => ({ ...each, kernel: shared.compile(parse(each.text)) }))
      const alone = texts.map(each => {
        return { ...each, kernel: openKernels({ lookbackMs: 300_000 }).compile(parse(each.text)) }
      })
      const [sheet, hits] = [openSheet(), openHits()]
      for (const values of rounds) {
        const slots = Uint32Array.from(values, (_, slot) => slot)
        sheet.begin(stripsOf(values.map(value => [[nowMs, value]])), slots, nowMs)
        for (const { op, isTurned, text, kernel } of [...all, ...alone]) {
          kernel?.find(sheet, hits)
          const holds = (value: number) =>
            isTurned ? comparing[op]?.(than, value) : comparing[op]?.(value, than)
          const wanted = [...values.keys()].filter(at => holds(values[at]!))
          expect([...hits.at.subarray(0, hits.count)], text).toEqual(wanted)
          expect([...hits.values.subarray(0, hits.count)], text).toEqual(wanted.map(at => values[at]))
        }
      }
    }),
    { numRuns: runs(60) },
  )
})

test('the least and the greatest are those of each time', () => {
  const { compile } = openKernels({ lookbackMs: 300_000 })
  const [high, low] = [compile(parse('m > 50'))!, compile(parse('m < 50'))!]
  const [sheet, hits] = [openSheet(), openHits()]
  const slots = Uint32Array.from({ length: 20 }, (_, slot) => slot)
  const t = (value: number, highs: number, lows: number) => {
    sheet.begin(stripsOf([...slots].map(slot => [[nowMs, slot === 7 ? value : 50]])), slots, nowMs)
    high.find(sheet, hits)
    expect(hits.count, `above, ${value}`).toBe(highs)
    low.find(sheet, hits)
    expect(hits.count, `below, ${value}`).toBe(lows)
  }

  t(50, 0, 0)
  t(99, 1, 0)
  t(1, 0, 1)
  t(50, 0, 0)
})
