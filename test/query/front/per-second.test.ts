import { expect, test } from 'vitest'
import { meanSpeed, perSecond } from '../../../query/front/per-second.ts'

test('a counter becomes speeds, one for each pause', () => {
  expect(perSecond({ tMs: [0, 10_000, 30_000], values: [5, 105, 205] })).toEqual({
    tMs: [10_000, 30_000],
    values: [10, 5],
  })
  expect(perSecond({ tMs: [0], values: [5] })).toEqual({ tMs: [], values: [] })
  expect(perSecond({ tMs: [], values: [] })).toEqual({ tMs: [], values: [] })
})

test('a counter that falls has begun at zero', () => {
  expect(perSecond({ tMs: [0, 10_000], values: [1e9, 50] }).values).toEqual([5])
})

test('the mean counts each speed as long as it held, within the last while', () => {
  const speeds = { tMs: [0, 10_000, 50_000, 60_000, 70_000], values: [999, 999, 1, 5, 9] }
  expect(meanSpeed(speeds, 20_000)).toBe(7)
  // 40 s at 1, 10 s at 5, 10 s at 9.
  expect(meanSpeed(speeds, 60_000)).toBe(180 / 60)
})

test('the first speed stands alone, and before it there is none', () => {
  expect(meanSpeed({ tMs: [10_000], values: [3] }, 60_000)).toBe(3)
  expect(meanSpeed({ tMs: [], values: [] }, 60_000)).toBeUndefined()
})
