import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena } from '../../../rules/head/arena.ts'
import { Memory } from '../../../rules/head/memory.ts'
import { runs } from '../../runs.ts'

type Block = Readonly<{ start: number; order: number }>

test('blocks never overlap, are where they may be, and all become one again', () => {
  const order = fc.integer({ min: 2, max: 9 })
  const step = fc.oneof(fc.record({ order }), fc.record({ free: fc.nat() }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), steps => {
      const arena = new Arena(new Memory(1 << 17))
      const blocks: Block[] = []
      const fill = ({ start, order }: Block): void => {
        arena.tMs.fill(start, start, start + (1 << order))
        arena.values.fill(order, start, start + (1 << order))
      }
      // What the arena keeps for itself, and what others write, lies elsewhere.
      const free = ({ start, order }: Block): void => {
        const end = start + (1 << order)
        expect(new Set(arena.tMs.subarray(start, end))).toEqual(new Set([start]))
        expect(new Set(arena.values.subarray(start, end))).toEqual(new Set([order]))
        arena.free(start, order)
      }
      for (const each of steps) {
        if ('order' in each) {
          const start = arena.alloc(each.order)
          if (start < 0) continue
          expect(start % (1 << each.order)).toBe(0)
          expect(start + (1 << each.order)).toBeLessThanOrEqual(arena.tMs.length)
          blocks.push({ start, order: each.order })
          fill({ start, order: each.order })
        } else if (blocks.length > 0) {
          for (const block of blocks.splice(each.free % blocks.length, 1)) free(block)
        }
      }
      for (const block of blocks) free(block)
      const { length } = arena.tMs
      if (length >= 1_024) expect(arena.alloc(10)).toBeGreaterThanOrEqual(0)
      expect(arena.tMs.length).toBe(length)
    }),
    { numRuns: runs(20) },
  )
})

test('it takes what memory there is, and then says no', () => {
  const memory = new Memory(40_000)
  const arena = new Arena(memory)
  let count = 0
  while (arena.alloc(2) >= 0) count++
  expect(memory.bytes).toBeLessThanOrEqual(40_000)
  expect(count).toBe(Math.floor(40_000 / 65))
  expect([arena.alloc(3), arena.alloc(31)]).toEqual([-1, -1])
  arena.free(8, 2)
  arena.free(12, 2)
  expect(arena.alloc(3)).toBe(8)
})
