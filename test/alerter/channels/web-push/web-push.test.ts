// The channel web-push: from a message to what a browser reads, and what the answers of its push service come to.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Around, Verdicts } from '../../../../alerter/channel.ts'
import { channel, webPush } from '../../../../alerter/channels/web-push/index.ts'
import type { Message } from '../../../../alerter/message.ts'
import { crowd, ended, huge, messageOf, messages } from '../../messages.ts'
import { openBrowser, provenClaims } from '../../web-push/browser.ts'
import { openPeople, openStand, startMs } from '../../web-push/stand.ts'

const around: Around = { nowMs: startMs, random: () => 0.5 }

let people: Awaited<ReturnType<typeof openPeople>>
beforeAll(async () => {
  people = await openPeople()
})
afterAll(() => people.close())

async function opened(options: Parameters<typeof openStand>[1] = {}) {
  const stand = await openStand(people.state, options)
  onTestFinished(() => stand[Symbol.asyncDispose]())
  const send = (message: Message, settings: object = { users: ['anna'] }, more = {}): Promise<Verdicts> =>
    webPush(stand.push)
      .open(channel.settings.parse(settings))
      .send(message, { ...around, ...more }, new AbortController().signal)
  return { ...stand, send }
}

test('what a message says arrives at the browser, and nowhere else', async () => {
  const { send, device, arrived, service } = await opened()
  await device('anna', 'phone')
  await device('bo', 'other')
  expect(await send(messageOf())).toEqual({ kind: 'accepted', lost: [] })
  expect(arrived('other')).toEqual([])
  const [{ asked, shown }] = arrived('phone') as [ReturnType<typeof arrived>[0]]
  expect(shown).toMatchObject({
    title: expect.stringContaining('disk /var is 94 % full'),
    tag: 'incident/4711',
    path: '/i/4711?k=a_b',
    stays: true,
  })
  expect(asked).toMatchObject({
    method: 'POST',
    headers: {
      'content-encoding': 'aes128gcm',
      ttl: '86400',
      urgency: 'high',
      topic: expect.stringMatching(/^[\w-]{32}$/),
      'content-length': String(asked.bytes.length),
    },
  })
  expect(asked.bytes.toString('latin1')).not.toContain('disk')
  expect(provenClaims(asked.headers.authorization).claims).toEqual({
    aud: service.origin,
    exp: startMs / 1_000 + 43_200,
    sub: 'https://plimsoll.example.org',
  })
})

test('every kind of message arrives, and a megabyte of it fits', async () => {
  const { send, device, arrived } = await opened()
  await device('anna', 'phone')
  const all = [...Object.values(messages), huge, crowd]
  for (const message of all) expect(await send(message)).toMatchObject({ kind: 'accepted' })
  expect(arrived('phone')).toHaveLength(all.length)
  for (const { asked } of arrived('phone')) expect(asked.bytes.length).toBeLessThanOrEqual(4_096)
})

test('who may be written to is a mail address, or what others reach us by', async () => {
  const subject = async (externalUrl: string, settings: object) => {
    const { send, device, arrived } = await opened({ externalUrl })
    await device('anna', 'phone')
    await send(messageOf(), { users: ['anna'], ...settings })
    const claims = provenClaims(arrived('phone')[0]!.asked.headers.authorization).claims
    return (claims as { sub?: string }).sub
  }
  expect(await subject('https://plimsoll.example.org', { contact: 'ops@example.org' })).toBe(
    'mailto:ops@example.org',
  )
  expect(await subject('http://10.0.0.7:1876', {})).toBeUndefined()
})

test('five devices are one receiver: one that takes it is enough, and the audit knows who is gone', async () => {
  const { send, device, says, push, audit, own, clock } = await opened()
  for (const name of ['one', 'gone', 'missing', 'busy', 'wrong']) await device('anna', name)
  says('gone', { status: 410, body: 'push subscription has unsubscribed or expired' })
  says('missing', { status: 404 })
  says('busy', { status: 503, headers: { 'retry-after': '30' } })
  says('wrong', { status: 403, body: 'the key is not the one that it was subscribed with' })
  const verdict = await send(messageOf(), { users: ['anna', 'bo'] })
  expect(verdict).toMatchObject({ kind: 'accepted' })
  expect([...((verdict as { lost?: readonly string[] }).lost ?? [])].toSorted()).toEqual([
    'anna: busy: answered 503',
    'anna: gone: answered 410: the browser does not want to be told any more',
    'anna: missing: answered 404: the browser does not want to be told any more',
    'anna: wrong: answered 403: the key is not the one that it was subscribed with',
    'bo has no device: it is added at /push',
  ])
  const left = await push.devices.list('everyone')
  expect(
    left.map(({ name, deliveredAtMs, trouble }) => [name, deliveredAtMs, trouble?.text ?? null]).toSorted(),
  ).toEqual([
    ['busy', null, 'answered 503'],
    ['one', startMs, null],
    ['wrong', null, 'answered 403: the key is not the one that it was subscribed with'],
  ])
  const removed = (await audit()).filter(({ what }) => what === 'push device removed')
  expect(removed.map(({ who, device: name }) => [who, name]).toSorted()).toEqual([
    ['web-push', 'gone'],
    ['web-push', 'missing'],
  ])
  const count = (outcome: string) =>
    own
      .samples(clock.nowMs())
      .find(
        ({ series: { name, labels } }) => name === 'plimsoll_web_push_total' && labels['outcome'] === outcome,
      )?.value
  expect([count('told'), count('gone'), count('later'), count('failed')]).toEqual([1, 2, 1, 1])
})

