// The rules on a real fleet: samples of forty hosts rise and fall on a schedule while processes are killed, join, sleep
// and leave, and servers go and come back. Each alert that the schedule demands is told, when it was so, under one name.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openKafkaBus } from '#core/bus/kafka.ts'
import type { Bus } from '#core/bus.ts'
import { realClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { median } from '../../bench/median.ts'
import type { Running } from '../running.ts'
import { compare, demanded, gapsOf, type Moment, ruleText, silentMs } from './demanded.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { type Heard, openHearing, openReceived, type Received } from './heard.ts'
import { Ledger } from './ledger.ts'
import { hosts, quietHost, type Tick, Wave } from './wave.ts'

let folder: string
let fleet: Fleet
let bus: Bus
let heard: ReadonlyMap<string, Heard>
let received: Received
let wave: Wave
let ledger: Ledger
let one: Running
let two: Running
let wasKilled = false

const settings = (): string => `
packs: [agents]
rules: ["${join(folder, 'rules.yml')}"]
agents: {silent_after: ${silentMs / 1_000}s}
`
const upRules = (name: string): Promise<Running> => fleet.up(name, 'rules', undefined, settings())

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-rules-'))
  writeFileSync(join(folder, 'rules.yml'), ruleText)
  fleet = await startFleet(folder)
  ledger = new Ledger(fleet.postgres.urlOf('plimsoll'))
  const gateway = await fleet.up('gateway', 'gateway,sink')
  ;[one, two] = await Promise.all([upRules('one'), upRules('two')])
  const table = new SeriesTable()
  bus = await openKafkaBus({
    settings: { brokers: fleet.kafka.brokers, clientId: 'test', prefix: 'plimsoll' },
    table,
    clock: realClock,
    own: openOwnMetrics(),
    log: openLog({ write: () => {} }),
  })
  heard = await openHearing(bus)
  received = await openReceived(bus, table)
  wave = new Wave(() => gateway)
  wave.start()
})
afterAll(async () => {
  await wave?.stop()
  await bus?.close()
  await fleet?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  if (wasKilled) one = await upRules('one')
  wasKilled = false
  await expect.poll(() => sharesOf(one, two)).toEqual([10, 10])
  // Who owns a share for the first time begins when it has read what its rules look back at, and knows of nothing before.
  await expect.poll(() => lagging(one, two)).toEqual([])
})

// Half of the changes of each alert are seen so soon after they were; on a busy machine others may be later.
const halfWithinMs = 1_500

// The wave begins before the bad day and goes on for a while after it, until it is low everywhere by itself; then every
// alert has ended, and all are counted.
async function survives(
  name: string,
  badDay: () => Promise<void>,
  away: readonly Moment[] = [],
): Promise<readonly Heard[]> {
  const sinceMs = Date.now()
  wave.be('wave')
  await sleep(3_000)
  await badDay()
  await sleep(10_000)
  await wave.ebb()
  await sleep(6_000)
  return counts(name, sinceMs, away)
}

async function counts(name: string, sinceMs: number, away: readonly Moment[]): Promise<readonly Heard[]> {
  // What windows look back at was calm.
  const ticks = wave.ticks.filter(each => each.sentMs >= sinceMs - 5_000)
  await expect
    .poll(() => ticks.every(each => received.get(each.sentMs)?.size === each.values.size))
    .toBe(true)
  const wanted = demanded(ticks, received, away)
  const gaps = gapsOf(ticks, away)
  const news = (): Heard[] => [...heard.values()].filter(each => each.told.atMs >= sinceMs)
  const verdict = () =>
    compare(
      wanted,
      news().map(each => each.told),
      gaps,
      away,
    )
  await expect
    .poll(() => verdict().lost.length + verdict().extra.length)
    .toBe(0)
    .catch(() => {})
  const { lost, extra, matched, lateMs } = verdict()
  const halves = Object.fromEntries([...lateMs].map(([what, all]) => [what, median(all)]))
  const doubted = wanted.filter(each => !each.isSure).length
  const late = news().map(each => each.heardMs - each.told.atMs)
  const again = news().reduce((sum, each) => sum + each.count - 1, 0)
  console.log(
    `${name}: ${matched} alerts of ${wanted.length} demanded (${doubted} of them in doubt), ` +
      `${news().length} transitions, ${again} heard again; seen up to ${Math.max(...[...lateMs.values()].flat())} ms late, half of them ${JSON.stringify(halves)}, heard ${Math.max(...late)} ms`,
  )
  expect({ lost, extra }).toEqual({ lost: [], extra: [] })
  expect(wanted.length - doubted).toBeGreaterThan(2 * hosts.length)
  if (away.length > 0) return news()
  expect(doubted).toBeLessThan(wanted.length / 2)
  for (const [what, halfMs] of Object.entries(halves)) expect(halfMs, what).toBeLessThan(halfWithinMs)
  return news()
}

