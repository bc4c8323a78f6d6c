// Capacity on a real fleet: two processes stand ready, one has the turn. It is killed, sleeps, hands over, and servers go: no
// five minutes are lost that can be measured again, the month is drafted once, and both show the same.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RequestJson } from '../../capacity/requests/json.ts'
import {
  act,
  dayMs,
  importInto,
  poolOf,
  poolsOf,
  requestsOf,
  rising,
  runNow,
  runsOf,
  sent,
  storyOf,
} from '../capacity-asks.ts'
import { type Noticed, openNoticed } from '../noticed.ts'
import type { Running } from '../running.ts'
import { asking, hasTurn } from './alertmanager-asks.ts'
import { type Fleet, startFleet } from './fleet.ts'

let folder: string
let fleet: Fleet
let noticed: Noticed
let gateway: Running
let one: Running
let two: Running
let feeding: Promise<void>
const stopping = new AbortController()

const minuteMs = 60_000
const stepMs = 5 * minuteMs
const beganMs = Date.now()
// What the last owner before all of this has recorded.
const recordedMs = Math.floor((beganMs - 25 * minuteMs) / stepMs) * stepMs

const settings = (): string => `
packs: []
channels: {ops: {webhook: {url: "${noticed.url}"}}, tickets: {webhook: {url: "${noticed.url}"}}}
alertmanager: {route: {receiver: ops}}
capacity:
  schedule: "* * * * *"
  planners: ops
  tickets: tickets
  pools:
    web:
      by: [zone]
      resources:
        cpu: {usage: 'sum by (zone) (cpu_used)', capacity: 'sum by (zone) (cpu_size)', waterline: 70%, unit: cores, unit_capacity: 10}
`
const up = (name: string, roles = 'capacity,query'): Promise<Running> =>
  fleet.up(name, roles, undefined, settings())

// Each minute of the half hour before, and then every few seconds.
async function feed(): Promise<void> {
  const lines = (atMs: number): string =>
    ['a', 'b']
      .map(z => `cpu_used,zone=${z} value=40 ${atMs}\ncpu_size,zone=${z} value=100 ${atMs}\n`)
      .join('')
  const past = Array.from({ length: 35 }, (_, nth) => lines(beganMs - nth * minuteMs)).join('')
  expect(
    await gateway.write(`${past}capacity_usage,pool=web,resource=cpu,zone=a value=40 ${recordedMs}\n`),
  ).toBe(204)
  feeding = (async () => {
    while (!stopping.signal.aborted) {
      await gateway.write(lines(Date.now()))
      await sleep(5_000, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-capacity-fleet-'))
  noticed = await openNoticed()
  fleet = await startFleet(folder)
  gateway = await up('gateway', 'gateway,sink,alerter,query')
  await feed()
  // Everything that was sent is there before somebody asks where the last owner was.
  while ((await recorded(gateway)).size === 0) await sleep(200)
  ;[one, two] = await Promise.all([up('one'), up('two')])
})
afterAll(async () => {
  stopping.abort()
  await feeding
  await fleet?.[Symbol.asyncDispose]()
  await noticed?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  ;[one, two] = await Promise.all([alive(one, 'one'), alive(two, 'two')])
  await expect.poll(turns).toBe(1)
})

// What the test before has killed.
const alive = async (service: Running, name: string): Promise<Running> =>
  (await fetch(`${service.origin}/-/ready`).catch(() => undefined)) === undefined ? up(name) : service

const turns = async (): Promise<number> =>
  (await Promise.all([one, two].map(each => hasTurn(each, 'capacity')))).filter(Boolean).length

// Who has the turn, and who stands by.
const pair = async (): Promise<readonly [Running, Running]> =>
  (await hasTurn(one, 'capacity')) ? [one, two] : [two, one]

type Range = { data: { result: { values: [number, string][] }[] } }

// At which times the pool was recorded, as the store has it.
async function recorded(by: Running): Promise<ReadonlySet<number>> {
  const query = new URLSearchParams({ query: 'capacity_usage{pool="web"}[60m]' })
  const answer = await fetch(`${by.origin}/api/v1/query?${query}`, { headers: asking(by) })
  const { result } = ((await answer.json()) as Range).data
  return new Set(result.flatMap(({ values }) => values.map(([seconds]) => seconds * 1_000)))
}

// Those that are due by now and are not there.
async function unrecorded(by: Running): Promise<readonly number[]> {
  const there = await recorded(by)
  const missing: number[] = []
  // A time is measured twenty seconds after it.
  for (let tMs = recordedMs; tMs <= Date.now() - 25_000; tMs += stepMs) if (!there.has(tMs)) missing.push(tMs)
  return missing
}

async function countOf(service: Running, name: string): Promise<number> {
  const answer = await fetch(`${service.origin}/metrics`, { headers: asking(service) })
  const found = (await answer.text()).matchAll(new RegExp(`^${name}\\S* (\\d+)`, 'gm'))
  return Array.from(found, each => Number(each[1])).reduce((sum, each) => sum + each, 0)
}
const questionsOf = (service: Running): Promise<number> =>
  countOf(service, 'plimsoll_capacity_questions_total')
const publishedOf = (service: Running): Promise<number> =>
  countOf(service, 'plimsoll_bus_published_total\\{[^}]*samples')

async function state(...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: fleet.postgres.urlOf('plimsoll') })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const each of statements) rows = (await client.query(each)).rows
    return rows
  } finally {
    await client.end()
  }
}

