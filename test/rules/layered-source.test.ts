import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import { isStale } from '#core/stale.ts'
import type { SeriesSamples } from '#core/store.ts'
import { MemorySource } from '#promql/memory-source.ts'
import type { RuleSample } from '../../rules/evaluate-rule.ts'
import { LayeredSource } from '../../rules/layered-source.ts'

const shown = (found: readonly SeriesSamples[]): unknown =>
  found
    .map(({ series, tMs, values }) => ({
      series,
      points: Array.from(tMs, (each, at) => [each, isStale(values, at) ? 'stale' : values[at]]),
    }))
    .sort((a, b) => (JSON.stringify(a.series) < JSON.stringify(b.series) ? -1 : 1))

test('a layer over a source is the source with the layer written into it', async () => {
  const sample = (times: fc.Arbitrary<number>): fc.Arbitrary<RuleSample> =>
    fc.record({
      series: fc.record({
        name: fc.constantFrom('x', 'y'),
        labels: fc.constantFrom(labelsOf([]), labelsOf([['a', 'b']])),
      }),
      tMs: times,
      value: fc.oneof(fc.integer({ max: 9 }), fc.constant('stale' as const)),
    })
  const matchers = fc.constantFrom<Matcher[]>(
    [{ name: '__name__', op: '=', value: 'x' }],
    [{ name: '__name__', op: '=~', value: '.' }],
    [{ name: 'a', op: '=', value: 'b' }],
  )
  const range = fc.record({ fromMs: fc.integer({ min: 0, max: 6 }), toMs: fc.integer({ min: 0, max: 6 }) })
  const below = fc.array(sample(fc.integer({ min: 0, max: 6 })), { maxLength: 15 })
  await fc.assert(
    fc.asyncProperty(
      below,
      fc.array(sample(fc.constant(4))),
      matchers,
      range,
      async (old, fresh, asked, when) => {
        const [base, whole] = [new MemorySource(), new MemorySource()]
        for (const { series, tMs, value } of old) base.put(series, tMs, value)
        for (const { series, tMs, value } of [...old, ...fresh]) whole.put(series, tMs, value)
        const wanted = shown(whole.select(asked, when))
        const now = new LayeredSource(base)
        now.add(fresh)
        expect(shown(await now.select(asked, when))).toEqual(wanted)
        const later = new LayeredSource({ select: async (found, times) => base.select(found, times) })
        later.add(fresh)
        expect(shown(await later.select(asked, when))).toEqual(wanted)
      },
    ),
  )
})
