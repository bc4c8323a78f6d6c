// The whole road on the real servers: samples go in by HTTP at a gateway, through Kafka, into InfluxDB, over several
// processes, on bad days. After each, every sample that was acknowledged is looked for: none missing, none twice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Running } from '../running.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { Numbers } from './numbers.ts'

let folder: string
let fleet: Fleet
let gateway: Running
let sink: Running
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-road-'))
  fleet = await startFleet(folder)
  gateway = await fleet.up('gateway', 'gateway')
  sink = await fleet.up('sink', 'sink')
})
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

// Sends before, during and after the bad day, and waits until all of it has arrived.
async function survives(name: string, badDay: () => Promise<void>): Promise<void> {
  const numbers = new Numbers(name)
  const stop = new AbortController()
  const sending = [0, 1].map(() => numbers.sendTo(() => gateway, stop.signal))
  await expect.poll(() => numbers.acknowledged).toBeGreaterThan(0)
  await badDay()
  const before = numbers.acknowledged
  await expect.poll(() => numbers.acknowledged).toBeGreaterThan(before)
  await sleep(500)
  stop.abort()
  await Promise.all(sending)
  await expect.poll(() => numbers.missingIn(fleet.influx), { timeout: 60_000, interval: 500 }).toBe(0)
  console.log(`${name}: ${numbers.acknowledged} acknowledged, 0 missing; ${numbers.refused} batches refused`)
}

test('an ordinary day', () => survives('ordinary', () => sleep(2_000)))

test('the broker is killed and comes back', () =>
  survives('broker-killed', async () => {
    await fleet.kafka.kill()
    await sleep(3_000)
    await fleet.kafka.restart()
  }))

test('the broker is slow: it stops for five seconds', () =>
  survives('broker-slow', async () => {
    fleet.kafka.pause()
    await sleep(5_000)
    fleet.kafka.wake()
  }))

test('partitions move: another sink comes and goes', () =>
  survives('partitions-move', async () => {
    const other = await fleet.up('sink-2', 'sink')
    await sleep(4_000)
    expect(await other.kill('SIGTERM')).toBe(0)
  }))

test('of two sinks one is killed', () =>
  survives('sink-killed', async () => {
    const other = await fleet.up('sink-2', 'sink')
    await sleep(4_000)
    await other.kill('SIGKILL')
    await sleep(1_000)
  }))

test('the only sink is killed and another one starts', () =>
  survives('only-sink-killed', async () => {
    await sink.kill('SIGKILL')
    await sleep(1_000)
    sink = await fleet.up('sink', 'sink')
  }))

test(
  'InfluxDB is down for a minute',
  () =>
    survives('influxdb-down', async () => {
      await fleet.influxdb.kill()
      await sleep(60_000)
      await fleet.influxdb.restart()
    }),
  240_000,
)

test('InfluxDB asks to be left alone: 503 and 429 with Retry-After', () =>
  survives('influxdb-busy', async () => {
    fleet.middleman.be({ status: 503, headers: { 'retry-after': '2' } })
    await sleep(5_000)
    // One attempt of each write that is under way, every two seconds: not a storm.
    expect(fleet.middleman.counts['503']).toBeLessThan(200)
    fleet.middleman.be({ status: 429, headers: { 'retry-after': '1' } })
    await sleep(3_000)
    fleet.middleman.be('pass')
  }))

test('InfluxDB hangs', () =>
  survives('influxdb-hangs', async () => {
    fleet.middleman.be('hang')
    await sleep(15_000)
    fleet.middleman.be('pass')
  }))

test('InfluxDB refuses single lines: they go to the dead letters, their neighbours are kept', () =>
  survives('influxdb-refuses', async () => {
    expect(await gateway.write(`conflict,host=h1 value=1 ${Date.now()}\n`)).toBe(204)
    await sleep(2_000)
    expect(await gateway.write(`conflict,host=h1 value=1i ${Date.now()}\n`)).toBe(204)
    const refused = async (): Promise<number> =>
      numberIn(await metrics(sink), 'plimsoll_store_dead_letters_total')
    await expect.poll(refused).toBe(1)
  }))

test('PostgreSQL restarts', () =>
  survives('postgresql', async () => {
    await fleet.postgres.stop()
    await sleep(2_000)
    await fleet.postgres.restart()
  }))

test('SIGTERM under load: the gateway and the sink end well', () =>
  survives('sigterm', async () => {
    expect(await sink.kill('SIGTERM'), sink.output()).toBe(0)
    expect(await gateway.kill('SIGTERM'), gateway.output()).toBe(0)
    gateway = await fleet.up('gateway', 'gateway')
    sink = await fleet.up('sink', 'sink')
  }))

const metrics = async ({ origin, token }: Running): Promise<string> => {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  return answer.text()
}

const numberIn = (text: string, name: string): number =>
  text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
