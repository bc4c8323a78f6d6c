// What the store on InfluxDB costs us and InfluxDB: writing, beside bare requests by fetch in the same run, and the
// questions of dashboards and rules. Against an InfluxDB of its own; `bin/runtime bench/influxdb-store.ts`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, noRows } from '#core/batch.ts'
import { realClock } from '#core/clock.ts'
import { Secret } from '#core/secret.ts'
import { SeriesTable } from '#core/series.ts'
import { CsvTimes, readNumber } from '#core/store/influxdb/csv-cells.ts'
import { type InfluxdbOptions, openInfluxdbStore } from '#core/store/influxdb.ts'
import type { Store } from '#core/store.ts'
import { startInfluxdb } from '../test/engines/influxdb.ts'
import { median } from './median.ts'

const [stepMs, hourMs, dayMs] = [10_000, 3_600_000, 86_400_000]
const nowMs = Math.floor(realClock.nowMs() / stepMs) * stepMs
const [senders, blocksEach, linesEach, valuesEach] = [64, 4, 1_000, 5]
const millions = (senders * blocksEach * linesEach * valuesEach) / 1e6

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
const influxdb = await startInfluxdb(folder)
const place = { org: 'o', bucket: 'b', token: 't' }
const setUp = JSON.stringify({ username: 'bench', password: 'long-enough', ...place })
await fetch(`${influxdb.url}/api/v2/setup`, { method: 'POST', body: setUp })
try {
  cells()
  const blocks = Array.from({ length: senders }, (_, sender) =>
    Array.from({ length: blocksEach }, (_, turn) => block(sender, turn)),
  )
  for (let round = 0; round < 2; round++) {
    await writing('bare requests of 1 MB, two at once', () => bare(blocks.flat()))
    for (const lanes of [1, 2, 4]) await writing(`store, ${lanes} at once`, () => road(blocks, { lanes }))
    await writing('store, 4 MB', () => road(blocks, { requestBytes: 4 << 20 }))
  }
  const store = await open()
  for (let day = 60; day > 0; day--)
    await store.append([batch(series('long', 1, nowMs - day * dayMs, 8_640))])
  await store.append([batch(series('wide', 1_000, nowMs - hourMs, 360))])
  await reading(store, 'an hour of one series', 'long', nowMs - hourMs)
  await reading(store, 'sixty days of one series', 'long', nowMs - 60 * dayMs)
  await reading(store, 'an hour of a thousand series', 'wide', nowMs - hourMs)
  await store.close()
} finally {
  await influxdb.kill()
  rmSync(folder, { recursive: true })
}

function open(tuning: NonNullable<InfluxdbOptions['tuning']> = {}): Promise<Store> {
  return openInfluxdbStore({
    settings: { url: influxdb.url, ...place, token: new Secret(place.token) },
    table: new SeriesTable(),
    clock: realClock,
    deadLetters: async letters => console.log('dead letters', letters.length, letters[0]),
    tuning,
  })
}

function batch(text: Uint8Array): Batch {
  return { receivedAtMs: nowMs, partition: 0, rows: noRows, notes: [], text }
}

function block(sender: number, turn: number): Uint8Array {
  const lines = Array.from({ length: linesEach }, (_, at) => {
    const idle = (at * 7.31 + sender) % 100
    const fields = `usage_idle=${idle.toFixed(2)},usage_user=${Math.sin(at)},usage_system=1.5,load1=${at},n=3`
    const tMs = nowMs - hourMs + (turn * linesEach + Math.floor(at / 20)) * 10
    return `cpu,host=web-${sender}-${at % 20}.example.org,rack=r${sender % 8},zone=eu-west-1 ${fields} ${tMs}\n`
  })
  return Buffer.from(lines.join(''))
}

function series(name: string, hosts: number, fromMs: number, samples: number): Uint8Array {
  const lines = Array.from({ length: hosts * samples }, (_, at) => {
    const tMs = fromMs + (at % samples) * stepMs
    return `${name},host=web-${Math.floor(at / samples)} value=${Math.sin(at) * 50} ${tMs}\n`
  })
  return Buffer.from(lines.join(''))
}

async function bare(blocks: readonly Uint8Array[]): Promise<void> {
  const each = Math.ceil((1 << 20) / blocks[0]!.length)
  const bodies = Array.from({ length: Math.ceil(blocks.length / each) }, (_, at) =>
    Buffer.concat(blocks.slice(at * each, (at + 1) * each)),
  )
  const url = `${influxdb.url}/api/v2/write?org=o&bucket=b&precision=ms`
  const send = async (): Promise<void> => {
    for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) {
      const reply = await fetch(url, { method: 'POST', headers: { authorization: 'Token t' }, body })
      if (reply.status !== 204) throw new Error(await reply.text())
    }
  }
  await Promise.all([send(), send()])
}

// As a sink does it: of each partition one batch under way.
async function road(
  blocks: readonly Uint8Array[][],
  tuning: NonNullable<InfluxdbOptions['tuning']>,
): Promise<void> {
  const store = await open(tuning)
  await Promise.all(
    blocks.map(async mine => {
      for (const text of mine) await store.append([batch(text)])
    }),
  )
  await store.close()
}

async function writing(what: string, work: () => Promise<void>): Promise<void> {
  const [began, ours, theirs] = [performance.now(), process.cpuUsage(), cpuSeconds()]
  await work()
  const { user, system } = process.cpuUsage(ours)
  const rate = millions / ((performance.now() - began) / 1e3)
  const [here, there] = [(user + system) / 1e6 / millions, (cpuSeconds() - theirs) / millions]
  console.log(
    `write, ${what}: ${rate.toFixed(2)} M/s, CPU-s per million: ${here.toFixed(2)} here, ${there.toFixed(2)} there`,
  )
}

async function reading(store: Store, what: string, name: string, fromMs: number): Promise<void> {
  const took: number[] = []
  for (let each = 0; each < 9; each++) {
    const began = performance.now()
    await store.select([{ name: '__name__', op: '=', value: name }], { fromMs, toMs: nowMs })
    took.push(performance.now() - began)
  }
  console.log(`select, ${what}: ${median(took).toFixed(1)} ms`)
}

function cells(): void {
  const times = new CsvTimes()
  const rows = Array.from({ length: 100_000 }, (_, at) =>
    Buffer.from(`${new Date(nowMs + at * stepMs).toISOString()},${Math.sin(at) * 50}`),
  ).map(each => new Uint8Array(each))
  let sum = 0
  for (let round = 0; round < 5; round++) {
    const began = process.cpuUsage()
    for (const row of rows) sum += times.read(row, 0, 24) + readNumber(row, 25, row.length)
    const { user } = process.cpuUsage(began)
    if (round === 4)
      console.log(`a time and a number: ${((user * 1e3) / rows.length).toFixed(0)} ns${sum === 0 ? '!' : ''}`)
  }
}

// Of all children of this process: there is one.
function cpuSeconds(): number {
  const [child] = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const fields = readFileSync(`/proc/${child}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
