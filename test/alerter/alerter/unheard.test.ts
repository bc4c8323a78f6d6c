// Time in which nobody could report anything ends no alert: while nobody is there, while the state refuses or the brokers
// are away, while the machine sleeps.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AlertTransition } from '#core/model.ts'
import { configOf, World } from './world.ts'

let w: World
beforeEach(() => {
  w = new World()
})
afterEach(() => w.close())

const config = configOf({ groupBy: ['alertname'], wait: 2, interval: 10, repeat: 100_000 })
const s = 1_000

const posted = (host: string, startsAtMs: number, forMs: number) => w.posted(host, startsAtMs, forMs)

const ends = async (): Promise<number[]> =>
  (await w.facts({ kind: 'resolved' })).map(({ atMs }) => (atMs - w.startMs) / s).reverse()

// As it was told: who fires, and who has ended.
const told = (): (readonly string[])[] =>
  w.sent.map(({ telling: { firing, resolved } }) => [hostsOf(firing), hostsOf(resolved)])
const hostsOf = (prints: readonly string[]): string =>
  ['a', 'b', 'c'].filter(host => prints.includes(posted(host, 0, 0).alert.fingerprint)).join(' ')

test('what goes on while nobody is there is not told as an end, and is over if it is not reported again', async () => {
  await w.start(config)
  // As Prometheus says it.
  w.report(posted('a', w.startMs, 240 * s), posted('b', w.startMs, 240 * s))
  await w.runFor(60 * s)
  await w.alerter.close()
  await w.runFor(600 * s)
  await w.start(config)
  await w.runFor(60 * s)
  w.report(posted('a', w.startMs, 240 * s))
  await w.runFor(120 * s)
  expect(w.sent).toHaveLength(1)
  // A second start has heard of nobody else either.
  await w.start(config)
  w.report(posted('a', w.startMs, 240 * s))
  await w.runFor(300 * s)
  const [a, b] = ['a', 'b'].map(host => posted(host, 0, 0).alert.fingerprint)
  expect(w.sent.map(({ telling: { firing, resolved } }) => [firing.toSorted(), resolved])).toEqual([
    ...[
      [[a, b].toSorted(), []],
      [[a], [b]],
      [[], [a]],
    ],
  ])
})

test('what is not reported yet when a start is followed by another one has not ended', async () => {
  await w.start(config)
  w.report(posted('a', w.startMs, 240 * s), posted('b', w.startMs, 240 * s))
  await w.runFor(60 * s)
  await w.alerter.close()
  await w.runFor(600 * s)
  await w.start(config)
  await w.runFor(10 * s)
  w.report(posted('a', w.startMs, 240 * s))
  await w.runFor(10 * s)
  await w.start(config)
  await w.runFor(20 * s)
  w.report(posted('b', w.startMs, 240 * s))
  await w.runFor(60 * s)
  expect(w.sent).toHaveLength(1)
})

// Without a restart: while the state refuses what comes, while the brokers are away, and while the machine sleeps.
test.each(['refuses', 'away', 'sleeps'])(
  'what goes on while nobody can report it is not told as an end: %s',
  async why => {
    await w.start(config)
    const again = (...hosts: readonly string[]): void => {
      for (const host of hosts) w.report(posted(host, w.startMs, 240 * s))
    }
    again('a', 'b')
    w.report(posted('c', w.startMs, 90 * s))
    await w.runFor(60 * s)
    if (why === 'sleeps') w.clock.setBy(600 * s)
    if (why === 'away') {
      w.areBrokersAway = true
      await w.runFor(600 * s)
      w.areBrokersAway = false
    }
    if (why === 'refuses') {
      w.stateFails = Number.POSITIVE_INFINITY
      for (let minutes = 0; minutes < 10; minutes++) {
        again('a')
        await w.runFor(60 * s)
      }
      w.stateFails = 0
      // Its sender gave these up.
      w.unheard.splice(0)
    }
    await w.runFor(20 * s)
    expect(told()).toEqual([['a b c', '']])
    // Of others first: whoever is heard now says nothing about who was not.
    again('a')
    await w.runFor(60 * s)
    expect(told()).toEqual([
      ['a b c', ''],
      ['a b', 'c'],
    ])
    // And a start knows it, too.
    await w.start(config)
    await w.runFor(250 * s)
    expect(told().slice(2)).toEqual([
      ['a', 'b'],
      ['', 'a'],
    ])
    // The state keeps whole numbers.
    expect((await w.facts()).map(({ atMs }) => atMs).filter(each => !Number.isInteger(each))).toEqual([])
    // Each for about as long as it would have waited, had time stood still.
    const waitedS = (await ends()).map(each => each - 600)
    for (const [at, wantedS] of [90, 300, 360].entries())
      expect(Math.abs(waitedS[at]! - wantedS)).toBeLessThanOrEqual(20)
  },
)

// Brokers keep what is posted meanwhile, and then it comes one by one: the first of it has run out by then.
test('what was reported again while the state refused, and is heard late, is not told as an end', async () => {
  await w.start(config)
  w.report(posted('a', w.startMs, 240 * s), posted('b', w.startMs, 240 * s))
  await w.runFor(30 * s)
  w.stateFails = Number.POSITIVE_INFINITY
  const kept: AlertTransition[] = []
  for (let minutes = 0; minutes < 10; minutes++) {
    kept.push(posted('a', w.startMs, 240 * s))
    await w.runFor(60 * s)
  }
  w.stateFails = 0
  for (const each of kept) {
    w.report(each)
    await w.quiet()
  }
  await w.runFor(150 * s)
  expect(told()).toEqual([['a b', '']])
  await w.runFor(100 * s)
  expect(told()).toEqual([
    ['a b', ''],
    ['', 'a b'],
  ])
})

// More of them than one look takes.
test('who sleeps in the middle of a look has slept all the same', async () => {
  await w.start(configOf({ groupBy: ['host'], wait: 2, interval: 10, repeat: 100_000 }))
  const hosts = Array.from({ length: 3_000 }, (_, nth) => `host-${nth}`)
  w.report(...hosts.map(host => posted(host, w.startMs, 240 * s)))
  await w.runFor(5 * s)
  expect(w.sent).toHaveLength(3_000)
  let looked = 0
  Object.defineProperty(w, 'silenced', {
    get() {
      looked += 1
      if (looked === 1_000) w.clock.setBy(600 * s)
      return []
    },
  })
  await w.runFor(60 * s)
  expect(looked).toBeGreaterThan(3_000)
  expect(w.sent).toHaveLength(3_000)
})
