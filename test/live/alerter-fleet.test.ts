// The alerter on a real fleet: two processes stand ready, one has the turn. Storms are posted to both while processes
// die, sleep and servers go; every alert that was acknowledged must be told, and twice only what was on its way.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openKafkaBus } from '#core/bus/kafka.ts'
import { realClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { readPosted } from '../../alerter/api/posted-alerts.ts'
import type { Running } from '../running.ts'
import {
  alerts,
  answerOf,
  asking,
  ended,
  hasTurn,
  keys,
  type Posted,
  post,
  type Refusal,
  silence,
} from './alertmanager-asks.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { type Hook, openHook } from './hook.ts'

let folder: string
let fleet: Fleet
let hook: Hook
let one: Running
let two: Running

// As many as delivery has under way to one place.
const inFlightMax = 16
const storm = { count: 2_000, groups: 50 }

const phone = '+8613800138000'
const key = 'a-key-that-nobody-guesses-0123456789'

const settings = (): string => `
packs: []
channels:
  ops: {webhook: {url: "${hook.url}"}}
  phones:
    sms-tencent: {secret_id: x, secret_key: x, sdk_app_id: "1", sign_name: x, template_id: "1", to: ["${phone}"], callback_key: "${key}"}
alertmanager:
  route: {receiver: ops, group_by: [rack], group_wait: 1s, group_interval: 2s, repeat_interval: 4h}
`
const up = (name: string): Promise<Running> => fleet.up(name, 'alerter', undefined, settings())

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-alerter-fleet-'))
  hook = await openHook()
  fleet = await startFleet(folder)
  await before()
  ;[one, two] = await Promise.all([up('one'), up('two')])
})
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
  await hook?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  ;[one, two] = await Promise.all([alive(one, 'one'), alive(two, 'two')])
  await expect.poll(turns).toBe(1)
  hook.be(0)
})
afterEach(() => hook.forget())

const turns = async (): Promise<number> =>
  (await Promise.all([one, two].map(each => hasTurn(each)))).filter(Boolean).length

// Who has the turn, and who stands by.
async function pair(): Promise<readonly [Running, Running]> {
  return (await hasTurn(one)) ? [one, two] : [two, one]
}

const tellsAll = (wanted: readonly string[]) =>
  expect.poll(() => hook.missing(wanted).length, { timeout: 60_000, interval: 50 }).toBe(0)

// Without the time of the next flush, which comes every two seconds.
async function whyOf(service: Running, path: string): Promise<unknown> {
  const { groups, ...why } = await answerOf<{ groups: readonly { nextMs: number }[] }>(service, path)
  return { ...why, groups: groups.map(each => ({ ...each, nextMs: null })) }
}

// Alternating, in portions of a hundred.
async function postToBoth(all: readonly Posted[], services: readonly (() => Running)[]): Promise<Refusal[]> {
  const refusals: Refusal[] = []
  for (let at = 0; at < all.length; at += 100) {
    const service = services[(at / 100) % services.length]!
    refusals.push(...(await post(service, all.slice(at, at + 100))))
  }
  return refusals
}

// What the test before has killed.
const alive = async (service: Running, name: string): Promise<Running> =>
  (await fetch(`${service.origin}/-/ready`).catch(() => undefined)) === undefined ? up(name) : service

// As /api/v2/alerts does, where no process answers it.
async function publish(...lists: readonly (readonly Posted[])[]): Promise<void> {
  const settings = { brokers: fleet.kafka.brokers, clientId: 'before', prefix: 'plimsoll' }
  const log = openLog({ write: () => {} })
  const parts = { settings, log, table: new SeriesTable(), clock: realClock, own: openOwnMetrics() }
  const bus = await openKafkaBus(parts)
  for (const each of lists) {
    const { transitions } = await readPosted([each], { nowMs: Date.now(), resolveTimeoutMs: 300_000 })
    await bus.publish('alerts', transitions)
  }
  await bus.close()
}

// One that fires, one that has ended, one that nobody has repeated.
async function before(): Promise<void> {
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString()
  const [fires, over, old] = ['fires', 'over', 'old'].map(n => {
    const labels = { alertname: 'Before', n, rack: n }
    return { labels, startsAt: at(-60_000), endsAt: at(n === 'old' ? 1 : 600_000) }
  })
  await publish([fires!, over!, old!], [{ ...over!, endsAt: at(-1_000) }])
}

