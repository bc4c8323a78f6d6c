import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from '#core/heap.ts'

test('the first is always one that none comes before, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }))), steps => {
      const heap = new Heap<number>((one, other) => one < other)
      let known: number[] = []
      // A number comes in, nothing drops the first.
      for (const step of steps) {
        if (step === null) {
          heap.drop()
          known = known.toSorted((a, b) => a - b).slice(1)
        } else {
          heap.add(step)
          known.push(step)
        }
        expect([heap.first, heap.size]).toEqual([known.toSorted((a, b) => a - b)[0], known.length])
      }
      heap.keep(each => each > 4)
      known = known.filter(each => each > 4).toSorted((a, b) => a - b)
      expect([heap.first, heap.size]).toEqual([known[0], known.length])
      heap.clear()
      expect([heap.first, heap.size]).toEqual([undefined, 0])
    }),
  )
})
