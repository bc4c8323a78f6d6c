// Where a share goes on reading, and how far before that it looks.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { At, Bus } from '#core/bus.ts'
import { beginningOf } from '../../../rules/fleet/beginning.ts'

type Log = Readonly<{ oldest: number; end: number; windows?: number }>

function busOf(logs: Readonly<Record<number, Log>>, asked: At[] = []): Bus {
  const bus: Pick<Bus, 'places'> = {
    async places(_topic, at) {
      asked.push(at)
      const answer = ({ oldest, end, windows = end }: Log): number =>
        at === 'beginning' ? oldest : at === 'end' ? end : windows
      return new Map(Object.entries(logs).map(([partition, log]) => [Number(partition), answer(log)]))
    },
  }
  return bus as Bus
}
const nowMs = 1_000_000
const windowMs = 300_000

test('who was never here begins at the end, now, with what its rules look back at', async () => {
  const asked: At[] = []
  const bus = busOf({ 3: { oldest: 10, end: 50, windows: 40 } }, asked)
  const begun = await beginningOf(bus, [3], { places: new Map(), nowMs, windowMs })
  expect(begun).toEqual({
    warm: new Map([[3, 40]]),
    next: new Map([[3, { next: 50, atMs: nowMs }]]),
    atMs: nowMs,
    lost: [],
  })
  expect(asked).toContainEqual({ atMs: nowMs - windowMs - 10_000 })
})

test('who was here goes on there, as of the last of its times', async () => {
  const bus = busOf({
    3: { oldest: 0, end: 50, windows: 5 },
    // Nothing came for days, and what there was is gone.
    4: { oldest: 7, end: 7 },
  })
  const places = new Map([
    [3, { next: 20, atMs: 900_000 }],
    [4, { next: 7, atMs: 100 }],
  ])
  const begun = await beginningOf(bus, [3, 4], { places, nowMs, windowMs })
  expect(begun.atMs).toBe(900_000)
  expect(begun.lost).toEqual([])
  expect([...begun.next]).toEqual([
    [3, { next: 20, atMs: 900_000 }],
    [4, { next: 7, atMs: 900_000 }],
  ])
  expect(begun.warm.get(3)).toBe(5)
})

test('one whose clock is behind does not begin in the future', async () => {
  const places = new Map([[3, { next: 20, atMs: nowMs + 60_000 }]])
  const begun = await beginningOf(busOf({ 3: { oldest: 0, end: 50 } }), [3], { places, nowMs, windowMs })
  expect(begun.atMs).toBe(nowMs)
})

test('what is gone is told: it goes on with the oldest', async () => {
  const places = new Map([
    [3, { next: 20, atMs: 900_000 }],
    // A topic that was made anew.
    [4, { next: 20, atMs: 900_000 }],
    [5, { next: 20, atMs: 900_000 }],
  ])
  const bus = busOf({ 3: { oldest: 30, end: 50 }, 4: { oldest: 0, end: 2 }, 5: { oldest: 20, end: 20 } })
  const begun = await beginningOf(bus, [3, 4, 5], { places, nowMs, windowMs })
  expect(begun.lost).toEqual([3, 4])
  expect([...begun.next.values()].map(each => each.next)).toEqual([30, 0, 20])
})

test('it never begins to remember behind where it begins to evaluate, nor where nothing is', () => {
  const log = fc.record({
    oldest: fc.nat(50),
    length: fc.nat(50),
    windows: fc.nat(120),
    saved: fc.option(fc.nat(120)),
  })
  return fc.assert(
    fc.asyncProperty(fc.array(log, { minLength: 1, maxLength: 4 }), async given => {
      const logs = Object.fromEntries(
        given.map(({ oldest, length, windows }, at) => [at, { oldest, end: oldest + length, windows }]),
      )
      const places = new Map(
        given.flatMap(({ saved }, at) =>
          saved === null ? [] : [[at, { next: saved, atMs: nowMs - at }] as const],
        ),
      )
      const all = [...given.keys()]
      const { warm, next } = await beginningOf(busOf(logs), all, { places, nowMs, windowMs })
      for (const [at, { oldest, end }] of Object.entries(logs)) {
        const [from, to] = [warm.get(Number(at))!, next.get(Number(at))!.next]
        expect(from).toBeLessThanOrEqual(to)
        expect(from).toBeGreaterThanOrEqual(oldest)
        expect(to).toBeLessThanOrEqual(end)
      }
    }),
  )
})
