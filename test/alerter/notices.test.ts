// Words of other rooms on their way to people: each said once, to whom it is for, by the same road as alerts.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMemoryBus } from '#core/bus/memory.ts'
import { openLog } from '#core/log.ts'
import type { Notice } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openAlerter } from '../../alerter/alerter.ts'
import type { Integration } from '../../alerter/route.ts'
import type { AlerterConfig } from '../../alerter/timeline/rules-of.ts'
import { configOf, transitionOf, World } from './alerter/world.ts'
import { openDock } from './delivery/dock.ts'

let w: World
beforeEach(() => {
  w = new World()
})
afterEach(() => w.close())

const way = (id: string, channel = 'webhook', settings: unknown = {}): Integration => ({
  ...{ id, channel, settings },
  tellsEnds: true,
})
const config: AlerterConfig = {
  ...configOf({ wait: 2 }),
  receivers: new Map([
    ['hook', { name: 'hook', integrations: [way('hook/webhook/0')] }],
    [
      'planners',
      { name: 'planners', integrations: [way('planners/mail/0'), way('planners/feishu/1', 'feishu')] },
    ],
    ['nobody', { name: 'nobody', integrations: [] }],
  ]),
}
const noticeOf = (id: string, more: Partial<Notice> = {}): Notice => ({
  ...{ v: 1, id, atMs: 1, receiver: null, title: 'Expansion for December', text: 'db: 4' },
  ...{ path: '/capacity', urgency: 'normal', picture: null },
  ...more,
})
const sent = (): string[] => w.sent.map(({ integration, said }) => `${integration} ${said?.title}`)

test('is told to the receiver of the root route, and is a fact first', async () => {
  await w.start(config)
  await w.alerter.notice([noticeOf('c1')])
  await w.quiet()
  expect(sent()).toEqual(['hook/webhook/0 Expansion for December'])
  const [told, noticed] = await w.facts()
  expect(noticed).toMatchObject({
    ...{ id: 'noticed/c1', kind: 'noticed', group: 'hook\nnotice:c1', incident: null },
    details: { title: 'Expansion for December', receiver: 'hook', integrations: ['hook/webhook/0'] },
  })
  expect(told).toMatchObject({ kind: 'told', group: 'hook\nnotice:c1', who: 'hook/webhook/0' })
  expect((await w.facts({ kind: 'noticed' })).map(({ id }) => id)).toEqual(['noticed/c1'])
})

test('what comes again is not told again, not even after a restart', async () => {
  await w.start(config)
  await w.alerter.notice([noticeOf('c1'), noticeOf('c1')])
  await w.alerter.notice([noticeOf('c1', { title: 'other words' })])
  await w.start(config)
  await w.alerter.notice([noticeOf('c1'), noticeOf('c2', { title: 'another one' })])
  await w.quiet()
  expect(sent()).toEqual(['hook/webhook/0 Expansion for December', 'hook/webhook/0 another one'])
})

test('each integration of its receiver is told; an unknown receiver gives way to the root', async () => {
  await w.start(config)
  await w.alerter.notice([noticeOf('a', { receiver: 'planners', urgency: 'page' })])
  await w.alerter.notice([noticeOf('b', { receiver: 'planers' })])
  await w.alerter.notice([noticeOf('c', { receiver: 'nobody' })])
  await w.quiet()
  expect(w.sent.map(({ integration }) => integration)).toEqual([
    'planners/mail/0',
    'planners/feishu/1',
    'hook/webhook/0',
  ])
  expect(w.logged.filter(line => line.includes('not configured'))).toEqual([
    expect.stringContaining('planers'),
  ])
  const facts = await w.facts({ kind: 'noticed' })
  expect(facts.map(({ details }) => details)).toMatchObject([
    { receiver: 'nobody', integrations: [] },
    { asked: 'planers', receiver: 'hook' },
    { asked: 'planners', receiver: 'planners' },
  ])
})

test('leaves a little later where the service asks for that, unless it is urgent', async () => {
  await w.start(config)
  w.isDeaf = true
  const wait = (): number[] =>
    w.alerter.outbox.waiting().map(({ notBeforeMs, sinceMs }) => {
      expect(sinceMs).toBe(notBeforeMs)
      return notBeforeMs - w.startMs
    })
  await w.alerter.notice([noticeOf('a', { receiver: 'planners', urgency: 'page' })])
  expect(wait()).toEqual([0, 0])
  const feishu: AlerterConfig = {
    ...config,
    receivers: new Map([['hook', { name: 'hook', integrations: [way('f', 'feishu')] }]]),
  }
  await w.alerter.reload(feishu)
  for (let nth = 0; nth < 20; nth++) await w.alerter.notice([noticeOf(`n${nth}`)])
  const waits = wait().filter(each => each > 0)
  expect(waits.length).toBeGreaterThan(10)
  expect(Math.max(...waits)).toBeLessThanOrEqual(90_000)
})

