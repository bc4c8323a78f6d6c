// Which batches are handed over to a reader that keeps its own positions, when it seeks while others are under way.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OwnPositions } from '#core/bus/kafka/own-positions.ts'

test('a batch that begins where the reader stands is taken, and moves it on', () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  const stand = positions.stand(3, 5)!
  expect(stand.moved.aborted).toBe(false)
  stand.move(9)
  expect([positions.get(3), positions.get(4)]).toEqual([9, undefined])
})

test('a batch that was fetched before the position moved is not', () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  positions.set(3, 100)
  expect(positions.stand(3, 5)).toBeUndefined()
  expect(positions.get(3)).toBe(100)
  expect(positions.stand(3, 100)).toBeDefined()
  // Nor is any after that one.
  positions.set(3, 200)
  expect(positions.stand(3, 105)).toBeUndefined()
  positions.set(3, 50)
  expect(positions.stand(3, 205)).toBeUndefined()
  expect(positions.get(3)).toBe(50)
})

test('what has begun under a position that moved does not move it again', () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  const [first, second] = [positions.stand(3, 5)!, positions.stand(3, 5)!]
  positions.set(3, 5)
  expect([first.moved.aborted, second.moved.aborted]).toEqual([true, true])
  first.move(9)
  expect(positions.get(3)).toBe(5)
  positions.stand(3, 5)!.move(9)
  second.move(7)
  expect(positions.get(3)).toBe(9)
})

test('what was told to be lost, or asked for twice in vain, gives way to what comes', () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  positions.lose(3)
  expect(positions.stand(3, 40)).toBeDefined()
  expect(positions.get(3)).toBe(40)
  // Nothing that could be handed over stands there.
  expect(positions.stand(3, 41)).toBeUndefined()
  expect(positions.stand(3, 41)).toBeDefined()
  expect(positions.get(3)).toBe(41)
  // What was lost before is of no account after a move.
  positions.lose(3)
  positions.set(3, 60)
  expect(positions.stand(3, 41)).toBeUndefined()
})

test('a partition that came later is read from where it is given', () => {
  const positions = new OwnPositions(new Map())
  positions.lose(7)
  positions.stand(7, 0)!.move(3)
  expect(positions.get(7)).toBe(3)
})

// A broker with a log of a hundred records, of which some are no records; a fetch may still be under way when the
// reader seeks, and may come one seek late.
test('after any seeks and late batches, the records after the last seek come once each and in order', () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('fetch' as const), many: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('seek' as const), to: fc.nat({ max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('late' as const) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const positions = new OwnPositions(new Map([[0, 0]]))
      let [fetchFrom, sought] = [0, 0]
      let late: readonly [number, number] | undefined
      let handed: number[] = []
      const hand = (from: number, next: number): void => {
        const stand = positions.stand(0, from)
        if (stand === undefined) {
          fetchFrom = positions.get(0)!
          return
        }
        for (let each = from; each < next; each++) handed.push(each)
        stand.move(next)
        fetchFrom = next
      }
      for (const each of steps) {
        if (each.what === 'fetch') hand(fetchFrom, fetchFrom + each.many)
        if (each.what === 'late' && late !== undefined) hand(...late)
        if (each.what !== 'seek') late = undefined
        if (each.what !== 'seek' || late !== undefined) continue
        late = [fetchFrom, fetchFrom + 4]
        positions.set(0, each.to)
        fetchFrom = each.to
        sought = each.to
        handed = []
      }
      expect(handed).toEqual(handed.map((_, at) => sought + at))
    }),
  )
})
