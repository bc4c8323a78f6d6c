// What is packed is had back: by our own reader, by another implementation, and small where there is something to find.
import fc from 'fast-check'
import { uncompress } from 'snappyjs'
import { expect, test } from 'vitest'
import { declaredLength, unsnapBlock } from '#core/snappy.ts'
import { Snapper } from '#core/store/prometheus/snap.ts'
import { runs } from '../../runs.ts'

const snapper = new Snapper()
const pack = (raw: Uint8Array): Uint8Array => snapper.pack(raw, raw.length).slice()

function hasBack(raw: Uint8Array, what: string): Uint8Array {
  const packed = pack(raw)
  const { length, from } = declaredLength(packed)!
  expect(Buffer.compare(unsnapBlock(packed, from, length)!, raw), what).toBe(0)
  // snappyjs refuses what is empty.
  if (raw.length > 0) expect(Buffer.compare(uncompress(packed), raw), what).toBe(0)
  return packed
}

function noise(length: number, seed = 7): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (state * 48_271) % 0x7fffffff
    return (state >>> 8) & 255
  })
}

test('has back whatever it packs', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    // Few different bytes, so that there are many short matches.
    fc.array(fc.constantFrom(1, 2, 3), { maxLength: 300 }).map(bytes => Uint8Array.from(bytes)),
    fc.tuple(fc.nat(255), fc.nat(5_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
    fc.tuple(fc.nat(70_000), fc.integer({ min: 1 })).map(([length, seed]) => noise(length, seed)),
  )
  // The same parts in a random order: matches from near and far, over the ends of pieces too.
  const raw = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(3), { maxLength: 30 }))
    .map(([parts, order]) => Buffer.concat(order.map(each => parts[each % parts.length]!)))
  fc.assert(
    fc.property(raw, bytes => void hasBack(bytes, `${bytes.length} bytes`)),
    { numRuns: runs(60) },
  )
})

test('has back every length around the limits of its elements', () => {
  for (const length of [0, 1, 3, 4, 15, 16, 59, 60, 61, 64, 65, 68, 255, 256, 257, 65_535, 65_536, 65_537]) {
    hasBack(noise(length), `${length} of noise`)
    hasBack(new Uint8Array(length).fill(9), `${length} equal`)
    hasBack(Buffer.concat([noise(3_000), noise(length)]), `${length} from far`)
  }
})

test('what repeats becomes small, what does not hardly grows', () => {
  expect(hasBack(new Uint8Array(100_000), 'zeros').length).toBeLessThan(5_000)
  expect(hasBack(noise(100_000), 'noise').length).toBeLessThan(100_100)
  const labels = Array.from(
    { length: 500 },
    (_, at) => `cpu_${at},host=web-17.example.org,rack=r3,zone=eu-west-1;`,
  )
  const text = Buffer.from(labels.join(''))
  expect(hasBack(text, 'labels').length).toBeLessThan(text.length / 4)
})

test('writes the elements of the format', () => {
  const t = (raw: string, ...bytes: number[]) => expect([...pack(Buffer.from(raw))], raw).toEqual(bytes)
  t('', 0)
  t('abc', 3, 8, 97, 98, 99)
  // A literal of one byte, then 20 copies of it in one element: 19 bytes from one before.
  t('a'.repeat(20), 20, 0, 97, 2 | (18 << 2), 1, 0)
})
