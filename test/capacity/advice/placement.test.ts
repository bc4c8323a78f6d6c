import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limitOf, type Machine, type Place, placeNew, takeAway } from '../../../capacity/advice/placement.ts'

// host: cores, then workers by proxy.
function machine(host: string, cores: number, workers: Record<string, number> = {}, proxies: string[] = []) {
  return { host, cores, proxies, workers: new Map(Object.entries(workers)) } satisfies Machine
}

const shown = (places: readonly Place[]): string[] =>
  places.map(({ host, proxy, count }) => `${host}${proxy === '' ? '' : `/${proxy}`} ${count}`)

test('a machine takes at most min(100, 2 × cores)', () => {
  const t = (cores: number, limit: number) => expect(limitOf(cores), String(cores)).toBe(limit)

  t(1, 2)
  t(0.5, 1)
  t(2.75, 5)
  t(49, 98)
  t(50, 100)
  t(51, 100)
  t(192, 100)
  // Nobody knows, or there are none.
  t(Number.NaN, 0)
  t(Number.POSITIVE_INFINITY, 0)
  t(0, 0)
  t(-4, 0)
})

test('idle machines first, then different ones, then equal workers per proxy', () => {
  const t = (machines: Machine[], count: number, places: string[], left = 0) => {
    const placed = placeNew(machines, count)
    expect(shown(placed.places)).toEqual(places)
    expect(placed.left).toBe(left)
  }
  // c is idle, although a has more room.
  t([machine('a', 64, { '': 1 }), machine('b', 1, { '': 1 }), machine('c', 1)], 1, ['c 1'])
  // Then one to each, the emptiest first.
  t([machine('a', 64, { '': 1 }), machine('b', 1, { '': 1 }), machine('c', 1)], 2, ['a 1', 'c 1'])
  t([machine('a', 64, { '': 1 }), machine('b', 1, { '': 1 }), machine('c', 1)], 3, ['a 1', 'b 1', 'c 1'])
  // Two idle ones, each behind its own proxy: that of the fewer workers.
  t([machine('a', 4, {}, ['p']), machine('b', 4, {}, ['q']), machine('c', 4, { p: 3 })], 1, ['b/q 1'])
  // Where any proxy will do, they are made equal.
  t([machine('a', 8, { p: 5, q: 1 })], 4, ['a/q 4'])
  t([machine('a', 8, { p: 5, q: 1 })], 6, ['a/p 1', 'a/q 5'])
  // A machine has its proxies, whatever runs there by mistake.
  t([machine('a', 8, { q: 1 }, ['p'])], 2, ['a/p 2'])
  // Full is full, unknown is full, and more than it may have is full.
  t([machine('a', 1, { '': 1 }), machine('b', Number.NaN), machine('c', 1, { '': 5 })], 4, ['a 1'], 3)
  t([], 2, [], 2)
  t([machine('a', 4)], 0, [])
})

test('what is taken away comes from where there are most, and the last one of a machine goes last', () => {
  const t = (machines: Machine[], count: number, places: string[], left = 0) => {
    const taken = takeAway(machines, count)
    expect(shown(taken.places)).toEqual(places)
    expect(taken.left).toBe(left)
  }
  t([machine('a', 4, { '': 4 }), machine('b', 4, { '': 1 })], 1, ['a 1'])
  t([machine('a', 4, { '': 4 }), machine('b', 4, { '': 3 }), machine('c', 4, { '': 1 })], 2, ['a 1', 'b 1'])
  t([machine('a', 4, { '': 2 }), machine('b', 4, { '': 1 })], 1, ['a 1'])
  t([machine('a', 4, { '': 2 }), machine('b', 4, { '': 1 })], 2, ['a 1', 'b 1'])
  // Of the proxy with the more workers.
  t([machine('a', 8, { p: 5, q: 1 })], 4, ['a/p 4'])
  // Where there are more than may be, first.
  t([machine('a', 64, { '': 60 }), machine('b', 1, { '': 3 })], 1, ['b 1'])
  t([machine('a', Number.NaN, { '': 2 }), machine('b', 4, { '': 8 })], 1, ['a 1'])
  t([machine('a', 4, { '': 1 })], 3, ['a 1'], 2)
})

