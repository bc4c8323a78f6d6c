import fc from 'fast-check'
import { expect, test } from 'vitest'
import { murmur2, partitionOf, partitions } from '#core/partition.ts'

test("murmur2 is Kafka's", () => {
  const t = (text: string, wanted: number): void => expect(murmur2(Buffer.from(text)), text).toBe(wanted)
  // From Kafka's UtilsTest.
  t('21', -973932308)
  t('foobar', -790332482)
  t('a-little-bit-long-string', -985981536)
  t('a-little-bit-longer-string', -1486304829)
  t('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971)
  t('abc', 479470107)
})

test('a key has one partition, for life', () => {
  expect(partitions).toBe(64)
  const t = (key: string, wanted: number): void => expect(partitionOf(key), key).toBe(wanted)
  t('21', (-973932308 & 0x7fffffff) % 64)
  t('foobar', (-790332482 & 0x7fffffff) % 64)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), key => {
      const partition = partitionOf(key)
      expect(partition).toBe(partitionOf(key))
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true)
    }),
  )
})

test('bytes in the middle of a buffer are hashed as on their own', () => {
  const inside = Buffer.from('xxabcyy').subarray(2, 5)
  expect(murmur2(inside)).toBe(479470107)
})
