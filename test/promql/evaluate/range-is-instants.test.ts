// A range query is many instant queries, and everything that is computed for all steps at once has to agree.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { keyOf } from '#core/labels.ts'
import { evaluate, evaluateNow, type Question } from '#promql/evaluate.ts'
import type { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'
import type { Value } from '#promql/value.ts'
import { runs } from '../../runs.ts'
import { isAlmost } from '../conformance/compare.ts'
import { expression, source } from './expressions.ts'

// Series and value at each time.
type Points = Map<string, number>

const pointsOf = (value: Value): Points => {
  if (value.kind === 'vector') {
    return new Map(value.series.map((each, row) => [`${keyOf(each)} ${value.tMs}`, value.values[row]!]))
  }
  if (value.kind !== 'matrix') throw new Error(`did not expect a ${value.kind}`)
  return new Map(
    value.series.flatMap(({ series, tMs, values }) =>
      Array.from(tMs, (each, at) => [`${keyOf(series)} ${each}`, values[at]!] as const),
    ),
  )
}

const answer = (text: string, from: MemorySource, question: Question): Points | 'failed' => {
  const expr = parse(text)
  try {
    return pointsOf(evaluateNow(expr, from, question).value)
  } catch (error) {
    if (error instanceof Failure) return 'failed'
    throw error
  }
}

const range = { startMs: 60_000, endMs: 540_000, stepMs: 40_000 }
const times = Array.from({ length: 13 }, (_, step) => range.startMs + step * range.stepMs)

test('each step of a range is an instant', () => {
  fc.assert(
    fc.property(expression, source, (text, from) => {
      const all = answer(text, from, range)
      const each = times.map(atMs => answer(text, from, { atMs }))
      if (all === 'failed') {
        expect(each, text).toContain('failed')
        return
      }
      expect(each, text).not.toContain('failed')
      const points = new Map(each.flatMap(one => [...(one as Points)]))
      expect([...all.keys()].sort(), text).toEqual([...points.keys()].sort())
      for (const [key, value] of all) {
        expect(isAlmost(value, points.get(key)!), `${text}: ${key}: ${value}, ${points.get(key)}`).toBe(true)
      }
    }),
    { numRuns: runs(60) },
  )
})

test('answers in breaths as at once', async () => {
  await fc.assert(
    fc.asyncProperty(expression, source, async (text, from) => {
      const question = { startMs: 0, endMs: 600_000, stepMs: 15_000 }
      const now = answer(text, from, question)
      const later = await evaluate(parse(text), from, question).then(
        ({ value }) => pointsOf(value),
        () => 'failed' as const,
      )
      expect(later, text).toEqual(now)
    }),
    { numRuns: 50 },
  )
})

test('an expression that stands under @ everywhere is the same at every step', () => {
  fc.assert(
    fc.property(expression, source, (text, from) => {
      const fixed = `last_over_time((${text})[1ms:1ms] @ 300)`
      const [whole, once] = [answer(fixed, from, range), answer(text, from, { atMs: 300_000 })]
      if (whole === 'failed' || once === 'failed') return
      for (const atMs of times) {
        const there = [...whole].filter(([key]) => key.endsWith(` ${atMs}`)).map(([, value]) => value)
        expect(there.sort(), text).toEqual([...once.values()].sort())
      }
    }),
    { numRuns: runs(20) },
  )
})
