import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Calendar } from '../../../rules/head/calendar.ts'

test('pages come in the order of their times, with all that was put on them', () => {
  const entry = fc.record({ tMs: fc.oneof(fc.nat(50), fc.nat()), isTaken: fc.boolean() })
  fc.assert(
    fc.property(fc.array(entry), entries => {
      const calendar = new Calendar((): number[] => [])
      const model = new Map<number, number[]>()
      for (const [at, { tMs, isTaken }] of entries.entries()) {
        calendar.page(tMs).push(at)
        model.set(tMs, [...(model.get(tMs) ?? []), at])
        const nextMs = Math.min(...model.keys())
        expect(calendar.nextMs).toBe(nextMs)
        if (!isTaken) continue
        expect(calendar.takeNext()).toEqual(model.get(nextMs))
        model.delete(nextMs)
      }
      for (const tMs of [...model.keys()].sort((a, b) => a - b)) {
        expect(calendar.takeNext()).toEqual(model.get(tMs))
      }
      expect(calendar.nextMs).toBe(Infinity)
    }),
  )
})

test('an empty one has nothing to take, a cleared one is empty', () => {
  const calendar = new Calendar((): number[] => [])
  calendar.page(5).push(1)
  calendar.clear()
  expect(calendar.nextMs).toBe(Infinity)
  expect(() => calendar.takeNext()).toThrow('empty')
})
