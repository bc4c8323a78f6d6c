// What services tell back to a process that has the turn and to one that has not, over a real state.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { Page } from '../../alerter/book/page.ts'
import { openAlerterBook } from '../../alerter/book.ts'
import { channels } from '../../alerter/channels/index.ts'
import { readPast } from '../../alerter/delivery/past.ts'
import { toldFact } from '../../alerter/delivery/told-facts.ts'
import type { Fact } from '../../alerter/fact.ts'
import { readFacts } from '../../alerter/facts.ts'
import type { OutboxEntry } from '../../alerter/outbox-entry.ts'
import type { Integration } from '../../alerter/route.ts'
import { openCallbacks } from '../../bin/callbacks.ts'
import { callers } from '../alerter/fake-services/callers.ts'
import { ask, openStand } from '../core/http/ask.ts'

const nowMs = Date.UTC(2026, 10, 21, 9)
const externalUrl = 'https://plimsoll.example.org'
const phone = '+8613800138000'

let folder: string
let state: State
const clock = new SimulatedClock(nowMs)
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-callbacks-'))
  state = await openSqliteState({ file: join(folder, 'state.db') })
})
afterEach(async () => {
  await state.close()
  rmSync(folder, { recursive: true })
})

const way = (channel: string): Integration => ({
  ...{ id: `${channel}/${channel}/0`, channel, tellsEnds: true },
  settings: channels[channel]!.settings.parse(callers[channel]!.settings),
})
const integrations = new Map(
  ['sms-twilio', 'sms-aliyun', 'sms-tencent'].map(name => [`${name}/${name}/0`, way(name)] as const),
)
const told = (id: string, more: Partial<Fact> = {}): Fact => ({
  ...{ id, kind: 'told', atMs: nowMs - 60_000, incident: 4711, group: 'ops\n{}:{}', fingerprint: null },
  who: 'sms-aliyun/sms-aliyun/0',
  details: { telling: id, message: id, urgency: 'page', isCertain: false, receipts: [`r-${id}`] },
  ...more,
})
async function save(...facts: readonly Fact[]): Promise<void> {
  const page = new Page()
  page.incident({ number: 4711, group: 'ops\n{}:{}', labels: {}, openedAtMs: nowMs, closedAtMs: null })
  for (const [nth, fact] of facts.entries()) page.fact(fact, nth + 1)
  await openAlerterBook({ state }).save(page)
}

function open(config: Partial<Config> = {}, where: State = state) {
  const own = openOwnMetrics()
  return openCallbacks({
    ...{ state: where, clock, own, log: openLog({ write: () => {} }), integrations: () => integrations },
    config: { externalUrl, listen: { host: '127.0.0.1', port: 1876 }, language: 'en', ...config } as Config,
  })
}
const path = (name: string, tail = ''): string => `/api/plimsoll/v1/callbacks/${name}${tail}`

test('without the turn a reply is written down all the same, once; a receipt is for whoever has it', async () => {
  await save(told('t1'))
  const { routes } = open()
  await using stand = await openStand(routes, { externalUrl })
  const url = `${externalUrl}${path('sms-twilio')}`
  const caller = callers['sms-twilio']!
  const call = async (made: ReturnType<typeof caller.receipt>) =>
    (await ask(stand.http, path('sms-twilio'), { method: 'POST', headers: made.headers, body: made.body }))
      .status
  for (let nth = 0; nth < 2; nth++) expect(await call(caller.answer!(url, phone, '1 4711'))).toBe(200)
  expect(await call(caller.receipt(url))).toBe(503)
  const facts = await readFacts(state.db, { incident: 4711, sinceMs: 0, limit: 10 })
  expect(facts.map(({ kind, who }) => [kind, who])).toEqual([
    ['acknowledged', phone],
    ['told', 'sms-aliyun/sms-aliyun/0'],
  ])
})

test('with the turn both go to who is at work, until he is not any more', async () => {
  await save()
  const callbacks = open()
  await using stand = await openStand(callbacks.routes, { externalUrl })
  const { body, headers, tail } = callers['sms-aliyun']!.receipt('')
  const call = async () =>
    (await ask(stand.http, path('sms-aliyun', tail), { method: 'POST', headers, body })).status
  const heard: unknown[] = []
  const work = await callbacks.atWork({
    delivery: { receipt: async found => heard.push(found) > 0, incidentOf: () => undefined },
    alerter: { record: async found => void heard.push(...found) },
    acknowledged: { hear: () => {}, readAgain: async () => {} },
  })
  expect(await call()).toBe(200)
  expect(heard).toEqual([callers['sms-aliyun']!.says])
  work[Symbol.dispose]()
  expect(await call()).toBe(503)
})

