// Through the real channels and HTTP to services that behave as the real ones do.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { openPost, type Post } from '../../../alerter/post.ts'
import type { Integration } from '../../../alerter/route.ts'
import { key } from '../fake-services/fake.ts'
import { fakes } from '../fake-services/index.ts'
import { type Reply, type Served, serve } from '../fake-services/serve.ts'
import { openDock } from './dock.ts'

let dock: ReturnType<typeof openDock>
let post: Post
const services: Served[] = []
beforeEach(() => {
  dock = openDock()
  post = openPost({ clock: realClock })
})
afterEach(async () => {
  await dock.close()
  post.close()
  for (const service of services.splice(0)) await service.close()
})

async function integrationOf(
  channel: string,
  more: { settings?: object; reply?: () => Reply | undefined } = {},
): Promise<Readonly<{ service: Served; integration: Integration }>> {
  const fake = fakes[channel]!()
  const service = await serve(asked => more.reply?.() ?? fake.answer(asked, dock.clock.nowMs()))
  services.push(service)
  const settings = channels[channel]!.settings.parse({
    ...fake.settings(service.origin, key),
    ...more.settings,
  })
  return { service, integration: { id: `${channel}/0`, channel, settings, tellsEnds: true } }
}

// What delivery waits for passes at once; what services take is real.
const open = async (): Promise<void> => {
  dock.open({ post, channels })
  await dock.clock.runFor(60_000)
}
const told = () => dock.shelf.facts().filter(({ kind }) => kind === 'told')
const until = (isSo: () => boolean) =>
  expect
    .poll(
      async () => {
        if (!isSo()) await dock.clock.runFor(100)
        return isSo()
      },
      { interval: 2 },
    )
    .toBe(true)

test('a webhook gets what Alertmanager would send', async () => {
  const { service, integration } = await integrationOf('webhook')
  dock.configure(integration)
  await open()
  dock.alert('old', { startsAtMs: dock.clock.nowMs() - 600_000 })
  dock.alert('over', { endsAtMs: dock.clock.nowMs() - 1_000 })
  dock.tell('g', 'webhook/0', { firing: ['new', 'old'], resolved: ['over'] })
  await until(() => told().length === 1)
  const [asked] = service.asked
  expect(asked?.headers['x-plimsoll-message']).toBe('telling-t1')
  const body = JSON.parse(asked!.text)
  expect(body).toMatchObject({
    receiver: 'ops',
    status: 'firing',
    groupLabels: { alertname: 'DiskFull', group: 'g' },
    commonLabels: { alertname: 'DiskFull', severity: 'warning' },
    commonAnnotations: {},
    externalURL: 'https://plimsoll.example.org',
    groupKey: '{}:{alertname="DiskFull", group="g"}',
    truncatedAlerts: 0,
  })
  expect(
    body.alerts.map((each: { fingerprint: string; status: string }) => [each.fingerprint, each.status]),
  ).toEqual([
    ['old', 'firing'],
    ['new', 'firing'],
    ['over', 'resolved'],
  ])
})

test('every service is told, and its verdict is believed', async () => {
  const made = await Promise.all(Object.keys(fakes).map(name => integrationOf(name)))
  dock.configure(...made.map(({ integration }) => integration))
  await open()
  for (const { integration } of made) dock.tell('g', integration.id, { urgency: 'page' })
  await until(() => dock.shelf.entries.size === 0)
  expect(dock.shelf.facts().filter(({ kind }) => kind !== 'told')).toEqual([])
  for (const { service, integration } of made) expect(service.asked.length, integration.id).toBeGreaterThan(0)
})

test('of several numbers only those are asked again that have not taken it', async () => {
  let asked = 0
  const to = ['+8613800000001', '+8613800000002', '+8613800000003']
  const { service, integration } = await integrationOf('sms-twilio', {
    settings: { to },
    reply: () =>
      ++asked === 2 ? { status: 503 } : { status: 201, body: { sid: `SM${asked}`, status: 'queued' } },
  })
  dock.configure(integration)
  await open()
  dock.tell('g', 'sms-twilio/0')
  await until(() => told().length === 1)
  expect(service.asked).toHaveLength(4)
  const numbers = service.asked.map(({ text }) => new URLSearchParams(text).get('To'))
  expect(new Set(numbers).size).toBe(3)
  expect(numbers[3]).toBe(numbers[1])
})

test('many messages share few connections, also of several integrations to one host', async () => {
  const { service, integration } = await integrationOf('webhook')
  const { settings } = integration
  const fake = fakes['webhook']!()
  const other = channels['webhook']!.settings.parse(fake.settings(service.origin, key))
  dock.configure(integration, { ...integration, id: 'webhook/1', settings: other })
  await open()
  for (let nth = 0; nth < 400; nth++) dock.tell(`g${nth}`, `webhook/${nth % 2}`)
  await until(() => told().length === 400)
  expect(settings).not.toBe(other)
  expect(service.asked).toHaveLength(400)
  expect(service.connections()).toBeLessThanOrEqual(16)
})

test('secrets stand in no fact and no log', async () => {
  const { integration } = await integrationOf('dingtalk', {
    reply: () => ({ body: { errcode: 300_005, errmsg: `no such token: ${key}` } }),
  })
  dock.configure(integration)
  await open()
  dock.tell('g', 'dingtalk/0', { urgency: 'page' })
  await until(() => dock.shelf.facts().length > 0)
  expect(dock.shelf.facts()).toMatchObject([{ kind: 'failed', details: { isFinal: false } }])
  expect(JSON.stringify(dock.shelf.facts()) + dock.lines.join()).not.toContain(key)
})

test('a webhook that refuses for a while is asked again, and told once it takes it', async () => {
  for (const status of [400, 404]) {
    let isMended = false
    const { service, integration } = await integrationOf('webhook', {
      reply: () => (isMended ? undefined : { status, body: 'just a moment' }),
    })
    const way = { ...integration, id: `webhook/${status}` }
    dock.configure(way)
    if (status === 400) await open()
    const refused = () => dock.shelf.facts().filter(({ kind, who }) => kind === 'failed' && who === way.id)
    dock.tell(`g${status}`, way.id)
    await until(() => refused().length === 1)
    expect(refused()).toMatchObject([{ details: { isFinal: false } }])
    await dock.clock.runFor(50_000)
    expect(service.asked, String(status)).toHaveLength(1)
    isMended = true
    await until(() => told().some(({ who }) => who === way.id))
    expect(service.asked, String(status)).toHaveLength(2)
    expect(service.asked[1]!.text).toBe(service.asked[0]!.text)
    expect(refused()).toHaveLength(1)
  }
})
