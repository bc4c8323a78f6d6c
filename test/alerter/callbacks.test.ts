// Every channel that hears its service, under one contract; and what is particular to one.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { callbackRoutes } from '../../alerter/api/callback-routes.ts'
import type { Callback } from '../../alerter/channel.ts'
import { channels } from '../../alerter/channels/index.ts'
import { failover } from '../../alerter/failover.ts'
import { openHearing, receiverOf } from '../../alerter/inbound/hearing.ts'
import type { Inbound } from '../../alerter/inbound.ts'
import type { Integration } from '../../alerter/route.ts'
import { callbackContract, incidentView } from './callbacks.contract.ts'
import { callers, signTwilio } from './fake-services/callers.ts'

for (const [name, channel] of Object.entries(channels))
  if (channel.hears !== undefined && callers[name] !== undefined)
    callbackContract(name, channel, callers[name])

test('every channel that hears has a caller, and no other', () => {
  const hear = Object.entries(channels).filter(([, { hears }]) => hears !== undefined)
  expect(hear.map(([name]) => name).sort()).toEqual(Object.keys(callers).sort())
})

const call = (more: Partial<Callback>): Callback => ({
  url: 'https://a/b',
  key: '',
  headers: {},
  body: '',
  ...more,
})

test('Twilio may name the port that goes without saying, or leave out one that does not', () => {
  const { hears, settings } = channels['sms-twilio']!
  const token = 'S3cret-Token-of-Twilio'
  const found = settings.parse(callers['sms-twilio']!.settings)
  const t = (told: string, signed: string, wanted: boolean) => {
    const headers = { 'x-twilio-signature': signTwilio(signed, 'a=b', token) }
    expect(hears!.isFrom(call({ url: told, headers, body: 'a=b' }), found), signed).toBe(wanted)
  }

  t('https://p.example.org/x?a=b', 'https://p.example.org/x?a=b', true)
  t('https://p.example.org/x?a=b', 'https://p.example.org:443/x?a=b', true)
  t('https://p.example.org:8443/x?a=b', 'https://p.example.org/x?a=b', true)
  t('http://p.example.org/x', 'http://p.example.org:80/x', true)
  t('https://p.example.org/x', 'http://p.example.org/x', false)
  t('https://p.example.org/x', 'https://p.example.org:8443/x', false)
})

test('with an API key Twilio is believed by the token of the account only', () => {
  const { hears, settings } = channels['sms-twilio']!
  const key = { ...callers['sms-twilio']!.settings, api_key_sid: 'SK1' }
  const from = (token: string) => ({
    ...call({ body: 'a=b' }),
    headers: { 'x-twilio-signature': signTwilio('https://a/b', 'a=b', token) },
  })
  expect(hears!.isFrom(from('S3cret-Token-of-Twilio'), settings.parse(key))).toBe(false)
  const both = settings.parse({ ...key, signing_token: 'Account-T0ken' })
  expect(hears!.isFrom(from('Account-T0ken'), both)).toBe(true)
  expect(hears!.isFrom(from('S3cret-Token-of-Twilio'), both)).toBe(false)
})

test('an SMS says nothing when all is well, since it costs; on the phone somebody is listening', () => {
  const { hears } = channels['sms-twilio']!
  const t = (body: string, isDone: boolean, wanted: string) =>
    expect(hears!.thanks(call({ body }), { text: 'a & b', isDone }).body).toBe(wanted)

  t('MessageSid=S1', true, '<Response></Response>')
  t('MessageSid=S1', false, '<Response><Message>a &#38; b</Message></Response>')
  t('CallSid=C1', true, '<Response><Say>a &#38; b</Say></Response>')
  t('CallSid=C1', false, '<Response><Say>a &#38; b</Say></Response>')
})

