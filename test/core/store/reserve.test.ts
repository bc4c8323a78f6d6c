// How much of a disk is left alone, whatever the system tells of it.
import { expect, test } from 'vitest'
import { spaceOf } from '#core/store/embedded/reserve.ts'

const mebibyte = 2 ** 20

test('64 MiB, of a small disk a twentieth', () => {
  const t = (blocks: number, reserve: number) =>
    expect(spaceOf({ bavail: 10, blocks, bsize: mebibyte, frsize: mebibyte })).toEqual({
      free: 10 * mebibyte,
      reserve: reserve * mebibyte,
    })
  t(100_000, 64)
  t(100, 5)
})

test('in fragments where they are smaller than blocks, and in blocks where nobody tells of fragments', () => {
  const blocks = { bavail: 100, blocks: 1_000, bsize: mebibyte }
  expect(spaceOf({ ...blocks, frsize: 4_096 })).toEqual({ free: 409_600, reserve: 204_800 })
  expect(spaceOf(blocks)).toEqual({ free: 100 * mebibyte, reserve: 50 * mebibyte })
})