// As if whoever had the turn had done nothing for twenty minutes, nor made this month's drafts.
async function undo(): Promise<void> {
  await state(`delete from capacity_runs where trigger = 'schedule'`, 'delete from capacity_said')
  const { url, org, bucket, token } = fleet.influx
  const start = new Date(Date.now() - 20 * minuteMs).toISOString()
  const stop = new Date(Date.now() + minuteMs).toISOString()
  for (const name of ['capacity_usage', 'capacity_supply']) {
    const body = JSON.stringify({ start, stop, predicate: `_measurement="${name}"` })
    const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' }
    const done = await fetch(`${url}/api/v2/delete?org=${org}&bucket=${bucket}`, {
      method: 'POST',
      headers,
      body,
    })
    expect(done.status, await done.text()).toBe(204)
  }
}

const scheduled = async (of: Running): Promise<number> =>
  (await runsOf(of)).filter(({ trigger }) => trigger === 'schedule').length

const since = (sinceMs: number): number => Date.now() - sinceMs
async function tookUntil(isSo: () => Promise<boolean>, timeout = 60_000): Promise<number> {
  const sinceMs = Date.now()
  await expect.poll(isSo, { timeout, interval: 100 }).toBe(true)
  return since(sinceMs)
}

// The plan apart from when each of them made it.
const shown = async (of: Running): Promise<object> => {
  const { pools, asOf, month } = await poolsOf(of)
  return { pools, asOf, month, requests: await requestsOf(of), runs: await runsOf(of) }
}

async function expectSame(): Promise<void> {
  const differs = async (): Promise<object | undefined> => {
    const [own, others] = await Promise.all([one, two].map(shown))
    return isDeepStrictEqual(own, others) ? undefined : { own, others }
  }
  await expect.poll(differs, { timeout: 70_000, interval: 500 }).toBe(undefined)
}

// Every run and every deed; drafts are told of as one run.
async function expectTold(): Promise<void> {
  const wanted = (await runsOf(one)).flatMap(({ id }) => [
    `ops capacity/run/${id}`,
    `tickets capacity/run/${id}`,
  ])
  for (const { number } of await requestsOf(one)) {
    const { facts } = await storyOf(one, number)
    const deeds = facts.filter(({ what }) => what === 'submitted' || what === 'approved')
    wanted.push(...deeds.map(({ id }) => `tickets capacity/request/${id}`))
  }
  const missing = (): readonly string[] => wanted.filter(each => !noticed.data.has(each))
  await expect.poll(missing, { timeout: 70_000 }).toEqual([])
  console.log(`told: ${wanted.length} notices, ${noticed.repeated()} messages came again`)
  expect(noticed.saidAgain()).toBe(0)
}

test('one of two measures, from where the last one was; both show the same', async () => {
  const [owner, standby] = await pair()
  await expect.poll(() => unrecorded(owner), { timeout: 30_000 }).toEqual([])
  expect((await recorded(standby)).size).toBeGreaterThanOrEqual(5)
  expect(await questionsOf(owner)).toBeGreaterThan(0)
  expect(await questionsOf(standby)).toBe(0)
  await expectSame()
})

test('days that the one without the turn took are seen by both', async () => {
  const [owner, standby] = await pair()
  const { taken } = await importInto(standby, rising('web', { days: 60, from: 60, by: 1, supply: 200 }))
  expect(taken).toBe(120)
  const hasForecast = async (): Promise<boolean> => (await poolOf(owner, 'web')).units > 0
  console.log(`imported at the other: seen by the owner after ${await tookUntil(hasForecast, 5_000)} ms`)
  await expectSame()
})

test('the schedule is run once; what is approved at one is on order at the other', async () => {
  const [owner, standby] = await pair()
  await expect.poll(() => scheduled(standby), { timeout: 90_000 }).toBe(1)
  await expectSame()
  // What was drafted before there were days is drafted anew by whoever asks.
  await runNow(standby)
  const [draft] = (await requestsOf(owner)).filter(({ state }) => state === 'draft')
  expect(draft).toMatchObject({ pool: 'web', source: 'forecast' })
  const units = (await poolOf(owner, 'web')).units
  await act(standby, await act(standby, draft!, 'submit'), 'approve')
  const isOnOrder = async (): Promise<boolean> => {
    const { lines, units: left } = await poolOf(owner, 'web')
    return lines[0]!.onOrderUnits === draft!.units && left === units - draft!.units
  }
  console.log(`approved at one: on order in the other's plan after ${await tookUntil(isOnOrder)} ms`)
  await expectSame()
  await expectTold()
}, 200_000)