test('what Vonage signs is signed as its libraries do it', () => {
  const { hears, settings } = channels['sms-vonage']!
  const found = (more: object) =>
    settings.parse({
      api_key: 'k',
      api_secret: 's',
      to: ['+4477009001'],
      signature_secret: 'secret',
      ...more,
    })
  // From the tests of Vonage's own library.
  const query = 'a=1&b=2&timestamp=1461605396&sig=6af838ef94998832dbfc29020b564830'
  const t = (text: string, more: object, wanted: boolean) => {
    expect(hears!.isFrom(call({ url: `https://a/b?${text}` }), found(more)), text).toBe(wanted)
    expect(hears!.isFrom(call({ body: text }), found(more)), text).toBe(wanted)
  }

  t(query, {}, true)
  t(query.replace('a=1', 'a=2'), {}, false)
  t(query, { signature_secret: 'other' }, false)
  t(query, { signature_method: 'sha256' }, false)
  // With a key, both are wanted.
  t(query, { callback_key: 'k3y-of-the-callback-0123456789' }, false)

  // What is signed says nothing of what somebody put beside it.
  const signed = Object.fromEntries(new URLSearchParams(query))
  const forged = { msisdn: '4477009001', messageId: '1', text: '1 4711' }
  const json = (body: unknown) => call({ body: JSON.stringify(body) })
  expect(hears!.isFrom(json(signed), found({}))).toBe(true)
  expect(hears!.isFrom(json([signed]), found({}))).toBe(true)
  expect(hears!.isFrom(json([signed, forged]), found({}))).toBe(false)
})

test('PagerDuty is heard where somebody acknowledges, and about nothing else', () => {
  const { hears } = channels['pagerduty']!
  const t = (event: unknown, wanted: unknown) =>
    expect(hears!.read(call({ body: JSON.stringify({ event }) }))).toEqual(wanted)
  const data = { incident_key: 'k' }
  const at = (occurred_at: unknown) => ({ event_type: 'incident.acknowledged', occurred_at, data })
  const taken = (atMs: number) => [{ kind: 'taken', receipt: 'k', by: 'PagerDuty', atMs }]

  t(at('2026-11-21T09:00:30.000Z'), taken(Date.UTC(2026, 10, 21, 9, 0, 30)))
  t(at('2026-11-21T10:00:30+01:00'), taken(Date.UTC(2026, 10, 21, 9, 0, 30)))
  t({ event_type: 'incident.resolved', data }, [])
  t({ event_type: 'pagey.ping', data: {} }, [])
  t({ event_type: 'incident.acknowledged', data: {} }, [])
  t('x', undefined)
  // Nobody knows which of the incidents of its key was seen.
  for (const none of [
    undefined,
    '',
    'soon',
    '2026',
    '2026-11-21T09:00:30',
    '2026-99-21T09:00:30Z',
    1_795_251_600,
  ])
    t(at(none), undefined)
})

test('PagerDuty calls each incident of a group the same: what was seen before one began is not that one', async () => {
  const { heard, facts } = hearingWith(new Map())
  const { openedAtMs } = incidentView(4711)
  const t = async (atMs: number | null, is: string) =>
    expect((await heard({ kind: 'taken', receipt: 'key', by: 'Ann', atMs })).is).toBe(is)

  await t(openedAtMs - 3_600_000, 'earlier')
  await t(openedAtMs - 60_001, 'earlier')
  expect(facts).toEqual([])
  await t(openedAtMs, 'acknowledged')
  // The same again is written once.
  await t(openedAtMs, 'acknowledged')
  expect(facts).toMatchObject([{ kind: 'acknowledged', incident: 4711, who: 'Ann' }])
  // Of a call that had a name of its own.
  await t(null, 'acknowledged')
})

