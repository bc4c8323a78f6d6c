// The bus when the broker dies, stands still or holds the same records twice, when members come and go, and when handlers
// fail for long. After each, everything that was acknowledged is counted against what was handled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openKafkaBus } from '#core/bus/kafka.ts'
import type { Bus } from '#core/bus.ts'
import { realClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { type OwnMetrics, openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
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
const log = openLog({ write: () => {} })

const open = () =>
  openKafkaBus({
    settings: { brokers: kafka.brokers, clientId: 'test', prefix },
    table,
    clock: realClock,
    own,
    log,
  })

const begin = async (): Promise<Flow> => {
  prefix = `bad${number++}`
  table = new SeriesTable()
  own = openOwnMetrics()
  bus = await open()
  return new Flow(bus, table)
}
afterEach(async () => {
  kafka.wake()
  if (!(await answers(kafka.port))) await kafka.restart()
  await bus.close()
  // What stays open keeps a process that has stopped.
  await expect.poll(connections).toBe(0)
})

const connections = (): number =>
  process.getActiveResourcesInfo().filter(each => each === 'TCPSocketWrap').length

const count = (name: string): number =>
  own
    .samples(0)
    .filter(each => each.series.name === name)
    .reduce((sum, { value }) => sum + value, 0)

test('a broker that is killed under load and comes back loses nothing that was acknowledged', async () => {
  const flow = await begin()
  await bus.subscribe('samples', 'sink', async batches => flow.note(batches))
  flow.start(8)
  await expect.poll(() => flow.handled).toBeGreaterThan(200)

  await kafka.kill()
  await expect.poll(() => bus.health()).toMatchObject({ writable: false })
  await kafka.restart()
  const before = flow.acknowledged
  await expect.poll(() => flow.acknowledged, { timeout: 60_000 }).toBeGreaterThan(before + 200)
  await flow.stop()

  await expect.poll(() => flow.handled, { timeout: 60_000 }).toBeGreaterThanOrEqual(flow.acknowledged)
  const found = flow.found()
  console.log('killed:', flow.acknowledged, found, `${flow.failures} publishes repeated`)
  expect(found).toMatchObject({ missing: 0, outOfOrder: 0 })
  expect(await bus.health()).toEqual({ writable: true })
})

test('a broker that stands still for some seconds makes publishers wait, and nothing else', async () => {
  const flow = await begin()
  await bus.subscribe('samples', 'sink', async batches => flow.note(batches))
  flow.start(8)
  await expect.poll(() => flow.handled).toBeGreaterThan(200)

  kafka.pause()
  await realClock.sleep(5_000)
  kafka.wake()
  const before = flow.acknowledged
  await expect.poll(() => flow.acknowledged).toBeGreaterThan(before + 200)
  await flow.stop()

  await expect.poll(() => flow.handled).toBeGreaterThanOrEqual(flow.acknowledged)
  console.log('paused 5 s:', flow.acknowledged, flow.found(), `${flow.failures} publishes repeated`)
  expect(flow.failures).toBe(0)
  // The broker took itself for dead meanwhile: what was committed at that moment may come again.
  expect(flow.found()).toMatchObject({ missing: 0, outOfOrder: 0 })
})

test('publishers are answered in time by a broker that stands still, and nothing is lost', async () => {
  const flow = await begin()
  await bus.subscribe('samples', 'sink', async batches => flow.note(batches))
  flow.start(8)
  await expect.poll(() => flow.handled).toBeGreaterThan(200)

  kafka.pause()
  const sinceMs = realClock.monotonicMs()
  await expect.poll(() => flow.failures).toBeGreaterThan(0)
  expect(realClock.monotonicMs() - sinceMs).toBeLessThan(20_000)
  await expect.poll(() => bus.health()).toMatchObject({ writable: false })
  kafka.wake()
  const before = flow.acknowledged
  await expect.poll(() => flow.acknowledged, { timeout: 60_000 }).toBeGreaterThan(before + 200)
  await flow.stop()

  await expect.poll(() => flow.handled, { timeout: 60_000 }).toBeGreaterThanOrEqual(flow.acknowledged)
  const found = flow.found()
  console.log('paused 14 s:', flow.acknowledged, found, `${flow.failures} publishes repeated`)
  expect(found).toMatchObject({ missing: 0, outOfOrder: 0 })
})

test('members come and go while samples flow: nothing is lost, disordered or double', async () => {
  const flow = await begin()
  const handle = async (batches: Parameters<Flow['note']>[0]): Promise<void> => {
    await realClock.sleep(20)
    flow.note(batches)
  }
  await bus.subscribe('samples', 'sink', handle)
  flow.start(16)
  await expect.poll(() => flow.handled).toBeGreaterThan(200)

  for (let round = 0; round < 2; round++) {
    const second = await bus.subscribe('samples', 'sink', handle)
    const before = flow.handled
    await expect.poll(() => flow.handled).toBeGreaterThan(before + 200)
    await second.stop()
  }
  await flow.stop()

  await expect.poll(() => flow.handled).toBeGreaterThanOrEqual(flow.acknowledged)
  console.log(
    'rebalanced:',
    flow.acknowledged,
    flow.found(),
    `${count('plimsoll_bus_rebalances_total')} joins`,
  )
  expect(count('plimsoll_bus_rebalances_total')).toBeGreaterThan(2)
  expect(flow.found()).toEqual({ missing: 0, outOfOrder: 0, doubles: 0 })
})

test('who cannot deal with his records hands them over at once when a member joins', async () => {
  const flow = await begin()
  await bus.subscribe('samples', 'sink', async () => {
    throw new Failure('store_unavailable', 'away', { retryAfterMs: 30_000 })
  })
  flow.start(16)
  await expect.poll(() => count('plimsoll_bus_handler_retries_total')).toBeGreaterThan(0)
  await expect.poll(() => flow.acknowledged).toBeGreaterThan(100)
  await flow.stop()
  const sinceMs = realClock.monotonicMs()
  const partitions = new Set<number>()
  await bus.subscribe('samples', 'sink', async batches => {
    flow.note(batches)
    for (const { partition } of batches) partitions.add(partition)
  })

  await expect.poll(() => partitions.size).toBe(8)
  expect(realClock.monotonicMs() - sinceMs).toBeLessThan(25_000)
  expect(flow.found()).toMatchObject({ outOfOrder: 0, doubles: 0 })
})

test('a handler may fail for longer than a session lasts: it keeps its place, and its records wait', async () => {
  const flow = await begin()
  let isAway = true
  let calls = 0
  await bus.subscribe('samples', 'sink', async batches => {
    calls++
    if (isAway) throw new Failure('store_unavailable', 'away', { retryAfterMs: 500 })
    flow.note(batches)
  })
  flow.start(4)
  await expect.poll(() => flow.acknowledged).toBeGreaterThan(100)
  await realClock.sleep(13_000)
  expect([flow.handled, count('plimsoll_bus_rebalances_total')]).toEqual([0, 0])
  expect(calls).toBeLessThan(4 * 30)
  await expect.poll(() => count('plimsoll_bus_lag_records')).toBeGreaterThan(100)
  expect(count('plimsoll_bus_lag_seconds')).toBeGreaterThan(10)

  isAway = false
  await flow.stop()

  await expect.poll(() => flow.handled).toBeGreaterThanOrEqual(flow.acknowledged)
  expect(flow.found()).toEqual({ missing: 0, outOfOrder: 0, doubles: 0 })
})

test('who is stopped at any moment of joining leaves, and does not go on joining', async () => {
  await begin()
  const connectionsBefore = connections()
  for (let afterMs = 0; afterMs < 200; afterMs += 5) {
    const other = await open()
    const joining = other.subscribe('samples', `brief${afterMs}`, async () => {})
    await realClock.sleep(afterMs)
    await Promise.all([other.close(), joining.catch(() => {})])
  }
  await expect.poll(connections).toBe(connectionsBefore)
})
