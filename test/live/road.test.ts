// The whole road on the real servers: samples go in by HTTP at a gateway, through Kafka, into InfluxDB, over several
// processes, on bad days. After each, every sample that was acknowledged is looked for: none missing, none twice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKafkaBus } from '#core/bus/kafka.ts'
import { realClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { startVictoria } from '../engines/victoria.ts'
import type { Running } from '../running.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { askFlux, Numbers } from './numbers.ts'

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

test('what foreign producers write to plimsoll.ingest arrives, and what cannot be read is kept apart', async () => {
  const own = openOwnMetrics()
  const log = openLog({ write: () => {} })
  const settings = { brokers: fleet.kafka.brokers, clientId: 'foreign', prefix: 'plimsoll' }
  const bus = await openKafkaBus({ settings, table: new SeriesTable(), clock: realClock, own, log })
  const letters: DeadLetter[] = []
  await bus.subscribe('deadletter', 'test', async records => void letters.push(...records))
  const atMs = Date.now()
  const record = (key: string, text: string) => ({ key, atMs, text: Buffer.from(text) })

  // As Telegraf does: a line in each record, the host as key, nanoseconds; and one without a time of its own.
  await bus.publish('ingest', [
    record('f1', `foreign,host=f1 a=1i,b=2 ${atMs}000000\n`),
    record('f2', 'foreign,host=f2 a=3i\n'),
    record('f2', 'foreign,host=f2 a=\n'),
  ])

  const found = () =>
    askFlux(
      fleet.influx,
      'from(bucket: "plimsoll") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "foreign")',
    )
  await expect.poll(async () => (await found()).split('foreign').length - 1).toBe(3)
  const times = [...(await found()).matchAll(/,([^,]+),\d,\w,foreign,f1/g)].map(([, time]) =>
    Date.parse(time!),
  )
  expect(times).toEqual([atMs, atMs])
  await expect
    .poll(() => letters.filter(each => each.from === 'ingest'))
    .toEqual([
      {
        v: 1,
        atMs: expect.any(Number),
        from: 'ingest',
        reason: expect.stringContaining('line 1'),
        line: 'foreign,host=f2 a=',
      },
    ])
  await bus.close()
})

test('the same road into VictoriaMetrics, and back by a query', async () => {
  const victoria = await startVictoria(join(folder, 'victoria'))
  try {
    const all = await fleet.up('all', 'gateway,sink,query', `prometheus: {url: "${victoria.url}"}`)
    const nowMs = Date.now()
    expect(
      await all.write(
        `deck_load,deck=main,host=h1 value=42 ${nowMs}\ndeck_note,host=h1 value="full" ${nowMs}\n`,
      ),
    ).toBe(204)

    const found = async () => {
      const asked = await fetch(`${all.origin}/api/v1/query?query=deck_load`, {
        headers: { authorization: `Bearer ${all.token}` },
      })
      return asked.json()
    }
    await expect.poll(found).toMatchObject({
      data: {
        result: [
          { metric: { __name__: 'deck_load', deck: 'main', host: 'h1' }, value: [expect.any(Number), '42'] },
        ],
      },
    })
    expect(await all.kill('SIGTERM'), all.output()).toBe(0)
  } finally {
    await victoria.kill()
  }
})

const metrics = async ({ origin, token }: Running): Promise<string> => {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  return answer.text()
}

const numberIn = (text: string, name: string): number =>
  text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
