import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMemoryBus } from '#core/bus/memory.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openAlerter } from '../../alerter/alerter.ts'
import { readIncidents } from '../../alerter/facts.ts'
import { configOf, transitionOf, World } from './alerter/world.ts'
import { factOf } from './book/rows.ts'
import { receiverOf } from './timeline/world.ts'

let w: World
beforeEach(() => {
  w = new World()
})
afterEach(() => w.close())

const config = configOf({ groupBy: ['alertname'], wait: 2, interval: 10, repeat: 100_000 })
const begin = (host: string): AlertTransition => transitionOf(host, 'firing', { startsAtMs: w.clock.nowMs() })
const end = (begun: AlertTransition): AlertTransition => {
  const { host = '' } = begun.alert.labels
  return transitionOf(host, 'resolved', { startsAtMs: begun.alert.startsAtMs, atMs: w.clock.nowMs() })
}
// `+2s first 1/0` is two seconds after the beginning, one that fires and none that has ended.
const sent = (): string[] =>
  w.sent.map(({ telling: { atMs, reason, firing, resolved } }) => {
    return `+${(atMs - w.startMs) / 1_000}s ${reason} ${firing.length}/${resolved.length}`
  })
const kinds = async (asked: object = {}): Promise<string[]> =>
  (await w.facts(asked)).map(({ kind, incident }) => `${kind} ${incident ?? '-'}`).reverse()

test('a beginning is a fact at once, is told after the wait, and its end at the interval', async () => {
  await w.start(config)
  const a = begin('a')
  await w.alerter.take([a])
  expect(await kinds()).toEqual(['fired -'])
  expect((await w.facts())[0]).toMatchObject({
    id: a.id,
    fingerprint: a.alert.fingerprint,
    group: 'hook\n{}:{alertname="Hot"}',
    who: 'heat Hot',
    details: { labels: { host: 'a' }, value: '97', startsAtMs: w.startMs },
  })
  await w.runFor(4_000)
  w.report(end(a))
  await w.runFor(20_000)
  expect(sent()).toEqual(['+2s first 1/0', '+12s resolved 0/1'])
  expect(await kinds({ incident: 1 })).toEqual(['fired -', 'told 1', 'resolved 1', 'told 1'])
})

test('what has arrived while we were held up is in the first message', async () => {
  await w.start(config)
  w.report(begin('a'))
  let arrived = (): void => w.report(begin('b'))
  // As a socket that is read right after the timers that are due have been called.
  await w.clock.runFor(2_000, () => {
    if (w.clock.nowMs() === w.startMs + 2_000) {
      arrived()
      arrived = () => {}
    }
    return w.quiet()
  })
  expect(sent()).toEqual(['+2s first 2/0'])
})

test('what was saved goes on after a restart, to the second', async () => {
  await w.start(config)
  const a = begin('a')
  w.report(a)
  await w.runFor(1_000)
  await w.start(config)
  await w.runFor(4_000)
  w.report(begin('b'), end(a))
  await w.runFor(1_000)
  await w.start(config)
  await w.runFor(20_000)
  expect(sent()).toEqual(['+2s first 1/0', '+12s more 1/1'])
})

test('an incident is what goes on in a group, and its number is never given again', async () => {
  await w.start(config)
  const round = async (): Promise<void> => {
    const [a, b] = [begin('a'), begin('b')]
    w.report(a)
    await w.runFor(5_000)
    w.report(b)
    await w.runFor(10_000)
    expect(w.alerter.incidentOf('hook\n{}:{alertname="Hot"}')).toBe(w.sent.at(-1)!.incident)
    w.report(end(a), end(b))
    await w.runFor(15_000)
    expect(w.alerter.incidentOf('hook\n{}:{alertname="Hot"}')).toBeNull()
  }
  await round()
  await w.start(config)
  await round()
  expect(w.sent.map(({ incident }) => incident)).toEqual([1, 1, 1, 2, 2, 2])
  const incidents = await readIncidents(w.state.db, { limit: 9 })
  expect(incidents.map(({ number, closedAtMs }) => [number, closedAtMs !== null])).toEqual([
    [2, true],
    [1, true],
  ])
  const { fingerprint } = begin('b').alert
  expect(incidents[0]).toMatchObject({ labels: { alertname: 'Hot' }, receiver: 'hook' })
  expect(await readIncidents(w.state.db, { fingerprint, limit: 9 })).toHaveLength(2)
})

test('what holds an alert is a fact, and that nothing does any more', async () => {
  await w.start(config)
  w.silenced = ['s1']
  w.report(begin('a'))
  await w.runFor(5_000)
  expect(sent()).toEqual([])
  expect(w.alerter.alert(begin('a').alert.fingerprint)).toMatchObject({ silencedBy: ['s1'] })
  w.silenced = []
  await w.runFor(10_000)
  expect(sent()).toEqual(['+12s first 1/0'])
  expect(await kinds()).toEqual(['fired -', 'held -', 'released 1', 'told 1'])
  const held = (await w.facts()).find(({ kind }) => kind === 'held')
  expect(held).toMatchObject({ details: { kind: 'silenced', by: ['s1'] } })
})

