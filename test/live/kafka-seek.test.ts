// A reader that keeps its own positions, while samples flow and the broker goes and comes: after each seek everything from
// there is handed over, in order, once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka as Client } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openKafkaBus } from '#core/bus/kafka.ts'
import type { Bus, SubscribeOptions, Subscription } from '#core/bus.ts'
import { realClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { type OwnMetrics, openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { patiently } from '../../bin/engines/patience.ts'
import { batchOf } from '../core/bus.contract.ts'
import { answers, type Kafka, startKafka } from '../engines/kafka.ts'
import { Flow } from './flow.ts'

let folder: string
let kafka: Kafka
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-kafka-'))
  kafka = await startKafka(folder)
})
afterAll(async () => {
  await kafka?.kill()
  rmSync(folder, { recursive: true })
})

let number = 0
let prefix: string
let table: SeriesTable
let own: OwnMetrics
let bus: Bus
beforeEach(async () => {
  prefix = `seek${number++}`
  table = new SeriesTable()
  own = openOwnMetrics()
  const settings = { brokers: kafka.brokers, clientId: 'test', prefix }
  const around = { clock: realClock, log: openLog({ write: () => {} }) }
  // A broker that was restarted listens before it answers; the service is as patient.
  bus = await patiently(() => openKafkaBus({ settings, table, own, ...around }), around)
})
afterEach(async () => {
  kafka.wake()
  if (!(await answers(kafka.port))) await kafka.restart()
  await bus.close()
})

const gauged = (name: string): number =>
  own
    .samples(0)
    .filter(each => each.series.name === name)
    .reduce((sum, { value }) => sum + value, 0)

// A question may take five seconds. Timers of one process go off in their order, however long it is held up.
const inTime = <T>(asked: Promise<T>): Promise<T | 'late'> =>
  Promise.race([asked, sleep(6_000, 'late' as const)])

