import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleText, timeText } from '../../query/number-text.ts'
import { PointsText } from '../../query/points-text.ts'

const written = (tMs: number, value: number): string => {
  const points = new PointsText(100)
  points.add(tMs, value, true)
  return points.take()
}

const specified = (tMs: number, value: number): string => `[${timeText(tMs)},"${sampleText(value)}"]`

const time = fc.oneof(fc.integer({ min: 0, max: 253_402_300_799_999 }), fc.integer({ min: -1e15, max: 1e15 }))
const value = fc.oneof(
  fc.double(),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer(),
  // Decimals of any length, about where they are no longer the only ones.
  fc
    .tuple(fc.integer({ min: -(2 ** 53), max: 2 ** 53 }), fc.integer({ min: 0, max: 12 }))
    .map(([whole, decimals]) => whole / 10 ** decimals),
)

test('a point is written as its numbers are written by themselves', () => {
  fc.assert(
    fc.property(time, value, (tMs, value) => {
      expect(written(tMs, value)).toBe(specified(tMs, value))
    }),
    { numRuns: 5_000 },
  )
})

test('at the edges of what is written digit by digit', () => {
  const t = (tMs: number, value: number, text: string) => {
    expect(written(tMs, value)).toBe(text)
    expect(specified(tMs, value)).toBe(text)
  }

  t(0, 0, '[0,"0"]')
  t(1, -0, '[0.001,"-0"]')
  t(1_795_147_200_120, 1, '[1795147200.120,"1"]')
  t(1_795_147_200_000, 100, '[1795147200,"100"]')
  t(-1, -12.5, '[-0.001,"-12.5"]')
  t(10, 0.000001, '[0.010,"0.000001"]')
  t(10, 0.0000001, '[0.010,"1e-07"]')
  t(10, 100_000_000, '[0.010,"100000000"]')
  t(10, 99_999_999.000001, '[0.010,"99999999.000001"]')
  t(10, 999_999_999_999_999, '[0.010,"999999999999999"]')
  t(10, 1e15, '[0.010,"1000000000000000"]')
  t(10, 2 ** 53, '[0.010,"9007199254740992"]')
  t(10, 0.1 + 0.2, '[0.010,"0.30000000000000004"]')
  t(10, Number.NaN, '[0.010,"NaN"]')
  t(10, Number.NEGATIVE_INFINITY, '[0.010,"-Inf"]')
})

test('many are written one behind the other, as far as there is room', () => {
  const points = new PointsText(1_000)
  let [count, text] = [0, '']
  for (let at = 0; at < 500; at++) {
    points.add(at * 1_000, -Math.sqrt(at) / 1e3, at === 0)
    count++
    if (points.isFull) text += points.take()
  }
  text += points.take()
  expect(points.take()).toBe('')
  const wanted = Array.from({ length: count }, (_, at) => specified(at * 1_000, -Math.sqrt(at) / 1e3))
  expect(text).toBe(wanted.join(','))
})