test('while the state refuses, senders hear of it, and nothing that was taken is forgotten', async () => {
  await w.start(config)
  w.stateFails = 3
  const [a, b] = [begin('a'), begin('b')]
  await expect(w.alerter.take([a])).rejects.toMatchObject({ code: 'state_unavailable' })
  await expect(w.alerter.take([b])).rejects.toMatchObject({ code: 'state_unavailable' })
  // Taken, but not durable: whoever says it again waits for that.
  await expect(w.alerter.take([a])).rejects.toMatchObject({ code: 'state_unavailable' })
  await w.alerter.take([a, b])
  expect(await kinds()).toEqual(['fired -', 'fired -'])
  await w.runFor(20_000)
  expect(sent()).toEqual(['+2s first 2/0'])
  expect(w.logged.filter(line => line.includes('cannot save what happened'))).toHaveLength(1)
})

test('groups that were due meanwhile speak when the state is back', async () => {
  await w.start(config)
  w.report(begin('a'))
  await w.runFor(1_000)
  w.stateFails = 6
  w.report(begin('b'))
  await w.runFor(4_000)
  expect(sent()).toEqual([])
  await w.runFor(4_000)
  expect(sent()).toEqual(['+7s first 2/0'])
  // Its sender was refused, and says it again.
  expect(w.unheard).toHaveLength(1)
  w.resend()
  await w.runFor(1_000)
  expect(w.unheard).toEqual([])
  expect(await kinds()).toEqual(['fired -', 'fired -', 'told 1'])
})

test('what ended while the state was away is told as begun and ended', async () => {
  await w.start(configOf({ groupBy: ['host'], wait: 2, interval: 10, repeat: 100_000 }))
  const a = begin('a')
  w.report(a)
  await w.runFor(1_000)
  w.stateFails = Number.POSITIVE_INFINITY
  w.report(begin('b'))
  await w.runFor(60_000)
  w.report(end(a))
  await w.runFor(60_000)
  w.stateFails = 0
  w.resend()
  await w.runFor(40_000)
  expect(sent()).toEqual(['+121s resolved 0/1', '+121s first 1/0'])
  expect(w.sent[0]!.telling.begun).toEqual([a.alert.fingerprint])
  // Its incident is of a group that is gone in the same moment.
  const incidents = await readIncidents(w.state.db, { limit: 9 })
  expect(incidents.map(({ labels, closedAtMs }) => [labels, closedAtMs !== null])).toEqual([
    [{ host: 'b' }, false],
    [{ host: 'a' }, true],
  ])
})

test('when somebody sets the clock back, nothing is told later for it', async () => {
  await w.start(config)
  w.report(begin('a'))
  await w.runFor(1_000)
  w.clock.setBy(-3_600_000)
  await w.runFor(15_000)
  expect(w.sent).toHaveLength(1)
  // A beginning is a fact, too.
  const b = begin('b')
  w.report(b)
  await w.runFor(12_000)
  w.report(end(b))
  await w.runFor(1_000)
  w.clock.setBy(-3_600_000)
  const posted = { ...begin('b'), id: 'posted' }
  w.report({ ...posted, alert: { ...posted.alert, rule: { id: '', group: '', name: '', expr: '' } } })
  await w.runFor(1_000)
  expect(await kinds({ fingerprint: b.alert.fingerprint })).toEqual(['fired 1', 'resolved 1', 'fired 1'])
})

test('what is told is written down, however long that takes', async () => {
  await w.start(config)
  w.report(begin('a'))
  w.isDeaf = true
  await w.runFor(3_000)
  const [entry] = w.alerter.outbox.waiting()
  w.alerter.outbox.take(entry!.id)
  w.stateFails = 2
  const fact = factOf('told/1', { kind: 'told', atMs: w.clock.nowMs() })
  await expect(w.alerter.outbox.done(entry!.id, [fact])).rejects.toMatchObject({ code: 'state_unavailable' })
  await w.runFor(5_000)
  await w.alerter.outbox.done(entry!.id, [fact])
  expect(await kinds()).toEqual(['fired -', 'told -'])
  await w.start(config)
  expect(w.alerter.outbox.waiting()).toEqual([])
})

test('an alert that nobody could be told of for hours is not forgotten before', async () => {
  await w.start(config)
  w.isDeaf = true
  const a = begin('a')
  w.report(a)
  await w.runFor(5_000)
  w.report(end(a))
  const hours = async (): Promise<void> => {
    for (let round = 0; round < 12; round++) await w.clock.runFor(600_000)
    await w.quiet()
  }
  await hours()
  await w.start(config)
  await hours()
  const [entry] = w.alerter.outbox.waiting()
  expect(entry!.telling).toMatchObject({
    firing: [],
    resolved: [a.alert.fingerprint],
    begun: [a.alert.fingerprint],
  })
  expect(w.alerter.untold(a.alert.fingerprint)).toEqual([entry])
  expect(w.alerter.untold('0000000000000000')).toEqual([])
  expect(w.alerter.outbox.alertsOf(entry!)).toMatchObject([
    { labels: { host: 'a' }, endsAtMs: w.startMs + 5_000 },
  ])
  w.isDeaf = false
  await w.start(config)
  await w.runFor(120_000)
  expect(sent()).toEqual(['+12s first 0/1'])
  expect([...w.alerter.alerts()]).toEqual([])
  expect(await w.state.db.selectFrom('alerter_alerts').selectAll().execute()).toEqual([])
})