test('what is no notice is not told, and hinders no other; a picture that is too large is left out', async () => {
  await w.start(config)
  const bad = [
    { v: 1 },
    noticeOf(''),
    { ...noticeOf('x'), text: 5 },
    { ...noticeOf('y'), urgency: 'now' },
  ] as unknown as Notice[]
  const { path: _, receiver: __, picture: ___, ...bare } = noticeOf('bare', { title: 't'.repeat(5_000) })
  const large = noticeOf('good', { picture: 'A'.repeat(2_000_000), path: 'https://elsewhere.example' })
  await w.alerter.notice([...bad, large, bare as Notice])
  await w.quiet()
  expect(w.sent.map(({ said }) => [said?.picture, said?.path, said?.title.length])).toEqual([
    [null, null, 22],
    [null, null, 1_000],
  ])
  expect(w.logged.join('')).toContain('is not told')
})

test('brings what programs read along, within a bound', async () => {
  await w.start(config)
  const data = { kind: 'capacity_request', request: { number: 17 } }
  await w.alerter.notice([
    noticeOf('a', { data }),
    noticeOf('b', { data: { text: 'x'.repeat(65_536) } }),
    noticeOf('c', { data: ['no object'] as never }),
    noticeOf('d', { data: null }),
  ])
  await w.quiet()
  expect(w.sent.map(({ said }) => said?.data)).toEqual([data, undefined, undefined, undefined])
})

test('comes over the bus, where it is durable before it is acknowledged', async () => {
  await w.start(config)
  const bus = openMemoryBus()
  const alerter = await openAlerter({
    ...{ state: w.state, bus, clock: w.clock, own: openOwnMetrics(), config, silencedBy: () => [] },
    log: openLog({ write: () => {} }),
  })
  await bus.publish('notices', [noticeOf('c1')])
  expect((await w.facts()).map(({ kind }) => kind)).toEqual(['noticed'])
  expect(alerter.outbox.waiting()).toMatchObject([{ said: { kind: 'notice', text: 'db: 4' } }])
  await alerter.close()
  await bus.close()
})

test('a state that refuses holds a notice back, which is told once it takes it', async () => {
  await w.start(config)
  w.stateFails = 1
  await expect(w.alerter.notice([noticeOf('c1')])).rejects.toMatchObject({ code: 'state_unavailable' })
  await w.alerter.notice([noticeOf('c1')])
  await w.quiet()
  expect(sent()).toEqual(['hook/webhook/0 Expansion for December'])
})

test('canaries of our rule are no alerts, and are heard of when reports can be written down', async () => {
  await w.start(config)
  const bus = openMemoryBus()
  const came: string[] = []
  let fails = 0
  const alerter = await openAlerter({
    ...{ state: w.state, bus, clock: w.clock, own: openOwnMetrics(), config, silencedBy: () => [] },
    log: openLog({ write: () => {} }),
    canary: ({ id }) => came.push(id),
    write: statements => (fails-- > 0 ? Promise.reject(w.refusal()) : w.state.write(statements)),
  })
  const plain = transitionOf('a', 'firing', { startsAtMs: w.startMs })
  const rule = { id: 'x', group: 'plimsoll_canary', name: 'PlimsollCanary', expr: 'plimsoll_canary == 1' }
  const canary = { ...plain, id: 'canary', alert: { ...plain.alert, rule } }
  const posted = { ...plain, id: 'like', alert: { ...plain.alert, rule: { ...rule, expr: '', group: '' } } }
  await bus.publish('alerts', [canary])
  expect(came).toEqual(['canary'])
  expect(await w.facts()).toEqual([])
  await bus.publish('alerts', [posted])
  expect((await w.facts()).map(({ id }) => id)).toEqual(['like'])
  fails = 1
  await expect(bus.publish('alerts', [plain, { ...canary, id: 'second' }])).rejects.toThrow()
  expect(came).toEqual(['canary'])
  await alerter.close()
  await bus.close()
})

test('becomes a message of its own, whatever waits beside it', async () => {
  const dock = openDock()
  const budgets = [{ key: 'robot', times: 1, perMs: 3_600_000, reserve: 0 }]
  dock.configure(dock.way('a', { budgets }))
  dock.open()
  const said = {
    kind: 'notice',
    title: 'December',
    text: 'db: 4',
    path: '/capacity',
    picture: 'iVBORw0K',
  } as const
  const one = dock.tell('x', 'a')
  dock.shelf.put({
    ...one,
    id: 'n',
    group: 'n',
    incident: null,
    said,
    telling: { ...one.telling, id: 'said', firing: [], group: 'n' },
  })
  dock.tell('y', 'a')
  dock.tell('z', 'a')
  await dock.clock.runFor(10 * 3_600_000)
  const notice = dock.said.find(({ message }) => message.kind === 'notice')?.message
  expect(dock.said.map(({ message }) => message.kind).sort()).toEqual(['alerts', 'digest', 'notice'])
  expect(notice).toMatchObject({
    ...{ title: 'December', text: 'db: 4', link: 'https://plimsoll.example.org/capacity', incident: null },
    ...{ alerts: [], groupLabels: {}, status: 'resolved' },
  })
  expect([...notice!.picture!].slice(0, 4)).toEqual([0x89, 0x50, 0x4e, 0x47])
  const told = dock.shelf.facts().filter(({ group }) => group === 'n')
  expect(told).toMatchObject([{ kind: 'told', incident: null, details: { reason: 'notice', firing: [] } }])
  await dock.close()
})