// A publish that is repeated after a failure may be written twice, so what counts is where a record stands.
type Heard = Readonly<{
  subscription: Subscription
  calls: Map<number, number[][]>
  offsets(at: number): number[]
}>
async function follow(options: SubscribeOptions, work = async (): Promise<void> => {}): Promise<Heard> {
  const calls = new Map<number, number[][]>()
  const subscription = await bus.subscribe(
    'samples',
    'rules',
    async (records, place) => {
      const { partition, offsets, next } = place!
      expect(offsets).toHaveLength(records.length)
      expect(next).toBeGreaterThan(offsets.at(-1)!)
      const list = calls.get(partition) ?? []
      calls.set(partition, list)
      list.push([...offsets])
      await work()
    },
    options,
  )
  return { subscription, calls, offsets: partition => (calls.get(partition) ?? []).flat() }
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

test('seeks back and forth while samples flow: everything after the last one is handed over once', async () => {
  const flow = new Flow(bus, table)
  const heard = await follow({ from: 'beginning' }, () => realClock.sleep(Math.random() * 15))
  flow.start(8, 1)
  await expect.poll(() => heard.offsets(7).length).toBeGreaterThan(100)

  let sought = new Map<number, number>()
  for (let round = 0; round < 60; round++) {
    const ends = await bus.places('samples', 'end')
    sought = new Map(range(0, 8).map(each => [each, Math.floor(Math.random() * ends.get(each)!)]))
    if (round % 3 === 0) heard.subscription.pause([1, 2, 3])
    // In the middle of anything.
    await realClock.sleep(Math.random() * 40)
    for (const each of range(0, 8)) heard.calls.get(each)?.push([-1])
    heard.subscription.seek(sought)
    if (round % 3 === 1) heard.subscription.resume([1, 2, 3])
  }
  heard.subscription.resume([1, 2, 3])
  await flow.stop()
  const ends = await bus.places('samples', 'end')

  for (const each of range(0, 8)) {
    const last = () => heard.offsets(each).slice(heard.offsets(each).lastIndexOf(-1) + 1)
    await expect.poll(() => last().at(-1), { timeout: 30_000 }).toBe(ends.get(each)! - 1)
    expect(last()).toEqual(range(sought.get(each)!, ends.get(each)!))
    // And between any two seeks there is no gap and nothing twice.
    for (const [at, offset] of heard.offsets(each).entries()) {
      const before = heard.offsets(each)[at - 1]
      if (offset !== -1 && before !== undefined && before !== -1) expect(offset).toBe(before + 1)
    }
  }
  expect(flow.failures).toBe(0)
})

test('a seek before the broker goes, and one while it is away, are where reading goes on', async () => {
  const flow = new Flow(bus, table)
  const heard = await follow({ from: 'beginning' })
  flow.start(4)
  await expect.poll(() => heard.offsets(3).length).toBeGreaterThan(200)
  heard.subscription.pause([2])
  heard.subscription.seek(
    new Map([
      [0, 100],
      [2, 50],
    ]),
  )
  const marks = new Map([0, 2].map(each => [each, heard.offsets(each).length]))
  await kafka.kill()
  await expect.poll(() => bus.health()).toMatchObject({ writable: false })
  heard.subscription.seek(new Map([[1, 20]]))
  marks.set(1, heard.offsets(1).length)
  await expect(inTime(bus.places('samples', 'end'))).rejects.toBeInstanceOf(Failure)
  await kafka.restart()
  const before = flow.acknowledged
  await expect.poll(() => flow.acknowledged, { timeout: 60_000 }).toBeGreaterThan(before + 100)
  heard.subscription.resume([2])
  await flow.stop()

  const ends = await bus.places('samples', 'end')
  const t = async (partition: number, from: number) => {
    const after = () => heard.offsets(partition).slice(marks.get(partition))
    await expect.poll(() => after().at(-1), { timeout: 60_000 }).toBe(ends.get(partition)! - 1)
    expect(after(), String(partition)).toEqual(range(from, ends.get(partition)!))
  }
  await t(0, 100)
  await t(1, 20)
  await t(2, 50)
  // One that nobody has sought in goes on where it was.
  await expect.poll(() => heard.offsets(3).at(-1)).toBe(ends.get(3)! - 1)
  expect(heard.offsets(3)).toEqual(range(0, ends.get(3)!))
})

test('brokers that stand still let a question wait for five seconds', async () => {
  kafka.pause()
  const asked = [bus.places('samples', 'beginning'), bus.places('samples', { atMs: 1 })].map(inTime)
  for (const each of asked) await expect(each).rejects.toMatchObject({ code: 'bus_unavailable' })
  kafka.wake()
  await expect.poll(() => bus.places('samples', 'end').then(({ size }) => size, String)).toBe(64)
})

test('what is passed over leaves gaps, and a seek into one goes on behind it', async () => {
  const heard = await follow({ from: 'beginning', paused: true })
  await bus.publish('samples', [batchOf(table, 5, 1)])
  const client = new Client({ brokers: [...kafka.brokers], logLevel: 0 })
  const plain = client.producer({ transactionalId: 'seek', maxInFlightRequests: 1, idempotent: true })
  await plain.connect()
  const transaction = await plain.transaction()
  // Neither can be read, and the mark of the transaction behind them is no record.
  await transaction.send({
    topic: `${prefix}.samples`,
    messages: [
      { partition: 5, value: 'x' },
      { partition: 5, value: 'y' },
    ],
  })
  await transaction.commit()
  await plain.disconnect()
  // The brokers set the mark after they have answered.
  await expect.poll(async () => (await bus.places('samples', 'end')).get(5)).toBe(4)
  await bus.publish('samples', [batchOf(table, 5, 2)])
  heard.subscription.resume([5])
  await expect.poll(() => heard.offsets(5)).toEqual([0, 4])

  // The mark itself, of which kafkajs tells nobody.
  heard.subscription.seek(new Map([[5, 3]]))
  await expect.poll(() => heard.offsets(5)).toEqual([0, 4, 4])
  await bus.publish('samples', [batchOf(table, 5, 3)])
  await expect.poll(() => heard.offsets(5)).toEqual([0, 4, 4, 5])
})

test('a seek to where nothing is any more, or nothing yet, goes on at the oldest, and is told', async () => {
  for (const each of range(0, 6)) await bus.publish('samples', [batchOf(table, 5, each)])
  const heard = await follow({ from: 'beginning' })
  await expect.poll(() => heard.offsets(5)).toEqual(range(0, 6))
  const admin = new Client({ brokers: [...kafka.brokers], logLevel: 0 }).admin()
  await admin.connect()
  await admin.fetchTopicOffsets(`${prefix}.samples`)
  await admin.deleteTopicRecords({ topic: `${prefix}.samples`, partitions: [{ partition: 5, offset: '4' }] })
  await admin.disconnect()

  heard.subscription.seek(new Map([[5, 1]]))
  await expect.poll(() => heard.offsets(5)).toEqual([...range(0, 6), 4, 5])
  heard.subscription.seek(new Map([[5, 700]]))
  await expect.poll(() => heard.offsets(5)).toEqual([...range(0, 6), 4, 5, 4, 5])
  expect(gauged('plimsoll_bus_positions_lost_total')).toBe(2)
  expect((await bus.places('samples', 'beginning')).get(5)).toBe(4)
})

test('records of partitions that a reader with its own positions has paused are not its lag', async () => {
  for (const each of range(0, 5))
    await bus.publish('samples', [batchOf(table, each, 1), batchOf(table, each, 2)])
  const gate = Promise.withResolvers<void>()
  const heard = await follow({ from: 'beginning', paused: true }, () => gate.promise)
  await expect.poll(() => gauged('plimsoll_bus_lag_records')).toBe(0)
  heard.subscription.resume([1, 2])
  await expect.poll(() => gauged('plimsoll_bus_lag_records'), { timeout: 15_000 }).toBe(4)
  gate.resolve()
  await expect.poll(() => gauged('plimsoll_bus_lag_records'), { timeout: 15_000 }).toBe(0)
})
