import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBlock, encodeBlock } from '#core/store/embedded/block.ts'
import { Bytes } from '#core/store/embedded/bytes.ts'

const roundTrip = (tMs: readonly number[], values: readonly number[]) => {
  const out = new Bytes(new Uint8Array(16))
  encodeBlock(out, { tMs: Float64Array.from(tMs), values: Float64Array.from(values) }, 0, tMs.length)
  const into = { tMs: new Float64Array(tMs.length), values: new Float64Array(tMs.length) }
  const count = decodeBlock(new Bytes(out.written(), out.length), into, 0)
  return { count, tMs: [...into.tMs], values: [...into.values], sizeBytes: out.length }
}

const steady = (count: number): number[] => Array.from({ length: count }, (_, at) => 1.79e12 + at * 10_000)

test('any samples come back as they were', () => {
  const value = fc.oneof(
    fc.double(),
    fc.integer().map(whole => whole / 100),
    fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e22, 0.1, 123456789.12345678),
  )
  const samples = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 4e12 }), value), {
    minLength: 1,
    maxLength: 200,
    selector: ([tMs]) => tMs,
  })
  fc.assert(
    fc.property(samples, unordered => {
      const pairs = [...unordered].sort(([a], [b]) => a - b)
      const [tMs, values] = [pairs.map(([t]) => t), pairs.map(([, v]) => v)]
      const back = roundTrip(tMs, values)
      expect(back.count).toBe(pairs.length)
      expect(back.tMs).toEqual(tMs)
      for (const [at, each] of back.values.entries()) expect(Object.is(each, values[at])).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test('differences of every length come back, wherever in the block they stand', () => {
  const steps = Array.from({ length: 49 }, (_, bits) => [2 ** bits - 1, -(2 ** bits), 2 ** bits]).flat()
  for (let first = 0; first < steps.length; first++) {
    let last = 0
    const values = [...steps.slice(first), ...steps.slice(0, first)].map(step => {
      last = Math.abs(last + step) < 2 ** 50 ? last + step : step
      return last
    })
    for (const by of [1, 100]) {
      const wanted = values.map(value => value / by)
      expect(roundTrip(steady(wanted.length), wanted).values, String(first)).toEqual(wanted)
    }
  }
})

test('what repeats costs little', () => {
  const t = (values: readonly number[], most: number): void => {
    expect(roundTrip(steady(values.length), values).sizeBytes / values.length).toBeLessThanOrEqual(most)
  }
  const thousand = [...Array(1_000).keys()]

  t(
    thousand.map(() => 42.5),
    0.05,
  )
  t(
    thousand.map(at => 97.5 + (at % 50) / 100),
    1.1,
  )
  t(
    thousand.map(at => 1e9 + at * 4_096),
    2.1,
  )
  // Noise cannot be made smaller, and is not made larger.
  t(
    thousand.map(at => Math.sin(at * at)),
    8.1,
  )
})

test('a block that ends too early is refused', () => {
  const out = new Bytes()
  encodeBlock(out, { tMs: Float64Array.from(steady(50)), values: Float64Array.from(steady(50)) }, 0, 50)
  const into = { tMs: new Float64Array(50), values: new Float64Array(50) }

  for (let length = 0; length < out.length; length++) {
    expect(() => decodeBlock(new Bytes(out.written(), length), into, 0), String(length)).toThrow(
      'ends too early',
    )
  }
})
