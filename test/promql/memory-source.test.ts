import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import { isStale } from '#core/stale.ts'
import { MemorySource } from '#promql/memory-source.ts'

const named: Matcher = { name: '__name__', op: '=', value: 'x' }
const series = { name: 'x', labels: labelsOf([['a', 'b']]) }
const all = { fromMs: -1e9, toMs: 1e9 }

test('samples come out in the order of time, however they went in; of one time the later wins', () => {
  const point = fc.tuple(
    fc.integer({ min: 0, max: 30 }),
    fc.oneof(fc.integer({ max: 9 }), fc.constant('stale' as const)),
  )
  fc.assert(
    fc.property(
      fc.array(point),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 30 }),
      (points, from, to) => {
        const source = new MemorySource()
        for (const [tMs, value] of points) source.put(series, tMs, value)
        const wanted = [...new Map(points)]
          .filter(([tMs]) => tMs >= from && tMs <= to)
          .sort(([a], [b]) => a - b)
        const [found] = source.select([named], { fromMs: from, toMs: to })
        const got = Array.from(found?.tMs ?? [], (tMs, at) => [
          tMs,
          isStale(found!.values, at) ? 'stale' : found!.values[at],
        ])
        expect(got).toEqual(wanted)
      },
    ),
  )
})

test('series are found by all that a selector can say', () => {
  const source = new MemorySource()
  source.add(series, [1, undefined, 3], 1_000, 500)
  source.add({ name: 'y', labels: labelsOf([]) }, [1], 1_000)
  const t = (matchers: Matcher[], ...names: string[]) =>
    expect(source.select(matchers, all).map(each => each.series.name)).toEqual(names)
  t([named], 'x')
  t([named, { name: 'a', op: '=', value: 'c' }])
  t([{ name: '__name__', op: '=~', value: '.' }], 'x', 'y')
  t([{ name: 'a', op: '=', value: '' }], 'y')
  t([{ name: '__name__', op: '=', value: 'z' }])
  expect([...source.select([named], all)[0]!.tMs]).toEqual([500, 2_500])
  expect(source.last(series)).toEqual({ tMs: 2_500, value: 3 })
  expect(source.last({ ...series, name: 'z' })).toBeUndefined()
  source.clear()
  t([{ name: '__name__', op: '=~', value: '.' }])
})