test('a first start tells what fires, and of what was over before nobody hears', async () => {
  await tellsAll(['fires firing'])
  await sleep(3_000)
  expect([...hook.heard.keys()]).toEqual(['fires firing'])
})

test('alerts posted to either are told once, by one; the other shows the same', async () => {
  const all = alerts('day', { count: 60, groups: 3 })
  await postToBoth(all.slice(0, 30), [() => one])
  await postToBoth(all.slice(30), [() => two])
  await tellsAll(keys(all, 'firing'))
  const [holder, standby] = await pair()
  // The other hears of what is told by the state, a little later.
  const alike = (what: string, ask: (of: Running) => Promise<unknown>) => {
    const differing = async () => {
      const [own, others] = [await ask(holder), await ask(standby)]
      return isDeepStrictEqual(own, others) ? 'nothing' : { own, others }
    }
    return expect.poll(differing, { message: what }).toBe('nothing')
  }
  for (const path of ['/api/v2/alerts', '/api/v2/alerts/groups', '/api/v2/silences', '/api/v2/receivers']) {
    await alike(path, of => answerOf(of, path))
    const own = await answerOf<unknown[]>(holder, path)
    expect(own.length, path).toBe(path.endsWith('alerts') ? 61 : path.endsWith('groups') ? 4 : own.length)
  }
  const [first] = await answerOf<{ fingerprint: string }[]>(holder, '/api/v2/alerts?filter=rack="day-r0"')
  const why = `/api/plimsoll/v1/why?alert=${first!.fingerprint}`
  await alike(why, of => whyOf(of, why))
  const page = async (of: Running): Promise<string> => {
    const answer = await fetch(`${of.origin}/i/1`, { headers: asking(of) })
    expect(answer.status).toBe(200)
    return answer.text()
  }
  await alike('/i/1', page)
  await postToBoth(ended(all), [() => one, () => two])
  await tellsAll(keys(all, 'resolved'))
  expect([hook.repeated(), hook.saidAgain()]).toEqual([0, 0])
  const status = await answerOf<{ cluster: { status: string } }>(standby, '/api/v2/status')
  expect(status.cluster.status).toBe('disabled')
})

test('what came while no alerter was there is told: also what has ended since', async () => {
  await Promise.all([one, two].map(each => each.kill('SIGKILL')))
  const all = alerts('away', { count: 10, groups: 10 }, Date.now() - 60_000)
  const [brief, left] = [all.slice(0, 5), all.slice(5)]
  await publish(all, ended(brief))
  ;[one, two] = await Promise.all([alive(one, 'one'), alive(two, 'two')])
  await tellsAll([...keys(brief, 'resolved'), ...keys(left, 'firing')])
  expect(hook.missing(keys(brief, 'firing')).length).toBe(5)
  expect([hook.repeated(), hook.saidAgain()]).toEqual([0, 0])
})

