import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Points, spark, thin } from '../../../query/front/spark.ts'

const range = { fromMs: 0, toMs: 1_200_000 }
const every = (ms: number, values: readonly number[]): Points => ({
  tMs: values.map((_, at) => at * ms),
  values,
})
const drawn = (points: Points, top?: number): string => spark(points, { range, label: 'a line', top }).html
const path = (svg: string, kind: string): string | undefined =>
  new RegExp(`class="${kind}" d="([^"]*)"`).exec(svg)?.[1]

test('a picture has as many points as can be seen, and ends with the newest sample as it is', () => {
  const points = every(
    1_000,
    Array.from({ length: 1_201 }, (_, at) => at),
  )
  const { tMs, values } = thin(points, range)
  expect(tMs).toHaveLength(121)
  // The mean of the first ten seconds, at the middle of them.
  expect([tMs[0], values[0]]).toEqual([4_500, 4.5])
  expect([tMs.at(-1), values.at(-1)]).toEqual([1_200_000, 1_200])
})

test('a picture keeps its shape as time goes on', () => {
  const points = every(
    1_000,
    Array.from({ length: 1_201 }, (_, at) => Math.sin(at)),
  )
  const later = { fromMs: 3_000, toMs: 1_203_000 }
  expect(thin(points, later).values.slice(1)).toEqual(thin(points, range).values.slice(1))
})

test('what is no number, and what lies outside, is not there', () => {
  const tMs = [-1, 0, 100_000, 200_000, 300_000, 1_200_001]
  const values = [9, 1, Number.NaN, Number.POSITIVE_INFINITY, 4, 9]
  expect(thin({ tMs, values }, range)).toEqual({ tMs: [0, 300_000], values: [1, 4] })
})

test('a constant line is a line with its area over the ground', () => {
  const svg = drawn(every(400_000, [5, 5, 5, 5]), 10)
  expect(path(svg, 'line')).toBe('M0 50L333 50L667 50L1000 50')
  expect(path(svg, 'area')).toBe('M0 100L0 50L333 50L667 50L1000 50V100Z')
  expect(path(svg, 'ground')).toBe('M0 100H1000')
  expect(path(svg, 'dot')).toBe('M1000 50h.01')
})

test('nothing but zeros lies on the ground', () => {
  expect(path(drawn(every(600_000, [0, 0, 0])), 'line')).toBe('M0 100L500 100L1000 100')
})

test('below zero, the ground rises', () => {
  const svg = drawn(every(1_200_000, [-50, 50]), 50)
  // 50 times the headroom is the top.
  expect(path(svg, 'ground')).toBe('M0 52H1000')
  expect(path(svg, 'line')).toBe('M0 100L1000 4')
})

test('a gap is a gap', () => {
  const tMs = [0, 100_000, 200_000, 300_000, 900_000, 1_000_000]
  const svg = drawn({ tMs, values: [1, 1, 1, 1, 1, 1] }, 2)
  expect(path(svg, 'line')).toBe('M0 50L83 50L167 50L250 50M750 50L833 50')
  expect(path(svg, 'area')?.match(/M/g)).toHaveLength(2)
})

test('one lonely point is a dot, and none is only the ground', () => {
  const one = drawn(every(1, [3]), 6)
  expect(path(one, 'line')).toBe('M0 50h.01')
  expect(path(one, 'area')).toBeUndefined()
  const none = drawn(every(1, [Number.NaN]))
  expect(none.match(/class="(\w+)"/g)).toEqual(['class="spark"', 'class="ground"'])
})

test('it is a picture with words, which cannot break out', () => {
  const { html } = spark(every(1, [1]), { range, label: 'a "quoted" <b>' })
  expect(html).toContain('role="img" aria-label="a &quot;quoted&quot; &lt;b&gt;"')
})

test('whatever comes in, coordinates are whole numbers within the picture', () => {
  const sample = fc.tuple(fc.integer({ min: -1_000, max: 1_300_000 }), fc.double())
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 300 }), samples => {
      const sorted = samples.toSorted((a, b) => a[0] - b[0])
      const svg = drawn({ tMs: sorted.map(each => each[0]), values: sorted.map(each => each[1]) })
      for (const [, x, y] of (path(svg, 'line') ?? '').matchAll(/[ML]([^ ]+) ([^MLh]+)/g)) {
        expect(Number(x)).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 1_000)
        expect(Number(y)).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 100)
      }
    }),
  )
})
