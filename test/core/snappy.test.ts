// Snappy blocks: what another implementation packs is had back, and bytes that nobody should send end quickly.
import fc from 'fast-check'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { canBe, declaredLength, unsnapBlock } from '#core/snappy.ts'
import { workedMs } from '../worked.ts'

const limit = 1 << 22

function unsnap(bytes: Uint8Array): Uint8Array | undefined {
  const declared = declaredLength(bytes)
  if (declared === undefined || declared.length > limit || !canBe(declared.length, bytes.length))
    return undefined
  return unsnapBlock(bytes, declared.from, declared.length)
}

test('has back what another implementation packed', () => {
  const repeating = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.nat(300))
    .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part)))
  // Long runs that do not repeat are literals with lengths of two and three bytes.
  const lasting = fc.tuple(fc.nat(0xffff), fc.nat(100_000)).map(([seed, length]) => {
    let state = seed + 1
    return Uint8Array.from({ length }, () => {
      state = (state * 48_271) % 0x7fffffff
      return state & 255
    })
  })
  fc.assert(
    fc.property(fc.oneof(repeating, lasting, fc.uint8Array({ maxLength: 300 })), raw => {
      const packed = compress(raw)
      if (packed.length > 1) expect(Buffer.compare(unsnap(packed)!, raw)).toBe(0)
    }),
    { numRuns: 150 },
  )
})

test('reads every kind of element', () => {
  const t = (elements: readonly number[], text: string) => {
    const packed = Uint8Array.from([text.length, ...elements])
    expect(Buffer.from(unsnap(packed)!).toString(), text).toBe(text)
  }
  const [a, b, c] = Buffer.from('abc') as unknown as [number, number, number]
  const abc = [8, a, b, c]
  t(abc, 'abc')
  // Lengths of a literal in one, two, three and four bytes.
  t([240, 2, a, b, c], 'abc')
  t([244, 2, 0, a, b, c], 'abc')
  t([248, 2, 0, 0, a, b, c], 'abc')
  t([252, 2, 0, 0, 0, a, b, c], 'abc')
  // Offsets in one, two and four bytes; a copy that repeats itself.
  t([...abc, 1, 3], 'abcabca')
  t([...abc, 10, 2, 0], 'abcbcb')
  t([...abc, 19, 1, 0, 0, 0], 'abcccccc')
})

test('refuses what is no block, at once', () => {
  const t = (...bytes: number[]) => {
    const beganMs = workedMs()
    expect(unsnap(Uint8Array.from(bytes)), String(bytes)).toBeUndefined()
    expect(workedMs() - beganMs, String(bytes)).toBeLessThan(1_000)
  }
  // Lengths from 2^31 on: taken as negative, the first goes back to where it stands, for ever.
  t(5, 252, 250, 255, 255, 255)
  t(5, 252, 0, 0, 0, 128)
  t(5, 252, 255, 255, 255, 255)
  // An offset from 2^31 on, of nothing, and from before the beginning.
  t(5, 0, 65, 15, 0, 0, 0, 128)
  t(5, 0, 65, 1, 0)
  t(5, 0, 65, 1, 2)
  // Cut off: in a length, in a literal, in an offset.
  t(70, 244, 9)
  t(5, 16, 65)
  t(5, 0, 65, 1)
  t(5, 0, 65, 2, 1)
  // More and less than is declared.
  t(1, 4, 65, 66)
  t(2, 0, 65)
  t(2, 0, 65, 1, 1)
})

test('whatever the bytes, it ends with all of the length or with nothing', () => {
  const tag = fc.constantFrom(0, 1, 2, 3, 240, 244, 248, 252, 255)
  const bytes = fc.array(fc.oneof(fc.nat(255), tag, fc.constantFrom(255, 128, 127)), { maxLength: 80 })
  fc.assert(
    fc.property(bytes, fc.nat(1_000), (body, length) => {
      const beganMs = workedMs()
      const found = unsnapBlock(Uint8Array.from(body), 0, length)
      expect(workedMs() - beganMs).toBeLessThan(1_000)
      if (found !== undefined) expect(found.length).toBe(length)
    }),
    { numRuns: 5_000 },
  )
})