test('the owner is killed: the other measures what is missing, and makes the run once', async () => {
  const [owner, standby] = await pair()
  await undo()
  await owner.kill('SIGKILL')
  const killedMs = Date.now()
  await undo()
  await tookUntil(() => hasTurn(standby, 'capacity'))
  const turnMs = since(killedMs)
  await expect.poll(() => unrecorded(standby), { timeout: 60_000 }).toEqual([])
  const measuredMs = since(killedMs)
  await expect.poll(() => scheduled(standby), { timeout: 90_000 }).toBe(1)
  console.log(
    `killed: the other has the turn after ${turnMs} ms, all five minutes are there after ${measuredMs} ms, ` +
      `the month's run after ${since(killedMs)} ms`,
  )
  one = await alive(one, 'one')
  two = await alive(two, 'two')
  await expectOnce()
})

// Of each pool no more than one draft that stands.
async function expectOnce(): Promise<void> {
  await expectSame()
  const requests = await requestsOf(one)
  const standing = requests.filter(({ state, source }) => source === 'forecast' && state === 'draft')
  expect(standing.length).toBeLessThanOrEqual(1)
  expect(new Set(requests.map(({ number }) => number)).size).toBe(requests.length)
  expect(await scheduled(one)).toBe(1)
  await expectTold()
}

test('the owner sleeps over a full minute, and wakes: it sends nothing more, and goes on as the other one', async () => {
  const [owner, standby] = await pair()
  await undo()
  // What it would do at the full minute is due when it wakes.
  const untilMinute = minuteMs - (Date.now() % minuteMs)
  await sleep((untilMinute - 9_000 + minuteMs) % minuteMs)
  await undo()
  const published = await publishedOf(owner)
  expect(published).toBeGreaterThan(0)
  process.kill(owner.pid, 'SIGSTOP')
  const sleptMs = Date.now()
  await tookUntil(() => hasTurn(standby, 'capacity'))
  const turnMs = since(sleptMs)
  await sleep(Math.max(0, sleptMs + 15_000 - Date.now()))
  const before = await state(`select name, owner, epoch from leases where name = 'capacity/turn'`)
  process.kill(owner.pid, 'SIGCONT')
  await expect.poll(() => hasTurn(owner, 'capacity')).toBe(false)
  await expect.poll(() => unrecorded(standby), { timeout: 60_000 }).toEqual([])
  await expect.poll(() => scheduled(standby), { timeout: 90_000 }).toBe(1)
  expect(await state(`select name, owner, epoch from leases where name = 'capacity/turn'`)).toEqual(before)
  console.log(`asleep: the other has the turn after ${turnMs} ms`)
  expect(owner.output()).toContain('lost what this process owned')
  expect(owner.output()).not.toContain('mistake of ours')
  expect(await publishedOf(owner)).toBe(published)
  // What it is given now is no owner's any more.
  await importInto(owner, rising('web', { days: 61, from: 60, by: 1, supply: 200 }))
  await expectOnce()
}, 200_000)

test('an owner that is asked to stop hands over', async () => {
  const [owner, standby] = await pair()
  const sinceMs = Date.now()
  const ending = owner.kill('SIGTERM')
  await tookUntil(() => hasTurn(standby, 'capacity'))
  console.log(`asked to stop: the other has the turn after ${since(sinceMs)} ms`)
  expect(await ending, owner.output()).toBe(0)
})

test('PostgreSQL is away for ten seconds', async () => {
  await fleet.postgres.kill()
  await sleep(10_000)
  await fleet.postgres.restart()
  const tookMs = await tookUntil(async () => (await turns()) === 1)
  for (const each of [one, two]) {
    await expect.poll(async () => (await fetch(`${each.origin}/-/ready`)).ok).toBe(true)
    await importInto(each, rising('web', { days: 62, from: 60, by: 1, supply: 200 }))
    await runNow(each)
  }
  console.log(`PostgreSQL away: one has the turn ${tookMs} ms after it was back`)
  await expect.poll(() => unrecorded(one), { timeout: 60_000 }).toEqual([])
  await expectOnce()
}, 200_000)

test('Kafka is away for ten seconds: requests are signed, and told when it is back', async () => {
  const [owner, standby] = await pair()
  await fleet.kafka.kill()
  const needed = new Date(Date.now() + 40 * dayMs).toISOString().slice(0, 10)
  const own = { pool: 'web', units: 1, needed }
  const [status, { request }] = await sent<{ request: RequestJson }>(standby, '/requests', own)
  expect(status).toBe(201)
  await act(owner, await act(standby, request, 'submit'), 'approve')
  await sleep(10_000)
  await fleet.kafka.restart()
  const backMs = Date.now()
  await expectTold()
  console.log(`Kafka away: all is told ${since(backMs)} ms after it was back`)
  await expectSame()
}, 200_000)