const hearingWith = (integrations: ReadonlyMap<string, Integration>) => {
  const facts: unknown[] = []
  const clock = new SimulatedClock(0)
  const hearing = openHearing({
    ...{ clock, own: openOwnMetrics(), integrations: () => integrations },
    incident: async number => incidentView(number),
    receipt: async () => false,
    incidentOf: name => (name === 'key' ? 4711 : undefined),
    record: async found => void facts.push(...found),
  })
  const heard = (inbound: Inbound) => hearing.hear(inbound, 'ops/x/0')
  return { facts, heard, hear: (from: string) => heard({ kind: 'reply', from, text: '1 4711' }) }
}

test('a number is known however a service writes it, also of a way in a failover, and no other is', async () => {
  const { settings } = channels['sms-vonage']!
  const way = (id: string, to: string[]): Integration => ({
    ...{ id, channel: 'sms-vonage', tellsEnds: true },
    settings: settings.parse({ api_key: 'k', api_secret: 's', to }),
  })
  const order = [way('sms/sms-vonage/0', ['13800138000', '+1 415 555 2671'])]
  const chain: Integration = {
    ...{ id: 'ops/failover/0', channel: failover, tellsEnds: true },
    settings: { order, withinMs: 1, receiptMs: null },
  }
  const { hear, facts } = hearingWith(new Map([[chain.id, chain]]))
  const t = async (from: string, is: string) => expect((await hear(from)).is, from).toBe(is)

  await t('13800138000', 'acknowledged')
  await t('8613800138000', 'acknowledged')
  await t('+8613800138000', 'acknowledged')
  // A number of America looks like a Chinese one without its plus.
  await t('14155552671', 'acknowledged')
  await t('13800138001', 'stranger')
  await t('', 'stranger')
  await t('VODAFONE', 'stranger')
  expect(facts).toMatchObject([
    { who: '+8613800138000', details: { receivers: ['sms'] } },
    { who: '+14155552671' },
  ])
})

test('a receiver may have a slash in its name', () => {
  expect(receiverOf('team/a/pagerduty/1')).toBe('team/a')
})

test('where no secret is stated, no call is believed', () => {
  for (const [name, { settings, receipt }] of Object.entries(callers)) {
    const { callback_key: key, webhook_secret: _, ...bare } = settings
    if (name.endsWith('twilio')) continue
    const { hears, settings: schema } = channels[name]!
    const { headers, body } = receipt('https://a/b')
    for (const tried of [String(key), 'undefined', ''])
      expect(hears!.isFrom(call({ key: tried, headers, body }), schema.parse(bare)), name).toBe(false)
  }
})

test('however much a service calls, no more is taken than can be written down', async () => {
  const clock = new SimulatedClock(0)
  const own = openOwnMetrics()
  const { settings } = channels['sms-aliyun']!
  const found = settings.parse(callers['sms-aliyun']!.settings)
  const integrations = new Map<string, Integration>([
    ['a/sms-aliyun/0', { id: 'a/sms-aliyun/0', channel: 'sms-aliyun', settings: found, tellsEnds: true }],
  ])
  const [, , byKey] = callbackRoutes({
    ...{ clock, own, log: openLog({ write: () => {} }), externalUrl: 'https://a', language: 'en' },
    integrations: () => integrations,
    hearing: { hear: async () => ({ is: 'receipt' }) },
  })
  const { tail, body } = callers['sms-aliyun']!.receipt('')
  const asked = {
    params: { channel: 'a', key: tail.slice(1) },
    query: {},
    body: Buffer.from(body),
    headers: {},
  }
  const principal = { kind: 'anonymous', name: 'nobody', scopes: [] } as const
  const one = async () =>
    byKey!.handle({
      ...asked,
      url: '/x',
      principal,
      remote: '',
      readMs: 0,
      signal: new AbortController().signal,
    })
  for (let nth = 0; nth < 2_000; nth++) await one()
  await expect(one()).rejects.toMatchObject({ code: 'overloaded' })
  await clock.runFor(10)
  await one()
  expect(await own.text()).toContain('{channel="sms-aliyun",outcome="too_many"} 1')
})