test('asks for another time exactly when one may help', async () => {
  const { send, device, says, service } = await opened()
  const { id } = await device('anna', 'phone')
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  const t = async (reply: Parameters<typeof says>[1], wanted: object) => {
    says('phone', reply)
    expect(await send(messageOf()), JSON.stringify(reply)).toMatchObject(wanted)
  }

  await t({ status: 500 }, { kind: 'later' })
  await t({ status: 503, headers: { 'retry-after': '17' } }, { kind: 'later', afterMs: 17_000 })
  await t({ status: 429, headers: { 'retry-after': '3' } }, { kind: 'later', afterMs: 3_000 })
  await t('reset', { kind: 'later' })
  await t({ status: 401 }, { kind: 'refused', because: 'settings' })
  await t({ status: 413 }, { kind: 'refused', because: 'message' })
  await t({ status: 302, headers: { location: service.origin } }, { kind: 'refused' })
  await t({ status: 201 }, { kind: 'accepted' })
  await t({ status: 410 }, { kind: 'refused', because: 'settings' })
  // It was removed.
  await t(
    { status: 201 },
    { kind: 'refused', because: 'settings', reason: 'anna has no device: it is added at /push' },
  )
})

test('everyone is everyone who has a device', async () => {
  const { send, device, arrived } = await opened()
  expect(await send(messageOf(), { everyone: true })).toMatchObject({
    kind: 'refused',
    because: 'settings',
    reason: 'nobody has a device: it is added at /push',
  })
  await device('anna', 'one')
  await device('bo', 'other')
  expect(await send(ended, { everyone: true })).toMatchObject({ kind: 'accepted' })
  expect([arrived('one').length, arrived('other').length]).toEqual([1, 1])
})

test('an address that leads inside is not asked, whoever has put it there', async () => {
  const { send, device, service } = await opened({ trust: 'outsider' })
  await device('anna', 'phone')
  expect(await send(messageOf())).toMatchObject({
    kind: 'refused',
    reason: 'anna: phone: 127.0.0.1 is not on the public Internet',
  })
  expect(service.asked).toEqual([])
})

test('by a proxy only what is certainly a push service', async () => {
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    socket.end('HTTP/1.1 502 no\r\n\r\n')
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const { send, push, device } = await opened({ trust: 'outsider' })
  await device('anna', 'inside')
  for (const host of ['fcm.googleapis.com', 'updates.push.services.mozilla.com', 'web.push.apple.com'])
    await push.devices.add('anna', openBrowser(`https://${host}/x`).subscription(host))
  const { port } = proxy.address() as AddressInfo
  const http_config = { proxy_url: `http://127.0.0.1:${port}` }
  expect(await send(messageOf(), { users: ['anna'], http_config })).toMatchObject({ kind: 'later' })
  expect(asked.toSorted()).toEqual([
    'fcm.googleapis.com:443',
    'updates.push.services.mozilla.com:443',
    'web.push.apple.com:443',
  ])
})

test('no answer makes it tell the address of a device', async () => {
  const { send, device, says, push } = await opened()
  const { endpoint } = await device('anna', 'phone')
  const t = async (status: number, body: string) => {
    says('phone', { status, body })
    expect(JSON.stringify(await send(messageOf()))).not.toContain('S3cret-Place')
    const kept = (await push.devices.list('everyone'))[0]?.trouble?.text ?? ''
    expect(kept).not.toContain('S3cret-Place')
    expect(kept.length).toBeLessThanOrEqual(300)
  }
  await t(500, `cannot push to ${endpoint}: ${'x'.repeat(5_000)}`)
  await t(400, new URL(endpoint).pathname.split('/').at(-1)!)
  await t(403, encodeURIComponent(endpoint))
})

test('what its templates became outranks our own words', async () => {
  const { send, device, arrived } = await opened()
  await device('anna', 'phone')
  const settings = { users: ['anna'], title: '{{ .Status }}', text: 'always the same' }
  expect(channel.texts?.(channel.settings.parse(settings))).toEqual({ title: '{{ .Status }}' })
  await send(messageOf(), settings, { texts: { title: 'firing' } })
  expect(arrived('phone')[0]!.shown).toMatchObject({ title: 'firing', body: 'always the same' })
})

test('a state that is away is waited for', async () => {
  const { state, close } = await openPeople()
  await using stand = await openStand(state)
  await close()
  const line = webPush(stand.push).open(channel.settings.parse({ everyone: true }))
  expect(await line.send(messageOf(), around, new AbortController().signal)).toMatchObject({ kind: 'later' })
})

test('refuses settings that name nobody, or both, or what it does not know', () => {
  const t = (settings: object, said: string) => expect(() => channel.settings.parse(settings)).toThrow(said)
  t({}, 'one of users and everyone')
  t({ everyone: false }, 'one of users and everyone')
  t({ users: ['anna'], everyone: true }, 'one of users and everyone')
  t({ users: [] }, 'users')
  t({ users: ['anna'], colour: 'red' }, 'colour')
  t({ everyone: true, http_config: { bearer_token: 'x' } }, 'no login and no headers')
  t({ everyone: true, contact: 'nobody' }, 'a mail address')
})

test('twenty a minute of one receiver, then a digest, and a reserve for what pages', () => {
  const settings = channel.settings.parse({ users: ['bo', 'anna'] })
  expect(channel.budgets(settings)).toEqual([
    { key: 'web-push:anna bo', times: 20, perMs: 60_000, reserve: 5 },
  ])
})

test('where there is no state, its settings can be read, and that is all', async () => {
  const line = channel.open(channel.settings.parse({ everyone: true }))
  expect(await line.send(messageOf(), around, new AbortController().signal)).toMatchObject({
    kind: 'refused',
    because: 'settings',
  })
})
