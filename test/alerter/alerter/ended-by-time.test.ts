// What is posted and never reported again ends, and that is written down once, as everything else that happens.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AlertTransition } from '#core/model.ts'
import { receiverOf, routeOf } from '../timeline/world.ts'
import { configOf, transitionOf, World } from './world.ts'

let w: World
beforeEach(() => {
  w = new World()
})
afterEach(() => w.close())

const tree = { groupBy: ['alertname'], wait: 2, interval: 10, repeat: 100_000 }
const config = configOf(tree)
const s = 1_000

// As the API makes them: the id is that of the beginning or the end.
function posted(host: string, startsAtMs: number, forMs: number): AlertTransition {
  const nowMs = w.clock.nowMs()
  const { alert, ...rest } = transitionOf(host, 'firing', { startsAtMs, atMs: nowMs })
  const rule = { id: '', group: '', name: '', expr: '' }
  const id = `${alert.fingerprint}-firing-${startsAtMs}`
  return { ...rest, id, alert: { ...alert, rule, generatorUrl: '', expiresAtMs: nowMs + forMs } }
}

function postedEnd(host: string, startsAtMs: number, endsAtMs: number): AlertTransition {
  const { alert, ...rest } = posted(host, startsAtMs, 0)
  const id = `${alert.fingerprint}-resolved-${startsAtMs}-${endsAtMs}`
  return { ...rest, id, alert: { ...alert, state: 'resolved', endsAtMs, expiresAtMs: null } }
}

// In the order in which they were written: `resolved+7 1` ended seven seconds after the start, in incident 1.
const written = async (): Promise<string[]> =>
  (await w.facts())
    .filter(({ kind }) => kind === 'fired' || kind === 'resolved')
    .map(({ kind, atMs, incident }) => `${kind}+${(atMs - w.startMs) / s} ${incident ?? '-'}`)
    .reverse()

test('the end by time of an alert is one fact, with the time of the end and why', async () => {
  await w.start(config)
  w.report(posted('a', w.startMs, 7 * s))
  await w.runFor(30 * s)
  expect(await written()).toEqual(['fired+0 -', 'resolved+7 1'])
  const [fact] = await w.facts({ kind: 'resolved' })
  const { fingerprint, labels } = posted('a', 0, 0).alert
  expect(fact).toMatchObject({
    id: `${fingerprint}-resolved-${w.startMs}-${w.startMs + 7 * s}`,
    ...{ fingerprint, who: 'api', group: 'hook\n{}:{alertname="Hot"}' },
    details: { labels, startsAtMs: w.startMs, endsAtMs: w.startMs + 7 * s, reason: 'not reported again' },
  })
  await w.start(config)
  await w.runFor(30 * s)
  expect(await written()).toHaveLength(2)
})

test('one that nobody is told of, and one that ends while nobody is there, have their fact, too', async () => {
  await w.start(config)
  w.silenced = ['s1']
  w.report(posted('a', w.startMs, 7 * s))
  await w.runFor(5 * s)
  await w.alerter.close()
  await w.runFor(60 * s)
  await w.start(config)
  await w.runFor(30 * s)
  expect(w.sent).toEqual([])
  // Of 65 on, nobody knows who would have reported it meanwhile.
  expect(await written()).toEqual(['fired+0 -', 'resolved+72 -'])
})

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

// As it was told: who fires, and who has ended.
const told = (): (readonly string[])[] =>
  w.sent.map(({ telling: { firing, resolved } }) => [hostsOf(firing), hostsOf(resolved)])
const hostsOf = (prints: readonly string[]): string =>
  ['a', 'b', 'c'].filter(host => prints.includes(posted(host, 0, 0).alert.fingerprint)).join(' ')

// Without a restart: while the state refuses what comes, and while the machine sleeps.
test.each(['refuses', 'sleeps'])(
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
    // Each for about as long as it would have waited, had time stood still.
    const waitedS = (await written()).slice(3).map(each => Number.parseInt(each.slice(9), 10) - 600)
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

test('what ended while somebody was there has ended, and so has what was said to have', async () => {
  await w.start(config)
  w.report(posted('a', w.startMs, 5 * s), posted('b', w.startMs, 60 * s))
  await w.runFor(6 * s)
  w.report(postedEnd('b', w.startMs, w.startMs + 6 * s))
  await w.alerter.close()
  await w.runFor(600 * s)
  await w.start(config)
  await w.runFor(10 * s)
  expect((await written()).slice(2).toSorted()).toEqual(['resolved+5 1', 'resolved+6 1'])
})

test('an end that was posted is no second one, before the flush and after it', async () => {
  await w.start(config)
  w.report(posted('a', w.startMs, 60 * s), posted('b', w.startMs, 7 * s), posted('c', w.startMs, 7 * s))
  await w.runFor(6 * s)
  w.report(postedEnd('a', w.startMs, w.startMs + 6 * s))
  await w.runFor(3 * s)
  w.report(postedEnd('b', w.startMs, w.startMs + 9 * s))
  await w.runFor(30 * s)
  // Without a beginning.
  w.report(postedEnd('c', w.clock.nowMs(), w.clock.nowMs()))
  await w.runFor(90 * s)
  expect(await written()).toEqual([
    ...['fired+0 -', 'fired+0 -', 'fired+0 -'],
    ...['resolved+6 1', 'resolved+7 1', 'resolved+7 1'],
  ])
})

test('what is reported again begins again, whether a flush has seen its end or not', async () => {
  await w.start(config)
  w.report(posted('a', w.startMs, 7 * s))
  await w.runFor(9 * s)
  const again = posted('a', w.startMs, 4 * s)
  w.report(again)
  await w.runFor(30 * s)
  await w.start(config)
  // The bus brings what is known already.
  w.report(again)
  w.report(posted('a', w.startMs, 2 * s))
  await w.runFor(30 * s)
  expect((await written()).map(each => each.split(' ')[0])).toEqual([
    ...['fired+0', 'resolved+7'],
    ...['fired+9', 'resolved+13'],
    ...['fired+39', 'resolved+41'],
  ])
})

test('of an alert in two groups it is one fact of neither, so that both incidents show it', async () => {
  const routes = ['hook', 'mail'].map(receiver => ({ ...routeOf({ ...tree, receiver }), continues: true }))
  const receivers = new Map(['hook', 'mail'].map(name => [name, receiverOf(name, true)]))
  await w.start({ ...config, route: { ...config.route, routes }, receivers })
  w.report(posted('a', w.startMs, 7 * s))
  await w.runFor(30 * s)
  expect(await written()).toEqual(['fired+0 -', 'resolved+7 -'])
  for (const incident of [1, 2]) expect(await w.facts({ incident, kind: 'resolved' })).toHaveLength(1)
})

test('reports that come at once are news to each other, as if they had come apart', async () => {
  await w.start(config)
  const first = posted('a', w.startMs, 5 * s)
  await w.runFor(20 * s)
  w.report(first, posted('a', w.startMs, 5 * s))
  await w.runFor(40 * s)
  expect(await written()).toEqual(['fired+0 1', 'resolved+5 1', 'fired+20 1', 'resolved+25 1'])
})

test('an end by time and one that was posted behind it, at once, are one', async () => {
  await w.start(config)
  const first = posted('a', w.startMs, 5 * s)
  await w.runFor(20 * s)
  w.report(first, postedEnd('a', w.startMs, w.clock.nowMs()))
  await w.runFor(40 * s)
  expect((await written()).filter(each => each.startsWith('resolved'))).toHaveLength(1)
})