test('a reply that comes while the alerter is opened is known to it, however late it is written', async () => {
  await save()
  let written = (): void => {}
  const slow: State = {
    ...state,
    append: async statements => {
      await state.append(statements)
      await new Promise<void>(resolve => {
        written = resolve
      })
    },
  }
  const callbacks = open({}, slow)
  await using stand = await openStand(callbacks.routes, { externalUrl })
  const url = `${externalUrl}${path('sms-twilio')}`
  const { body, headers } = callers['sms-twilio']!.answer!(url, phone, '1 4711')
  const call = ask(stand.http, path('sms-twilio'), { method: 'POST', headers, body })
  await expect.poll(() => readFacts(state.db, { sinceMs: 0, limit: 10 })).toHaveLength(1)

  // Too early, or too late: by one of both it is heard.
  const told: string[] = []
  const work = await callbacks.atWork({
    delivery: { receipt: async () => false, incidentOf: () => undefined },
    alerter: { record: () => Promise.reject(new Error('it is written already')) },
    acknowledged: {
      hear: facts => void told.push(...facts.map(({ kind, who }) => `${kind} by ${who}`)),
      readAgain: async () => void told.push('read'),
    },
  })
  expect(told).toEqual(['read'])
  written()
  expect((await call).status).toBe(200)
  expect(told).toEqual(['read', `acknowledged by ${phone}`])
  work[Symbol.dispose]()
})

test('who took a call over at the service is asked again too, where nobody knows which message that was', async () => {
  const callbacks = open()
  await using stand = await openStand(callbacks.routes, { externalUrl })
  const { headers, tail } = callers['sms-tencent']!.receipt('')
  const body = JSON.stringify({ voicekey_callback: { callid: 'c1', keypress: '1', mobile: '13800138000' } })
  const call = () => ask(stand.http, path('sms-tencent', tail), { method: 'POST', headers, body })
  expect((await call()).status).toBe(503)
})

test('a service is told of an address only where it may reach it', () => {
  const t = (url: string | undefined, wanted: string | undefined) =>
    expect(open({ externalUrl: url }).ofDelivery.callbackOf?.('my ops/sms-twilio/0'), url).toBe(wanted)

  t(externalUrl, `${externalUrl}${path('my%20ops')}`)
  t('https://p.example.org/watch/', `https://p.example.org/watch${path('my%20ops')}`)
  t(undefined, undefined)
  for (const inner of [
    'http://localhost:1876',
    'http://10.0.0.7',
    'http://[::1]:1',
    'http://plimsoll',
    'https://p.lan',
  ])
    t(inner, undefined)
})

test('the past of the last day is read from the facts, each message once', async () => {
  const hourMs = 3_600_000
  await save(
    told('old', { atMs: nowMs - 25 * hourMs }),
    told('a', { atMs: nowMs - 2 * hourMs }),
    told('b', { details: { telling: 'b', message: 'a', receipts: [] } }),
    told('hook', { who: 'hook/webhook/0' }),
    { ...told('f'), kind: 'receipt', details: { receipt: 'r-a', outcome: 'failed' } },
  )
  const past = await readPast(state.db, integrations, nowMs, 'UTC')
  expect(past.knownMs).toBe(24 * hourMs)
  expect(past.told.map(({ telling, isUrgent }) => [telling, isUrgent])).toEqual([
    ['a', true],
    ['b', false],
  ])
  expect([...past.failed]).toEqual(['r-a'])
  expect(await readPast(state.db, new Map(), nowMs, 'UTC')).toMatchObject({ told: [], knownMs: 24 * hourMs })
})

test('what has left in the month is counted, each message once, for ways that have a limit of it', async () => {
  const id = 'bill/sms-aliyun/0'
  const settings = { ...(callers['sms-aliyun']!.settings as object), per_month: 100 }
  const limited = { ...way('sms-aliyun'), id, settings: channels['sms-aliyun']!.settings.parse(settings) }
  let made = 0
  const fact = (message: string, atMs: number, more: object = {}): Fact => {
    made += 1
    const telling = {
      id: `${made}`.padStart(16, '0'),
      urgency: 'page',
      firing: ['"takenBy":['],
      resolved: [],
    }
    const entry = { telling, incident: 4711, group: 'ops\n{}:{}' } as unknown as OutboxEntry
    const how = { message: message.padStart(16, '0'), isCertain: false, receipts: [], lost: [] }
    return toldFact({ entry, way: id, atMs }, { ...how, ...more })
  }
  // In Shanghai November began at 16 o'clock.
  const beganMs = Date.UTC(2026, 9, 31, 16)
  await save(
    fact('old', beganMs - 1),
    fact('a', beganMs),
    fact('b', beganMs),
    // A digest of many, written down within some milliseconds.
    ...Array.from({ length: 50 }, (_, nth) => fact('digest', nowMs - 10_000 + (nth % 3))),
    fact('c', nowMs - 5_000, { takenBy: ['x 1'], isPart: true }),
    fact('c', nowMs - 1_000, { takenBy: ['x 2'] }),
    told('other', { atMs: nowMs }),
  )
  const read = (zone: string) => readPast(state.db, new Map([...integrations, [id, limited]]), nowMs, zone)
  const few = (takenBy: string) => ({ way: id, takenBy: [takenBy], times: 1 })
  expect((await read('Asia/Shanghai')).month).toEqual([{ way: id, times: 3 }, few('x 1'), few('x 2')])
  expect((await read('UTC')).month?.[0]).toEqual({ way: id, times: 1 })
  expect((await readPast(state.db, integrations, nowMs, 'UTC')).month).toEqual([])
})