test('what was posted comes again and again, and is one fact', async () => {
  await w.start(config)
  const post = (): AlertTransition => {
    const { v, alert, reason } = transitionOf('p', 'firing', { startsAtMs: w.startMs })
    const nowMs = w.clock.nowMs()
    const rule = { id: '', group: '', name: '', expr: '' }
    const posted = { expiresAtMs: nowMs + 60_000, isEndAssumed: true, generatorUrl: 'http://elsewhere/g' }
    return { v, id: 'posted/p/1', atMs: nowMs, alert: { ...alert, rule, ...posted }, reason }
  }
  for (let round = 0; round < 5; round++) {
    w.report(post())
    await w.runFor(30_000)
  }
  expect([...w.alerter.alerts()]).toMatchObject([
    { alert: { generatorUrl: 'http://elsewhere/g', endsAtMs: w.startMs + 180_000 } },
  ])
  // It holds from here as from the last report.
  await w.start(config)
  await w.runFor(90_000)
  expect(sent()).toEqual(['+2s first 1/0', '+212s resolved 0/1'])
  expect((await w.facts()).filter(({ kind }) => kind === 'fired')).toMatchObject([
    { who: 'api', details: { generatorUrl: 'http://elsewhere/g' } },
  ])
})

test('what comes again from the bus does not begin anew what has ended since', async () => {
  await w.start(config)
  const a = begin('a')
  w.report(a)
  await w.runFor(5_000)
  w.report(end(a))
  for (let round = 0; round < 8; round++) await w.runFor(300_000)
  expect(w.alerter.alert(a.alert.fingerprint)).toBeUndefined()
  w.report(a)
  await w.runFor(5_000)
  await w.start(config)
  w.report(a, a)
  await w.runFor(30_000)
  expect(sent()).toEqual(['+2s first 1/0', '+12s resolved 0/1'])
  expect(w.alerter.alert(a.alert.fingerprint)).toBeUndefined()
})

test('a reload moves alerts, and keeps groups where the tree is the same', async () => {
  await w.start(config)
  w.report(begin('a'))
  await w.runFor(5_000)
  await w.alerter.reload({ ...config })
  await w.runFor(20_000)
  expect(sent()).toEqual(['+2s first 1/0'])
  const mail = new Map([['mail', receiverOf('mail', true)]])
  const { route } = configOf({ receiver: 'mail', groupBy: ['alertname'], wait: 2, interval: 10 })
  await w.alerter.reload({ ...config, route, receivers: new Map([...config.receivers, ...mail]) })
  await w.runFor(5_000)
  expect(w.sent.map(({ receiver, integration }) => [receiver, integration])).toEqual([
    ['hook', 'hook/0'],
    ['mail', 'mail/0'],
  ])
  expect([...w.alerter.groups()].map(({ receiver }) => receiver)).toContain('mail')
  expect(w.alerter.seats(begin('a').alert.fingerprint)).toHaveLength(2)
})

test('hears what is on the bus, and refuses what comes after the end', async () => {
  const bus = openMemoryBus()
  await w.start(config)
  const options = { clock: w.clock, log: openLog({ write: () => {} }), own: openOwnMetrics(), config }
  const alerter = await openAlerter({ ...options, state: w.state, bus, silencedBy: () => [] })
  await bus.publish('alerts', [begin('a')])
  expect(await kinds()).toEqual(['fired -'])
  await alerter.record([factOf('seen/1', { kind: 'seen', atMs: w.clock.nowMs() })])
  expect(await kinds()).toEqual(['fired -', 'seen -'])
  await alerter.close()
  await alerter.close()
  await bus.publish('alerts', [begin('b')])
  await expect(alerter.take([begin('c')])).rejects.toMatchObject({ code: 'stopping' })
  await expect(alerter.record([factOf('late')])).rejects.toMatchObject({ code: 'stopping' })
  expect(await kinds()).toEqual(['fired -', 'seen -'])
})

test('what cannot be saved before the end is told in the log', async () => {
  await w.start(config)
  w.stateFails = 9
  await expect(w.alerter.take([begin('a')])).rejects.toMatchObject({ code: 'state_unavailable' })
  await w.alerter.close()
  expect(w.logged.filter(line => line.includes('last is not saved'))).toHaveLength(1)
})

test('facts are forgotten after 400 days', async () => {
  await w.start(config)
  const ages = [401, 399, ...Array.from({ length: 8 }, (_, at) => 350 - at * 50)]
  await w.alerter.record(ages.map(days => factOf(`${days}`, { atMs: w.startMs - days * 86_400_000 })))
  await w.clock.runFor(61_000)
  // Not before what is under way is done.
  await w.alerter.close()
  expect((await w.facts()).map(({ id }) => Number(id))).toEqual(ages.slice(1).toReversed())
})
