// Where a reader begins: what it asks for, as far as the topic still has it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { begin } from '#core/bus/kafka/positions.ts'

const ends = new Map([
  [0, { low: 5, high: 9 }],
  [1, { low: 0, high: 0 }],
])

test('a position that the topic has is kept, any other gives way to the beginning and is told', () => {
  const t = (wanted: readonly (readonly [number, number])[], positions: object, lost: readonly number[]) => {
    const found = begin(new Map(wanted), ends)
    expect({ positions: Object.fromEntries(found.positions), lost: found.lost }, String(wanted)).toEqual({
      positions,
      lost,
    })
  }
  t([], { 0: 5, 1: 0 }, [])
  t([[0, 7]], { 0: 7, 1: 0 }, [])
  t(
    [
      [0, 9],
      [1, 0],
    ],
    { 0: 9, 1: 0 },
    [],
  )
  // Fallen out of retention, and of a topic that was made anew.
  t(
    [
      [0, 4],
      [1, 1],
    ],
    { 0: 5, 1: 0 },
    [0, 1],
  )
  // A partition that there is not.
  t([[7, 3]], { 0: 5, 1: 0 }, [])
})

test('whatever is asked for, every partition begins within its ends', () => {
  const wanted = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: -5, max: 20 })))
  fc.assert(
    fc.property(wanted, asked => {
      const { positions } = begin(new Map(asked), ends)
      expect([...positions.keys()]).toEqual([...ends.keys()])
      for (const [partition, position] of positions) {
        expect(position).toBeGreaterThanOrEqual(ends.get(partition)!.low)
        expect(position).toBeLessThanOrEqual(ends.get(partition)!.high)
      }
    }),
  )
})