test('two processes on an ordinary day', async () => {
  const news = await survives('ordinary', () => sleep(23_000))
  const tookMs = news.flatMap(each => latencyOf(each, wave.ticks)).sort((a, b) => a - b)
  const part = (share: number): number | undefined => tookMs[Math.floor(share * tookMs.length)]
  console.log(
    `from the sample to the transition: p50 ${part(0.5)} ms, p99 ${part(0.99)} ms of ${tookMs.length}`,
  )
  expect(tookMs.length).toBeGreaterThan(100)
  // The benches hold what it takes; others work on this machine.
  expect(part(0.99)).toBeLessThan(5_000)
})

test('of two processes one is killed, while a host is silent', async () => {
  await survives('killed', async () => {
    wave.hush(quietHost)
    await sleep(3_000)
    const busy = await ledger.busy()
    const lost = await ledger.sharesOf(nameOf('one'))
    expect(lost.size).toBe(10)
    await one.kill('SIGKILL')
    wasKilled = true
    const killedMs = Date.now()
    const owning = expect.poll(() => sharesOf(two)).toEqual([20])
    const tookMs = owning.then(() => Date.now() - killedMs)
    const [ownsMs, { firstMs, lastMs }] = await Promise.all([tookMs, ledger.readsOn(lost.intersection(busy))])
    console.log(`killed: all shares after ${ownsMs} ms, evaluated on after ${firstMs} to ${lastMs} ms`)
    // Long enough that the host is silent beyond doubt.
    await sleep(Math.max(0, killedMs + 29_000 - Date.now()))
    wave.wake(quietHost)
  })
})

test('a third joins, and leaves again', async () => {
  await survives('third', async () => {
    const three = await upRules('three')
    const all = () => sharesOf(one, two, three)
    // Of 16 and of 4 shares, nobody more than a third, rounded up.
    await expect.poll(async () => Math.max(...(await all()))).toBeLessThanOrEqual(8)
    await expect.poll(async () => sum(await all())).toBe(20)
    console.log(`third: shares ${(await all()).join(', ')}`)
    await sleep(8_000)
    expect(await three.kill('SIGTERM'), three.output()).toBe(0)
    await expect.poll(() => sharesOf(one, two)).toEqual([10, 10])
  })
})

test('one sleeps for twenty seconds, and writes nothing after its successor when it wakes', async () => {
  await survives('asleep', async () => {
    const watching = ledger.watch()
    process.kill(one.pid, 'SIGSTOP')
    await sleep(20_000)
    expect(await sharesOf(two)).toEqual([20])
    process.kill(one.pid, 'SIGCONT')
    await sleep(5_000)
    expect(await watching.stop()).toEqual([])
  })
})

test('the broker is restarted, and then PostgreSQL', async () => {
  const away: Moment[] = []
  const badDay = async () => {
    // Nothing ends meanwhile: of what came and went nobody would know.
    wave.be('hot')
    await sleep(1_500)
    const broken = untilNotReady(one)
    const brokenMs = Date.now()
    await fleet.kafka.stop()
    await sleep(3_000)
    await fleet.kafka.restart()
    expect(await broken).toContain('bus')
    await expect.poll(() => isReady(one)).toBe(true)
    away.push({ fromMs: brokenMs, toMs: Date.now() })
    await sleep(4_000)
    wave.be('wave')
    await sleep(6_000)
    const cut = untilNotReady(one)
    const cutMs = Date.now()
    await fleet.postgres.stop()
    await sleep(4_000)
    await fleet.postgres.restart()
    expect(await cut).toContain('state')
    await expect.poll(() => isReady(one)).toBe(true)
    away.push({ fromMs: cutMs, toMs: Date.now() })
    // The next crest is whole, and told for certain.
    await sleep(12_000)
  }
  await survives('servers', badDay, away)
})