const proxies = ['p', 'q', 'r']
const fleets = fc.uniqueArray(
  fc.record({
    host: fc.integer({ min: 0, max: 30 }).map(each => `h${each}`),
    cores: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) }, fc.constant(Number.NaN)),
    proxies: fc.oneof(fc.constant([]), fc.subarray(proxies)),
    workers: fc
      .dictionary(fc.constantFrom(...proxies), fc.integer({ min: 0, max: 5 }))
      .map(found => new Map(Object.entries(found))),
  }),
  { selector: each => each.host, maxLength: 8 },
)
const counts = fc.integer({ min: 0, max: 60 })
const workersOf = (each: Machine): number => [...each.workers.values()].reduce((sum, one) => sum + one, 0)
const movedOn = (places: readonly Place[], host: string): number =>
  places.filter(each => each.host === host).reduce((sum, each) => sum + each.count, 0)

test('no machine gets more than it takes, nothing is lost, and the order of machines does not matter', () => {
  fc.assert(
    fc.property(fleets, counts, (machines, count) => {
      const placed = placeNew(machines, count)
      const { places, left } = placed
      expect(places.reduce((sum, each) => sum + each.count, 0) + left).toBe(count)
      for (const each of machines) {
        const added = movedOn(places, each.host)
        if (added > 0) expect(workersOf(each) + added).toBeLessThanOrEqual(limitOf(each.cores))
        // What is left over fits nowhere.
        if (left > 0) expect(workersOf(each) + added).toBeGreaterThanOrEqual(limitOf(each.cores))
      }
      expect(placeNew(machines.toReversed(), count)).toEqual(placed)
      expect(takeAway(machines.toReversed(), count)).toEqual(takeAway(machines, count))
    }),
    { numRuns: 150 },
  )
})

test('nobody gets a second one while somebody with room has none', () => {
  fc.assert(
    fc.property(fleets, counts, (machines, count) => {
      const { places } = placeNew(machines, count)
      const open = machines.filter(each => {
        const added = movedOn(places, each.host)
        return workersOf(each) + added < limitOf(each.cores)
      })
      const most = Math.max(0, ...machines.map(each => movedOn(places, each.host)))
      for (const each of open) expect(movedOn(places, each.host)).toBeGreaterThanOrEqual(most - 1)
      // An idle one is not passed over for one that works.
      const idle = open.filter(each => workersOf(each) === 0)
      if (idle.some(each => movedOn(places, each.host) === 0)) {
        for (const each of machines) if (workersOf(each) > 0) expect(movedOn(places, each.host)).toBe(0)
      }
    }),
    { numRuns: 150 },
  )
})

test('where every proxy will do, no proxy falls behind', () => {
  const anywhere = fleets.map(all => all.map(each => ({ ...each, proxies: [...proxies] })))
  fc.assert(
    fc.property(anywhere, counts, (machines, count) => {
      const { places } = placeNew(machines, count)
      const before = (proxy: string) =>
        machines.reduce((sum, each) => sum + (each.workers.get(proxy) ?? 0), 0)
      const added = (proxy: string) =>
        places.filter(each => each.proxy === proxy).reduce((sum, each) => sum + each.count, 0)
      const fewest = Math.min(...proxies.map(each => before(each) + added(each)))
      for (const each of proxies)
        if (added(each) > 0) expect(before(each) + added(each)).toBeLessThanOrEqual(fewest + 1)
    }),
    { numRuns: 100 },
  )
})

test('taking away takes what runs and no more, and empties no machine while another has two', () => {
  fc.assert(
    fc.property(fleets, counts, (machines, count) => {
      const { places, left } = takeAway(machines, count)
      expect(places.reduce((sum, each) => sum + each.count, 0) + left).toBe(count)
      for (const { host, proxy, count: taken } of places) {
        expect(taken).toBeLessThanOrEqual(machines.find(each => each.host === host)?.workers.get(proxy) ?? 0)
      }
      const rest = machines.map(each => workersOf(each) - movedOn(places, each.host))
      if (left > 0) expect(rest.every(each => each === 0)).toBe(true)
      const isEmptied = machines.some(
        (each, at) => rest[at] === 0 && workersOf(each) > 0 && limitOf(each.cores) >= workersOf(each),
      )
      if (isEmptied) expect(Math.max(0, ...rest)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 150 },
  )
})
