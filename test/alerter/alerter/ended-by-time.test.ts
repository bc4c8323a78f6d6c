// What is posted and never reported again ends, and that is written down once, as everything else that happens.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AlertTransition } from '#core/model.ts'
import { receiverOf, routeOf } from '../timeline/world.ts'
import { configOf, World } from './world.ts'

let w: World
beforeEach(() => {
  w = new World()
})
afterEach(() => w.close())

const tree = { groupBy: ['alertname'], wait: 2, interval: 10, repeat: 100_000 }
const config = configOf(tree)
const s = 1_000

const posted = (host: string, startsAtMs: number, forMs: number) => w.posted(host, startsAtMs, forMs)

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
