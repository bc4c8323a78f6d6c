// Capacity in a process that ends while it makes the days of pools, drafts a month, and is told what people do: the days are
// those that an undisturbed run makes, no draft is there twice, and what was acknowledged is there and told.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import type { HistoryJson } from '../../capacity/api/history-routes.ts'
import { keptMonths, keptReport } from '../../capacity/report/kept-reports.ts'
import type { RequestJson } from '../../capacity/requests/json.ts'
import { dayMs, poolOf, requestsOf, runsOf, sent, storyOf } from '../capacity-asks.ts'
import { type Noticed, openNoticed } from '../noticed.ts'
import { type Running, startService } from '../running.ts'

const rounds = Number(process.env['PLIMSOLL_CRASH_ROUNDS'] ?? 3)
const poolNames = Array.from({ length: 4 }, (_, at) => `pool-${at}`)
const days = 60
// What a day is made of is measured every five minutes; there is a sample for every third of them.
const stepMs = 900_000
// Of the first and of the last day that both runs must have, even if the date changes between them.
const lastDay = Math.floor(Date.now() / dayMs) - 1
const patience = { timeout: 30_000, interval: 50 }

let folder = ''
let noticed: Noticed
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-crash-capacity-'))
  noticed = await openNoticed()
  await sixtyDays()
}, 60_000)
afterAll(async () => {
  await noticed[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const never = '0 0 29 2 *'
const settings = (schedule = never): string => `packs: []
channels: {ops: {webhook: {url: "${noticed.url}"}}, tickets: {webhook: {url: "${noticed.url}"}}}
alertmanager: {route: {receiver: ops}}
capacity:
  schedule: "${schedule}"
  planners: ops
  tickets: tickets
  pools:
${poolNames.map((name, at) => `    ${name}: {by: [zone], resources: {cpu: {usage: 'sum by (zone) (cpu_used) * ${at + 1}', capacity: 'sum by (zone) (cpu_size)', waterline: 70%, unit: cores, unit_capacity: 10}}}`).join('\n')}
`

// Samples of so many days, in a service that has no pools yet.
async function sixtyDays(): Promise<void> {
  const service = await startService(join(folder, 'samples'), 'packs: []\n')
  const startMs = (lastDay - days) * dayMs
  const steps = Math.floor((Date.now() - startMs) / stepMs)
  for (let from = 0; from < steps; from += 2_000) {
    let body = ''
    for (let at = from; at < Math.min(steps, from + 2_000); at++)
      for (const [nth, zone] of ['a', 'b'].entries())
        body += `cpu_used,zone=${zone} value=${10 + nth + at / 300 + (at % 7)} ${startMs + at * stepMs}\ncpu_size,zone=${zone} value=100 ${startMs + at * stepMs}\n`
    expect(await service.write(body)).toBe(204)
  }
  expect(await service.kill('SIGTERM'), service.output()).toBe(0)
}

function copied(from: string, to: string): string {
  cpSync(join(folder, from), join(folder, to), { recursive: true })
  return join(folder, to)
}

async function inState<T>(of: string, work: (state: State) => Promise<T>): Promise<T> {
  const state = await openSqliteState({ file: join(of, 'data/state.sqlite') })
  try {
    return await work(state)
  } finally {
    await state.close()
  }
}

async function allDaysOf(service: Running): Promise<boolean> {
  const [, { lines }] = await sent<HistoryJson>(service, '/history')
  return (
    lines.every(each => each.days >= days && each.supplyDays >= days) && lines.length === poolNames.length
  )
}

// Each of them as one text.
const rowsIn = (of: string): Promise<readonly string[]> =>
  inState(of, async ({ db }) => {
    const found = await db
      .selectFrom('capacity_days')
      .innerJoin('capacity_lines', 'capacity_lines.id', 'capacity_days.line')
      .select(['capacity_lines.line', 'track', 'day', 'numbers'])
      .where('day', '>', lastDay - days + 1)
      .where('day', '<=', lastDay)
      .execute()
    return found.map(({ line, track, day, numbers }) => `${line} ${track} ${day} ${numbers}`).sort()
  })

// The days that an undisturbed run makes.
async function undisturbed(): Promise<readonly string[]> {
  const calm = copied('samples', 'calm')
  const service = await startService(calm, settings())
  await expect.poll(() => allDaysOf(service), patience).toBe(true)
  expect(await service.kill('SIGTERM'), service.output()).toBe(0)
  return rowsIn(calm)
}

test(`kill -9 while days of pools are made, ${rounds} times: they are those of an undisturbed run`, async () => {
  const wanted = await undisturbed()
  const work = copied('samples', 'days')
  const there: number[] = []
  for (let round = 0; round < rounds; round++) {
    const service = await startService(work, settings())
    await sleep(Math.random() * 900)
    expect(await service.kill('SIGKILL')).toBe('SIGKILL')
    there.push((await rowsIn(work)).length)
  }
  const service = await startService(work, settings())
  await expect.poll(() => allDaysOf(service), patience).toBe(true)
  expect(await service.kill('SIGTERM'), service.output()).toBe(0)
  const rows = await rowsIn(work)
  console.log(
    `killed ${rounds} times with ${there.join(', ')} rows of ${wanted.length}: all are as they must be`,
  )
  expect(wanted.length).toBe(poolNames.length * 3 * 2 * (days - 1))
  expect(rows).toEqual(wanted)
})

// So long after it was started, whatever it does by then.
async function startAndKill(of: string, afterMs: number): Promise<void> {
  const config = join(of, 'killed.yml')
  const own = `listen: 127.0.0.1:0\ndata: ${join(of, 'data')}\nagent: {enabled: false}\n`
  writeFileSync(config, own + settings('* * * * *'))
  const args = ['up', '--config', config]
  const child = spawn(join(import.meta.dirname, '../../bin/plimsoll'), args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
}

// As if the schedule had come while nobody was there.
const makeDue = (of: string): Promise<void> =>
  inState(of, ({ db, write }) =>
    write([db.updateTable('capacity_runs').set({ due_ms: Date.now() - 3_600_000 })]).then(() => {}),
  )

const runsIn = (of: string): Promise<number> =>
  inState(of, async ({ db }) => {
    const found = await db
      .selectFrom('capacity_runs')
      .select('id')
      .where('trigger', '=', 'schedule')
      .execute()
    return found.length
  })

// The reports that are kept, each with all of its pools or not.
const keptIn = (of: string): Promise<readonly string[]> =>
  inState(of, async ({ db }) => {
    const kept: string[] = []
    for (const month of await keptMonths(db)) {
      const { pools, requests } = await keptReport(db, month, '')
      const isWhole = pools.length === poolNames.length && requests.length > 0
      kept.push(isWhole ? 'whole' : 'broken')
    }
    return kept
  })

const made = (requests: readonly RequestJson[]): readonly string[] =>
  requests.map(({ pool, month, units, kind, state }) => `${pool} ${month} ${kind} ${units} ${state}`).sort()

// What was drafted, when there is a run and both receivers have heard of it.
async function drafted(of: string): Promise<readonly string[]> {
  const service = await startService(of, settings('* * * * *'))
  await expect.poll(async () => (await runsOf(service)).length, patience).toBe(1)
  const { id } = (await runsOf(service))[0]!
  const isTold = (receiver: string): boolean => noticed.data.has(`${receiver} capacity/run/${id}`)
  await expect.poll(() => isTold('ops') && isTold('tickets'), patience).toBe(true)
  const requests = made(await requestsOf(service))
  await service.kill('SIGKILL')
  return requests
}

test(`kill -9 while a month is drafted, ${rounds} times: one run with its report, and each draft once`, async () => {
  await makeDue(join(folder, 'calm'))
  const sinceMs = Date.now()
  const wanted = await drafted(copied('calm', 'whole'))
  const wholeMs = Date.now() - sinceMs
  const found: number[] = []
  for (let round = 0; round < rounds; round++) {
    noticed.forget()
    const work = copied('calm', `drafts-${round}`)
    await startAndKill(work, wholeMs * (0.7 + Math.random() * 0.4))
    found.push(await runsIn(work))
    expect(await keptIn(work)).toEqual(found.at(-1) === 1 ? ['whole'] : [])
    expect(await drafted(work)).toEqual(wanted)
    expect(await keptIn(work)).toEqual(['whole'])
    expect(noticed.saidAgain()).toBe(0)
  }
  console.log(
    `killed ${rounds} times, with ${found.join(', ')} runs made by then: ${wanted.length} drafts, each once`,
  )
  expect(wanted.length).toBeGreaterThan(poolNames.length / 2)
  noticed.forget()
})

// Files requests of his own and takes them through their life, each deed when the last was acknowledged.
class Person {
  readonly acknowledged = new Map<number, number>()
  deeds = 0
  unsure = 0
  readonly #deeds = ['submit', 'approve', 'order', 'deliver', 'close']

  async run(service: () => Running, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const needed = new Date((lastDay + 40) * dayMs).toISOString().slice(0, 10)
      let request = await this.#do(service, '', { pool: poolNames[0], units: 3, needed })
      for (const deed of this.#deeds) {
        if (request === undefined || signal.aborted) break
        const { number, version } = request
        request = await this.#do(service, `/${number}/act`, { act: deed, version })
      }
    }
  }

  async #do(service: () => Running, at: string, body: object): Promise<RequestJson | undefined> {
    const [status, answer] = await sent<{ request: RequestJson }>(service(), `/requests${at}`, body)
    if (status !== 200 && status !== 201) {
      this.unsure++
      await sleep(20)
      return undefined
    }
    this.deeds++
    this.acknowledged.set(answer.request.number, answer.request.version)
    return answer.request
  }
}

test(`kill -9 while people act on requests, ${rounds} times: what was acknowledged is there, and told`, async () => {
  const work = copied('calm', 'deeds')
  const people = Array.from({ length: 4 }, () => new Person())
  const stop = new AbortController()
  let service = await startService(work, settings())
  const running = people.map(each => each.run(() => service, stop.signal))
  for (let round = 0; round < rounds; round++) {
    await sleep(100 + Math.random() * 500)
    expect(await service.kill('SIGKILL')).toBe('SIGKILL')
    service = await startService(work, settings())
  }
  stop.abort()
  await Promise.all(running)

  const sum = (count: (of: Person) => number): number => people.reduce((all, each) => all + count(each), 0)
  const own = (await requestsOf(service)).filter(({ source }) => source === 'person')
  const versions = new Map(own.map(({ number, version }) => [number, version]))
  const acknowledged = people.flatMap(each => [...each.acknowledged])
  expect(new Set(acknowledged.map(([number]) => number)).size).toBe(acknowledged.length)
  expect(acknowledged.filter(([number, version]) => (versions.get(number) ?? 0) < version)).toEqual([])
  expect(own.length - acknowledged.length).toBeLessThanOrEqual(sum(each => each.unsure))
  // What was delivered goes on counting until the supply shows it, which this one never does.
  const coming = ['approved', 'ordered', 'delivered', 'closed']
  const open = own.filter(({ state }) => coming.includes(state))
  const { lines } = await poolOf(service, poolNames[0]!)
  expect(lines[0]!.onOrderUnits).toBe(open.reduce((all, { units }) => all + units, 0))
  for (const { number, version } of own) {
    const { facts } = await storyOf(service, number)
    expect(facts.length).toBe(version)
    for (const { id } of facts)
      await expect.poll(() => noticed.data.has(`tickets capacity/request/${id}`), patience).toBe(true)
  }
  console.log(
    `killed ${rounds} times: ${sum(each => each.deeds)} deeds acknowledged, 0 lost; ${own.length} requests; ` +
      `${noticed.repeated()} messages came again`,
  )
  expect(sum(each => each.deeds)).toBeGreaterThan(0)
  expect(noticed.saidAgain()).toBe(0)
  expect(await service.kill('SIGTERM'), service.output()).toBe(0)
})
