// Whether a storm is still coming in, and what groups make of it.
import { expect, test } from 'vitest'
import type { KnownAlert } from '../../../alerter/alert.ts'
import { Rush } from '../../../alerter/timeline/rush.ts'
import { alertOf, openWorld, type RouteWords, receiverOf, routeOf, type Words } from './world.ts'

// Parts of a storm: when they came, and how many they were.
function rushOf(...parts: (readonly [atMs: number, count: number])[]): Rush {
  const rush = new Rush()
  for (const [atMs, count] of parts) for (let nth = 0; nth < count; nth++) rush.add(atMs)
  return rush
}

test('more is expected for twice as long as its parts were apart', () => {
  const t = (untilMs: number, ...parts: Parameters<typeof rushOf>) =>
    expect(rushOf(...parts).untilMs).toBe(untilMs)

  t(600, [0, 600], [50, 600], [200, 600], [300, 600])
  t(600, [0, 600], [100, 600], [200, 600], [300, 600], [400, 600])
  // And for 0.7 s at most, and 0.1 s at least.
  t(1_600, [0, 600], [900, 600])
  t(120, [0, 600], [20, 600])
  // Fewer than a thousand are no storm.
  t(Number.NEGATIVE_INFINITY, [0, 499], [100, 500])
  // What came in one piece is all there.
  t(7, [7, 50_000])
  // Behind a silence, and behind a clock that was set back, another one begins.
  t(1_500, [0, 2_000], [1_500, 1_000])
  t(100, [500, 2_000], [100, 1_000])
  // Some each moment are no storm, however long it lasts; a storm is over when few come behind it.
  t(Number.NEGATIVE_INFINITY, ...Array.from({ length: 100 }, (_, nth) => [nth * 100, 30] as const))
  t(Number.NEGATIVE_INFINITY, [0, 900], [500, 900], [1_200, 9], [2_100, 9], [3_000, 9], [3_900, 9])
})

const hosts = (from: number, count: number, more: Words = {}): KnownAlert[] =>
  Array.from({ length: count }, (_, nth) =>
    alertOf({ alertname: 'a', host: `h${from + nth}`, ...more }, { startsAtMs: 60_000, updatedAtMs: 60_000 }),
  )

// When somebody is told, and of how many.
function toldOf(route: RouteWords, parts: readonly (readonly [atS: number, alerts: KnownAlert[]])[]) {
  const receivers = [receiverOf('hook', true)]
  const w = openWorld({ route: routeOf({ wait: 1, interval: 300, ...route }), receivers })
  for (const [at, alerts] of parts) w.at(at).take(alerts)
  w.at(100)
  return w.tellings.map(({ atMs, firing }) => [atMs / 1_000, firing.length])
}

test('what still comes in of a storm is in the first message, and not in one that is told minutes later', () => {
  const parts = [60.1, 60.5, 60.9, 1.3 + 60].map((at, nth) => [at, hosts(nth * 600, 600)] as const)
  expect(toldOf({}, parts)).toEqual([[62, 2_400]])
})

test('nobody waits longer than three seconds for the rest', () => {
  const parts = Array.from({ length: 12 }, (_, nth) => [60 + nth * 0.5, hosts(nth * 600, 600)] as const)
  expect(toldOf({}, parts)[0]).toEqual([64, 4_800])
})

test('who does not wait for more is told at once in a storm too', () => {
  const parts = (more: Words) => [60, 60.2, 60.4].map((at, nth) => [at, hosts(nth * 600, 600, more)] as const)
  // Without a wait, at its beginning; urgent, where urgent ones wait for nobody.
  expect(toldOf({ wait: 0 }, parts({}))[0]).toEqual([60, 600])
  expect(toldOf({ urgentWaitMs: 0 }, parts({ severity: 'page' }))[0]).toEqual([60, 600])
  // All of it came in one piece.
  expect(toldOf({}, [[60, hosts(0, 5_000)]])).toEqual([[61, 5_000]])
  // Few are no storm.
  expect(
    toldOf(
      {},
      [60, 60.4, 60.8].map((at, nth) => [at, hosts(nth * 10, 10)] as const),
    ),
  ).toEqual([[61, 30]])
})

test('a group that has spoken keeps to its interval while a storm comes in', () => {
  const parts = [60, 70, 70.4, 70.8, 71.2].map((at, nth) => [at, hosts(nth * 600, 600)] as const)
  const told = toldOf({ interval: 10 }, parts)
  expect(told.slice(0, 2)).toEqual([
    [61, 600],
    [71, 2_400],
  ])
})