test('a process without rules answers for all; a reload of one after the other keeps what is known', async () => {
  const query = await fleet.up('query', 'query')
  const sinceMs = Date.now()
  wave.be('hot')
  const active = async (): Promise<Map<string, string>> => {
    const { data } = await answer(query, '/api/v1/alerts')
    const alerts = (data as AlertsData).alerts.filter(each => each.state === 'firing')
    return new Map(
      alerts.map(({ labels, activeAt }) => [`${labels['alertname']} ${labels['host']}`, activeAt]),
    )
  }
  const count = 3 * (hosts.length - 1) + 2
  await expect.poll(async () => (await active()).size).toBe(count)
  const before = await active()
  const { data } = await answer(query, '/api/v1/rules')
  const groups = (data as RulesData).groups.map(
    ({ name, rules }) => `${name} ${rules.length} ${health(rules)}`,
  )
  expect(groups.sort()).toEqual(['agents 6 ok', 'all 3 ok', 'local 3 ok'])

  const warmer = ruleText.replace('alert: Over, expr: heat > 80', 'alert: Over, expr: heat > 70')
  writeFileSync(join(folder, 'rules.yml'), `${warmer}  - {alert: Most, expr: max(heat) > 85}\n`)
  for (const each of [one, two]) {
    process.kill(each.pid, 'SIGHUP')
    await sleep(3_000)
  }
  await expect.poll(async () => (await active()).size).toBe(count + 1)
  const after = await active()
  for (const [key, activeAt] of before) expect(after.get(key), key).toBe(activeAt)
  const told = [...heard.values()].filter(each => each.told.atMs >= sinceMs).map(each => each.told)
  expect(told.filter(each => each.alert.state === 'resolved')).toEqual([])
  expect(told.length).toBe(count + 1)

  wave.be('calm')
  await expect.poll(async () => (await active()).size).toBe(0)
})

type AlertsData = Readonly<{
  alerts: readonly Readonly<{ labels: Record<string, string>; state: string; activeAt: string }>[]
}>
type RulesData = Readonly<{
  groups: readonly Readonly<{ name: string; rules: readonly Readonly<{ health: string }>[] }>[]
}>

const health = (rules: readonly Readonly<{ health: string }>[]): string =>
  [...new Set(rules.map(each => each.health))].join(' ')

async function answer({ origin, token }: Running, path: string): Promise<{ data: unknown }> {
  const asked = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } })
  return (await asked.json()) as { data: unknown }
}

// Those of each process.
const sharesOf = (...processes: readonly Running[]): Promise<number[]> =>
  Promise.all(
    processes.map(async each => Number(/^plimsoll_rules_shares (\d+)/m.exec(await metricsOf(each))?.[1])),
  )

async function metricsOf({ origin, token }: Running): Promise<string> {
  const asked = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  return asked.text()
}

// Those that have not begun yet, or are behind.
const lagging = async (...processes: readonly Running[]): Promise<string[]> => {
  const texts = await Promise.all(processes.map(metricsOf))
  const lags = texts.flatMap(each => [
    ...each.matchAll(/^plimsoll_rules_lag_seconds\{.*share="(.*)".*\} (.*)$/gm),
  ])
  // Each has one owner, and is told of by nobody else.
  expect(lags).toHaveLength(20)
  return lags.filter(([, , seconds]) => Number(seconds) > 0).map(([, share]) => share!)
}

const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0)

// Its owner's name has it.
const nameOf = (name: string): string =>
  createHash('sha256')
    .update(join(folder, name, 'data'))
    .digest('hex')
    .slice(0, 8)

const isReady = async ({ origin }: Running): Promise<boolean> => (await fetch(`${origin}/-/ready`)).ok

// What it says of that.
async function untilNotReady({ origin }: Running): Promise<string> {
  let said: string | undefined
  const ask = async (): Promise<string | undefined> => {
    const asked = await fetch(`${origin}/-/ready`).catch(() => undefined)
    if (asked?.ok === false) said = await asked.text()
    return said
  }
  await expect.poll(ask).toBeDefined()
  return said!
}

// Of those that follow from one sample at once.
function latencyOf({ told, heardMs }: Heard, ticks: readonly Tick[]): number[] {
  if (told.alert.labels['alertname'] !== 'Over') return []
  const tick = ticks.findLast(each => each.sentMs <= told.atMs)
  return tick === undefined ? [] : [heardMs - tick.sentMs]
}
