// What does the road of a fleet carry? HTTP to a gateway, through Kafka, by a sink into InfluxDB, each a process of its
// own on this one machine; beside it, in the same run, the same lines written to InfluxDB and to Kafka without us. Then
// how fast a sink catches up after the store was away. `npm run bench:fleet`.
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { type Fleet, startFleet } from '../test/live/fleet.ts'
import type { Running } from '../test/running.ts'
import { median } from './median.ts'
import { cpuSeconds, memoryMib } from './process.ts'

const runs = 3
const loadSeconds = 10
const rawTopic = 'without-us'

type Loaded = Readonly<{ values: number; refused: number; seconds: number; p50Ms: number; p99Ms: number }>
type Costs = Readonly<Record<string, number>>
type Measured = readonly [rate: number, costs: Costs]

const shapes = ['wide', 'single'] as const
const titles = { wide: 'ten fields a line', single: 'one field a line' }

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
chmodSync(folder, 0o711)
const fleet = await startFleet(folder)
try {
  const gateway = await fleet.up('gateway', 'gateway')
  const write = `${gateway.origin}/api/v2/write?precision=ns`
  const { url, org, bucket, token } = fleet.influx
  const bare = `${url}/api/v2/write?org=${org}&bucket=${bucket}&precision=ns`
  const [kafka, influxdb] = [fleet.kafka.pid(), fleet.influxdb.pid()]

  // Nobody reads yet, so this is also what waits after an outage of the store.
  let waiting = 0
  for (const shape of shapes) {
    const taken = await measured({ gateway: gateway.pid, kafka }, async () => {
      const loaded = await load(write, shape, gateway.token)
      waiting += loaded.values
      return loaded
    })
    show(`${titles[shape]}: HTTP to Kafka, nobody reads`, [taken])
  }
  const began = performance.now()
  const sink = await fleet.up('sink', 'sink')
  await drained(gateway, sink)
  const seconds = (performance.now() - began) / 1_000
  console.log(
    `a sink starts and writes the ${(waiting / 1e6).toFixed(1)} M values that wait: ${seconds.toFixed(1)} s, ${rateText(waiting / seconds)}`,
  )

  const pids = { gateway: gateway.pid, sink: sink.pid, kafka, influxdb }
  for (const shape of shapes) {
    const all: Measured[][] = [[], [], []]
    for (let run = 0; run < runs; run++) {
      all[0]!.push(await measured(pids, () => road(gateway, sink, shape, write)))
      all[1]!.push(await measured({ influxdb }, () => load(bare, shape, token)))
      all[2]!.push(await measured({ kafka, us: process.pid }, () => rawKafka(fleet, shape)))
    }
    show(`${titles[shape]}: the whole road, until InfluxDB has all`, all[0]!)
    show(`${titles[shape]}: by HTTP to InfluxDB alone`, all[1]!)
    show(`${titles[shape]}: by kafkajs to Kafka alone, gzip`, all[2]!)
  }
  const peak = (pid: number): string => `${memoryMib(pid, 'VmHWM').toFixed(0)} MiB`
  console.log(`at most: gateway ${peak(gateway.pid)}, sink ${peak(sink.pid)}`)
} finally {
  await fleet[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
}

// Values a second and processor seconds per million values, by process.
async function measured(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<Loaded>,
): Promise<Measured> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid)] as const)
  const { values, seconds } = await work()
  const costs = before.map(([name, pid, was]) => [name, ((cpuSeconds(pid) - was) / values) * 1e6] as const)
  return [values / seconds, Object.fromEntries(costs)]
}

// From the first write until the sink has written the last.
async function road(gateway: Running, sink: Running, shape: string, url: string): Promise<Loaded> {
  const began = performance.now()
  const loaded = await load(url, shape, gateway.token)
  await drained(gateway, sink)
  return { ...loaded, seconds: (performance.now() - began) / 1_000 }
}

async function drained(gateway: Running, sink: Running): Promise<void> {
  let last = -1
  for (;;) {
    const [published, handled] = await Promise.all([
      figure(gateway, 'plimsoll_bus_published_total{topic="samples"}'),
      figure(sink, 'plimsoll_bus_lag_records{'),
    ])
    if (handled === 0 && published === last) return
    last = published
    await sleep(100)
  }
}

async function figure({ origin, token }: Running, name: string): Promise<number> {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const lines = (await answer.text()).split('\n').filter(line => line.startsWith(name))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

async function load(url: string, shape: string, token: string): Promise<Loaded> {
  const lines = shape === 'wide' ? 1_000 : 5_000
  const args = [
    join(import.meta.dirname, 'loader.ts'),
    url,
    shape,
    ...[10_000, lines, 4, loadSeconds].map(String),
    token,
  ]
  const loader = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: loader.stdout })) {
    if (line !== 'warm') return JSON.parse(line) as Loaded
  }
  throw new Error('the loader said nothing')
}

// Blocks of lines as a gateway would make them, sent by a plain producer with the best that kafkajs has by itself.
async function rawKafka({ kafka }: Fleet, shape: string): Promise<Loaded> {
  const { Kafka, CompressionTypes, logLevel } = kafkajs
  const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })
  const [admin, producer] = [client.admin(), client.producer({})]
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic: rawTopic, numPartitions: 64 }], waitForLeaders: true })
  await admin.disconnect()
  const [lines, fields] = shape === 'wide' ? [1_000, 10] : [5_000, 1]
  const line = (at: number): string =>
    `cpu,host=host_${String(at).padStart(6, '0')},dc=dc${at % 5},rack=r${at % 97} ${Array.from({ length: fields }, (_, field) => `usage_${field}=${(Math.random() * 100).toFixed(2)}`).join(',')} 1790000000000\n`
  const blocks = Array.from({ length: 10 }, (_, at) =>
    Buffer.from(Array.from({ length: lines }, (_, each) => line(at * lines + each)).join('')),
  )
  const began = performance.now()
  let values = 0
  for (let turn = 0; performance.now() - began < loadSeconds * 1_000; turn++) {
    const messages = Array.from({ length: 4 }, (_, at) => ({
      partition: (turn * 4 + at) % 64,
      value: blocks[(turn + at) % blocks.length]!,
    }))
    await producer.send({ topic: rawTopic, acks: -1, compression: CompressionTypes.GZIP, messages })
    values += 4 * lines * fields
  }
  const seconds = (performance.now() - began) / 1_000
  await producer.disconnect()
  return { values, refused: 0, seconds, p50Ms: 0, p99Ms: 0 }
}

function show(what: string, all: readonly Measured[]): void {
  const rate = median(all.map(([each]) => each))
  const names = Object.keys(all[0]![1])
  const costs = names.map(name => `${name} ${median(all.map(([, each]) => each[name]!)).toFixed(2)}`)
  console.log(`${what.padEnd(60)} ${rateText(rate).padStart(18)}   CPU-s per million: ${costs.join(', ')}`)
}

function rateText(rate: number): string {
  return `${(rate / 1e6).toFixed(2)} M values/s`
}
