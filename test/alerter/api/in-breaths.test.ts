import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pieceChars } from '#core/http/pieces.ts'
import { inPieces, sorted } from '../../../alerter/api/in-breaths.ts'
import { workedMs } from '../../worked.ts'

test('a list is in order, and what is equal stays as it came', async () => {
  const lists = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 6_000, size: 'max' })
  await fc.assert(
    fc.asyncProperty(lists, async keys => {
      const items = keys.map((key, nth) => ({ key, nth }))
      const found = await sorted(items, (a, b) => a.key - b.key)
      expect(found).toEqual(items.toSorted((a, b) => a.key - b.key || a.nth - b.nth))
    }),
    { numRuns: 20 },
  )
})

test('others get their turn while fifty thousand are put in order', async () => {
  const texts = Array.from({ length: 50_000 }, (_, at) => String((at * 7_919) % 50_000))
  let longestMs = 0
  let beforeMs = workedMs()
  let isDone = false
  const look = (): void => {
    longestMs = Math.max(longestMs, workedMs() - beforeMs)
    beforeMs = workedMs()
    if (!isDone) setImmediate(look)
  }
  setImmediate(look)
  await sorted(texts, (a, b) => (a < b ? -1 : 1))
  isDone = true
  expect(longestMs).toBeGreaterThan(0)
  // In one go it takes longer than that.
  expect(longestMs).toBeLessThan(500)
})

test('pieces are put together, and nothing is lost', () => {
  const pieces = Array.from({ length: 1_000 }, (_, at) => `${at},`.repeat(100))
  const found = [...inPieces(pieces)]
  expect(found.join('')).toBe(pieces.join(''))
  for (const each of found.slice(0, -1)) expect(each.length).toBeGreaterThanOrEqual(pieceChars)
  expect([...inPieces([])]).toEqual([])
})
