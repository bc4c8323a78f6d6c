// Who is next, of those that wait for one way?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Queue, type Rank } from '../../../alerter/delivery/queue.ts'

const fresh = (sinceMs: number, urgency: Rank['urgency'] = 'normal'): Rank => ({
  ...{ urgency, isRetry: false, sinceMs },
})
const retry = (sinceMs: number, urgency: Rank['urgency'] = 'normal'): Rank => ({
  ...{ urgency, isRetry: true, sinceMs },
})
type Asks = 'first' | 'probe'
const drained = (queue: Queue<string>, asks: Asks): string[] => {
  const found: string[] = []
  for (let next = queue[asks](); next !== undefined; next = queue[asks]()) {
    queue.take(next)
    found.push(next)
  }
  return found
}
const filled = (ranks: Readonly<Record<string, Rank>>): Queue<string> => {
  const queue = new Queue<string>()
  for (const [name, rank] of Object.entries(ranks)) queue.put(name, rank)
  return queue
}

test('urgent first; of those alike retries and the others take turns, each the oldest first', () => {
  const queue = filled({
    ...{ n2: fresh(2), n1: fresh(1), n3: fresh(3), again2: retry(2), again1: retry(1) },
    ...{ p: fresh(9, 'page'), pAgain: retry(8, 'page'), low: fresh(0, 'low') },
  })
  expect(drained(queue, 'first')).toEqual(['p', 'pAgain', 'n1', 'again1', 'n2', 'again2', 'n3', 'low'])
})

test('a probe is one that was never tried, then that which rests the longest, urgent or not', () => {
  const queue = filled({
    ...{ n: fresh(1), p: fresh(2, 'page'), bad1: retry(3, 'page'), bad2: retry(4, 'page') },
    ...{ good: retry(2) },
  })
  expect(drained(queue, 'probe')).toEqual(['p', 'good', 'n', 'bad1', 'bad2'])
})

test('a retry is not kept waiting by new ones that never end, nor they by retries', () => {
  for (const asks of ['first', 'probe'] as const) {
    const queue = filled({ a: retry(0, 'page'), b: retry(0, 'page'), x: fresh(0, 'page') })
    const left: string[] = []
    for (let nth = 0; nth < 4; nth++) {
      const next = queue[asks]()!
      queue.take(next)
      left.push(next)
      queue.put(next === 'x' ? 'x' : next, next === 'x' ? fresh(nth, 'page') : retry(nth + 1, 'page'))
    }
    expect(left, asks).toEqual(['x', 'a', 'x', 'b'])
  }
})

test('whatever comes, changes its rank and goes, it knows what is there', () => {
  const step = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    rank: fc.option(
      fc.record({
        urgency: fc.constantFrom('page' as const, 'normal' as const, 'low' as const),
        isRetry: fc.boolean(),
        sinceMs: fc.integer({ min: 0, max: 3 }),
      }),
    ),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.constantFrom<Asks>('first', 'probe'),
      (steps, asks) => {
        const queue = new Queue<string>()
        const known = new Map<string, Rank>()
        for (const { name, rank } of steps) {
          if (rank === null) {
            queue.delete(name)
            known.delete(name)
          } else {
            queue.put(name, rank)
            known.set(name, rank)
          }
          const pages = [...known.values()].filter(({ urgency }) => urgency === 'page').length
          expect([queue.size, queue.pages]).toEqual([known.size, pages])
        }
        expect(drained(queue, asks).toSorted()).toEqual([...known.keys()].toSorted())
      },
    ),
  )
})