test('the holder is killed in the middle of a storm', async () => {
  const [holder, standby] = await pair()
  hook.be(40)
  const all = alerts('kill', storm)
  const posting = postToBoth(all, [() => standby])
  await expect.poll(() => hook.told.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(5)
  const before = hook.told.length
  await holder.kill('SIGKILL')
  const killedMs = Date.now()
  await posting
  const atKill = hook.told.length
  const telling = expect.poll(() => hook.told.length, { timeout: 40_000, interval: 20 })
  await telling.toBeGreaterThan(atKill + 2)
  const onMs = Date.now() - killedMs
  await tellsAll(keys(all, 'firing'))
  const allMs = Date.now() - killedMs
  await postToBoth(ended(all), [() => standby])
  await tellsAll(keys(all, 'resolved'))
  console.log(
    `killed after ${before} messages: the other tells on after ${onMs} ms, has told all after ${allMs} ms; 0 of ${all.length} lost, ` +
      `${hook.repeated()} of ${hook.messages.size} messages came again`,
  )
  expect(hook.repeated()).toBeLessThanOrEqual(inFlightMax)
  expect(hook.saidAgain()).toBe(0)
})

test('the holder sleeps longer than its lease, and wakes', async () => {
  const [holder, standby] = await pair()
  hook.be(300)
  const all = alerts('sleep', storm)
  await postToBoth(all, [() => holder, () => standby])
  await expect.poll(() => hook.told.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(5)
  process.kill(holder.pid, 'SIGSTOP')
  const sleptMs = Date.now()
  await expect.poll(() => hasTurn(standby), { timeout: 30_000 }).toBe(true)
  const tookMs = Date.now() - sleptMs
  await expect.poll(() => hook.missing(keys(all, 'firing')).length, { timeout: 40_000 }).toBeLessThan(1_200)
  process.kill(holder.pid, 'SIGCONT')
  await tellsAll(keys(all, 'firing'))
  await sleep(3_000)
  expect(await hasTurn(holder)).toBe(false)
  await postToBoth(ended(all), [() => holder, () => standby])
  await tellsAll(keys(all, 'resolved'))
  console.log(
    `asleep: the other had the turn after ${tookMs} ms; 0 of ${all.length} lost, ` +
      `${hook.repeated()} of ${hook.messages.size} messages came again`,
  )
  expect(hook.repeated()).toBeLessThanOrEqual(inFlightMax)
  expect(hook.saidAgain()).toBe(0)
  expect(await turns()).toBe(1)
})

test('a holder that is asked to stop hands over, also while a service keeps it waiting', async () => {
  const [holder, standby] = await pair()
  const all = alerts('term', { count: 40, groups: 20 })
  hook.be(60_000)
  await postToBoth(all, [() => holder])
  await expect.poll(() => hook.told.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(5)
  const askedMs = Date.now()
  const ending = holder.kill('SIGTERM')
  hook.be(0)
  await expect.poll(() => hasTurn(standby), { timeout: 30_000 }).toBe(true)
  const tookMs = Date.now() - askedMs
  expect(await ending, holder.output()).toBe(0)
  await tellsAll(keys(all, 'firing'))
  console.log(`asked to stop: the other had the turn after ${tookMs} ms, ${hook.repeated()} messages again`)
  await postToBoth(ended(all), [() => standby])
  await tellsAll(keys(all, 'resolved'))
})

for (const name of ['postgres', 'kafka'] as const)
  test(`${name} is killed for ten seconds while alerts are posted`, async () => {
    const all = alerts(name, { count: 1_000, groups: 20 })
    const posting = postToBoth(all.slice(0, 900), [() => one, () => two])
    await fleet[name].kill()
    const killedMs = Date.now()
    const last = postToBoth(all.slice(900), [() => one, () => two])
    await sleep(10_000)
    await fleet[name].restart()
    const backMs = Date.now()
    const refusals = [...(await posting), ...(await last)]
    await tellsAll(keys(all, 'firing'))
    const toldMs = Date.now() - backMs
    await postToBoth(ended(all), [() => one, () => two])
    await tellsAll(keys(all, 'resolved'))
    const kinds = [...new Set(refusals.map(each => `${each.status} (retry after ${each.retryAfter})`))]
    console.log(
      `${name} away for ${backMs - killedMs} ms: ${refusals.length} posts refused with ${kinds.join(', ') || 'nothing'}; ` +
        `all told ${toldMs} ms after it was back, ${hook.repeated()} messages came again`,
    )
    for (const each of refusals) expect(each).toEqual({ status: 503, retryAfter: expect.any(String) })
    expect(hook.repeated()).toBeLessThanOrEqual(inFlightMax)
    expect(hook.saidAgain()).toBe(0)
  })

test('what is posted goes on while Kafka is away, and ends when it is back and nobody posts it again', async () => {
  const [holdsMs, awayMs] = [40_000, 50_000]
  const endsAt = new Date(Date.now() + holdsMs).toISOString()
  const all = alerts('away', { count: 4, groups: 2 }).map(each => ({ ...each, endsAt }))
  await postToBoth(all, [() => one, () => two])
  await tellsAll(keys(all, 'firing'))
  await fleet.kafka.kill()
  await sleep(awayMs)
  expect(hook.missing(keys(all, 'resolved'))).toHaveLength(all.length)
  await fleet.kafka.restart()
  const backMs = Date.now()
  await tellsAll(keys(all, 'resolved'))
  const leftMs = Date.now() - backMs
  console.log(`Kafka away for ${awayMs} ms: what was posted has ended ${leftMs} ms after it was back`)
  expect(leftMs).toBeGreaterThan(holdsMs / 4)
})

test('a silence made at one process holds at the other, and across a takeover', async () => {
  const [holder, standby] = await pair()
  const madeMs = Date.now()
  const id = await silence(standby, 'hush-r0', 600_000)
  const seen = async (): Promise<string[]> =>
    (await answerOf<{ id: string }[]>(holder, '/api/v2/silences')).map(each => each.id)
  await expect.poll(seen, { interval: 10 }).toContain(id)
  console.log(`a silence is seen by the other after ${Date.now() - madeMs} ms`)
  const all = alerts('hush', { count: 10, groups: 2 })
  const [hushed, loud] = [0, 1].map(at => all.filter(each => each.labels['rack'] === `hush-r${at}`))
  await post(() => holder, all)
  await tellsAll(keys(loud!, 'firing'))
  await holder.kill('SIGKILL')
  await expect.poll(() => hasTurn(standby), { timeout: 30_000 }).toBe(true)
  await sleep(5_000)
  expect(hook.missing(keys(hushed!, 'firing')).length).toBe(5)
  const [first] = await answerOf<{ fingerprint: string }[]>(standby, '/api/v2/alerts?filter=rack="hush-r0"')
  const { facts } = await answerOf<{ facts: readonly { kind: string; details: { createdBy: string } }[] }>(
    standby,
    `/api/plimsoll/v1/why?alert=${first!.fingerprint}`,
  )
  expect(facts.filter(each => each.kind === 'silenced').map(each => each.details.createdBy)).toEqual(['ann'])
  const url = `${standby.origin}/api/v2/silence/${id}`
  expect((await fetch(url, { method: 'DELETE', headers: asking(standby) })).status).toBe(200)
  await tellsAll(keys(hushed!, 'firing'))
  expect(hook.saidAgain()).toBe(0)
})

test('who answers to the process without the turn is named by the next message of the other, and after a takeover', async () => {
  const [before, last, ...others] = alerts('taken', { count: 12, groups: 1 })
  const [holder, standby] = await pair()
  await postToBoth([before!], [() => holder])
  await tellsAll(keys([before!], 'firing'))
  expect(hook.taken).toEqual([])
  type Incidents = { incidents: { number: number; labels: Record<string, string> }[] }
  const { incidents } = await answerOf<Incidents>(standby, '/api/plimsoll/v1/incidents?open=true')
  const { number } = incidents.find(({ labels }) => labels['rack'] === 'taken-r0')!
  const body = JSON.stringify([{ nationcode: '86', mobile: '13800138000', text: `1 ${number}` }])
  const url = `${standby.origin}/api/plimsoll/v1/callbacks/phones/${key}`
  expect((await fetch(url, { method: 'POST', body })).status).toBe(200)
  // The other hears of it by the state, within some seconds: the messages until then say nothing of it.
  for (const each of others) {
    if (hook.taken.length > 0) break
    await postToBoth([each], [() => holder])
    await tellsAll(keys([each], 'firing'))
  }
  expect(hook.taken).toEqual([phone])
  await holder.kill('SIGKILL')
  await postToBoth([last!], [() => standby])
  await tellsAll(keys([last!], 'firing'))
  // What was on its way comes again, and names him too.
  expect(hook.taken.length).toBeGreaterThan(1)
  expect(new Set(hook.taken)).toEqual(new Set([phone]))
})

test('the whole road: samples at one process, rules in another, the alerter in a third', async () => {
  const rules = `groups: [{name: heat, rules: [{alert: Hot, expr: heat > 80}]}]`
  writeFileSync(join(folder, 'rules.yml'), rules)
  const gateway = await fleet.up('gateway', 'gateway')
  await fleet.up('rules', 'rules', undefined, `packs: []\nrules: ["${join(folder, 'rules.yml')}"]\n`)
  const heat = (n: string, value: number) =>
    gateway.write(`heat,n=${n},rack=${n} value=${value} ${Date.now()}\n`)
  const names = Array.from({ length: 100 }, (_, at) => `road-${at}`)
  for (const each of names) expect(await heat(each, 5)).toBe(204)
  await sleep(8_000)
  const sentMs = new Map<string, number>()
  for (const each of names) {
    sentMs.set(each, Date.now())
    expect(await heat(each, 95)).toBe(204)
    await sleep(50)
  }
  await tellsAll(names.map(each => `${each} firing`))
  // The route waits for a second.
  const tookMs = names.map(each => hook.heard.get(`${each} firing`)![0]! - sentMs.get(each)! - 1_000)
  tookMs.sort((a, b) => a - b)
  console.log(
    `sample to webhook without group_wait: p50 ${tookMs[50]} ms, p99 ${tookMs[98]} ms of ${names.length}`,
  )
  expect([hook.repeated(), hook.saidAgain()]).toEqual([0, 0])
})
