// What foreign producers write to the bus: checked, stamped, cut and published, and nothing forgotten.
import { expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import type { Bus, Foreign, Handler, Topic } from '#core/bus.ts'
import { SimulatedClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { partitionOf } from '#core/partition.ts'
import { SeriesTable } from '#core/series.ts'
import { gatewayLimits } from '../../../collector/gateway/gateway-routes.ts'
import { openIngest } from '../../../collector/gateway/ingest.ts'
import { nowMs, readable, type Told } from './gateway.ts'

const recordMs = nowMs - 60_000
const record = (text: string, key = 'web-1', atMs = recordMs): Foreign => ({
  key,
  atMs,
  text: Buffer.from(text),
})

async function openWorld(limits: Partial<typeof gatewayLimits> = {}) {
  const clock = new SimulatedClock(nowMs)
  const own = openOwnMetrics()
  const table = new SeriesTable()
  const said: string[] = []
  const log = openLog({ clock, write: line => said.push(line) })
  const publishes: Readonly<{ topic: Topic; records: readonly unknown[] }>[] = []
  const refusals = new Map<Topic, Error>()
  let handler: Handler<'ingest'> | undefined
  const subscribed: string[] = []
  const bus: Bus = {
    carries: 'text',
    health: async () => ({ writable: true }),
    async publish(topic, records) {
      const refusal = refusals.get(topic)
      if (refusal !== undefined) throw refusal
      publishes.push({ topic, records })
    },
    async subscribe(topic, group, handle) {
      subscribed.push(`${topic} ${group}`)
      handler = handle as unknown as Handler<'ingest'>
      return { pause: () => {}, resume: () => {}, seek: () => {}, stop: async () => {} }
    },
    places: async () => new Map(),
    close: async () => {},
  }
  await openIngest({ bus, table, clock, own, log, limits: { ...gatewayLimits, ...limits } })
  const of = <Each>(topic: Topic): Each[] =>
    publishes.filter(each => each.topic === topic).flatMap(each => each.records as readonly Each[])
  return {
    table,
    clock,
    subscribed,
    said,
    publishes,
    refusals,
    give: (...records: Foreign[]) => handler!(records),
    batches: () => of<Batch>('samples'),
    texts: () => of<Batch>('samples').map(({ text }) => Buffer.from(text!).toString()),
    told: (): Told[] => of<Batch>('samples').flatMap(each => readable(each, table)),
    letters: () => of<DeadLetter>('deadletter'),
    count(name: string, labels: Readonly<Record<string, string>> = {}): number {
      const isMeant = Object.entries(labels)
      const found = own.samples(nowMs).filter(({ series }) => series.name === name)
      return found
        .filter(({ series }) => isMeant.every(([label, value]) => series.labels[label] === value))
        .reduce((sum, { value }) => sum + value, 0)
    },
  }
}

test('what Telegraf writes arrives stamped and in the partition of its host', async () => {
  const w = await openWorld()
  expect(w.subscribed).toEqual(['ingest gateway'])
  await w.give(record('cpu,cpu=cpu0,host=web-1 usage_idle=93.5,n=2i 1795226400123456789\n'))
  expect(w.texts()).toEqual(['cpu,cpu=cpu0,host=web-1 usage_idle=93.5,n=2i 1795226400123\n'])
  expect(w.batches().map(({ receivedAtMs, partition }) => ({ receivedAtMs, partition }))).toEqual([
    { receivedAtMs: nowMs, partition: partitionOf('web-1') },
  ])
  expect(w.told()).toEqual([
    { series: 'cpu_usage_idle{cpu="cpu0",host="web-1"}', tMs: 1_795_226_400_123, value: 93.5 },
    { series: 'cpu_n{cpu="cpu0",host="web-1"}', tMs: 1_795_226_400_123, value: 2 },
  ])
  expect(w.letters()).toEqual([])
  expect(w.said).toEqual([])
})

test("a line without a time has its record's, so that a repeat is the same sample", async () => {
  const w = await openWorld()
  await w.give(record('m v=1'))
  await w.give(record('m v=1'))
  expect(w.texts()).toEqual([`m v=1 ${recordMs}\n`, `m v=1 ${recordMs}\n`])
})

test('a record that has no time itself is as old as its arrival here', async () => {
  const w = await openWorld()
  await w.give(record(`m v=1\nm v=2 ${recordMs}000000`, 'web-1', -1))
  expect(w.texts()).toEqual([`m v=1 ${nowMs}\nm v=2 ${recordMs}\n`])
  expect(w.letters()).toEqual([])
})

test('series without a host are of the key, and without a key of ingest', async () => {
  const w = await openWorld()
  await w.give(record('m v=1', 'db-7'), record('m v=2', ''), record('m,instance=x v=3', 'db-7'))
  const found = new Map(w.batches().map(({ partition, text }) => [partition, Buffer.from(text!).toString()]))
  expect(found.get(partitionOf('db-7'))).toBe(`m v=1 ${recordMs}\n`)
  expect(found.get(partitionOf('ingest'))).toBe(`m v=2 ${recordMs}\n`)
  expect(found.get(partitionOf('x'))).toBe(`m,instance=x v=3 ${recordMs}\n`)
})

test('thousands of records of one line are one publish, of one batch for each partition', async () => {
  const w = await openWorld()
  const records = Array.from({ length: 5_000 }, (_, at) =>
    record(`m,host=h${at % 200} v=${at}`, `h${at % 200}`),
  )
  await w.give(...records)
  expect(w.publishes.length).toBe(1)
  const partitions = w.batches().map(({ partition }) => partition)
  expect(new Set(partitions).size).toBe(partitions.length)
  expect(w.told().length).toBe(5_000)
  expect(w.count('plimsoll_gateway_values_total', { format: 'ingest' })).toBe(5_000)
  expect(w.count('plimsoll_gateway_requests_total', { format: 'ingest', outcome: 'stored' })).toBe(1)
})

test('a byte order mark in front of a record is passed over', async () => {
  const w = await openWorld()
  await w.give(record('\ufeffm v=1'))
  expect(w.texts()).toEqual([`m v=1 ${recordMs}\n`])
})

test('very much text is published in portions', async () => {
  const w = await openWorld()
  const large = `m,host=a s="${'x'.repeat(900_000)}"`
  await w.give(...Array.from({ length: 10 }, () => record(large)))
  expect(w.publishes.length).toBeGreaterThan(1)
  expect(w.texts().every(text => text.length < 5 << 20)).toBe(true)
  expect(w.told().length).toBe(10)
})

test('bad lines go to the dead letters with their place, and good ones beside them on', async () => {
  const w = await openWorld()
  await w.give(record('m v=1\nm v=\n# x\nm v=2 7 7'), record('nonsense'), record('m v=3 1'))
  expect(w.texts()).toEqual([`m v=1 ${recordMs}\n`])
  expect(w.letters()).toEqual([
    {
      v: 1,
      atMs: nowMs,
      from: 'ingest',
      reason: expect.stringMatching(/^line 2, column 5: wanted a value/),
      line: 'm v=',
    },
    {
      v: 1,
      atMs: nowMs,
      from: 'ingest',
      reason: expect.stringMatching(/^line 4, column 9: wanted/),
      line: 'm v=2 7 7',
    },
    {
      v: 1,
      atMs: nowMs,
      from: 'ingest',
      reason: expect.stringMatching(/^line 1, column 9: wanted/),
      line: 'nonsense',
    },
    {
      v: 1,
      atMs: nowMs,
      from: 'ingest',
      reason: expect.stringContaining('wanted a time from 2000'),
      line: 'm v=3 1',
    },
  ])
  expect(w.count('plimsoll_gateway_rejected_total', { format: 'ingest', reason: 'malformed' })).toBe(3)
  expect(w.count('plimsoll_gateway_rejected_total', { format: 'ingest', reason: 'bad_time' })).toBe(1)
  expect(w.count('plimsoll_gateway_requests_total', { format: 'ingest', outcome: 'partial' })).toBe(1)
  expect(w.said.map(line => JSON.parse(line))).toMatchObject([{ room: 'gateway', lines: 4 }])
})

test('a bad line is told around what is wrong, and of very many only the first with their number', async () => {
  const w = await openWorld()
  await w.give(record(`m,host=a v=${'1'.repeat(10)}x,${'y'.repeat(50_000)}=1`))
  const [long] = w.letters()
  expect(long?.line.length).toBeLessThan(2_100)
  expect(long?.line).toContain('m,host=a v=1111111111x,yyy')

  const many = await openWorld()
  await many.give(record('x\n'.repeat(30_000)), record('y\nm v=1\n'))
  const letters = many.letters()
  expect(letters.length).toBe(1_001)
  expect(letters.at(-1)).toMatchObject({ reason: '29001 more lines', line: '' })
  expect(many.told().length).toBe(1)
  expect(many.count('plimsoll_gateway_rejected_total', { format: 'ingest', reason: 'malformed' })).toBe(
    30_001,
  )
})

test('it is done only when samples and letters are both safe', async () => {
  for (const topic of ['samples', 'deadletter'] as const) {
    const w = await openWorld()
    w.refusals.set(topic, new Error('no broker'))
    await expect(w.give(record('m v=1\nbad')), topic).rejects.toThrow('no broker')
    expect(w.count('plimsoll_gateway_requests_total', { format: 'ingest', outcome: 'later' })).toBe(1)
    expect(w.count('plimsoll_gateway_values_total')).toBe(0)

    // Given again, all of it goes out once more, and nothing that was gathered before.
    w.refusals.clear()
    w.publishes.length = 0
    await w.give(record('m v=1\nbad'))
    expect(w.texts()).toEqual([`m v=1 ${recordMs}\n`])
    expect(w.letters().length).toBe(1)
  }
})

test('a producer brings as many series as it may, and others go on', async () => {
  const w = await openWorld({ seriesPerSource: 2 })
  await w.give(record('m a=1,b=2,c=3', 'x'), record('m d=4', 'y'), record('m a=5,c=6', 'x'))
  expect(
    w
      .told()
      .map(({ series, value }) => `${series} ${value}`)
      .sort(),
  ).toEqual(['m_a 1', 'm_a 5', 'm_b 2', 'm_d 4'])
  expect(w.count('plimsoll_gateway_rejected_total', { format: 'ingest', reason: 'series_limit' })).toBe(2)
  expect(w.letters()).toEqual([])
  expect(w.said).toEqual([expect.stringContaining('as many new series within a day as it may')])
  await w.clock.runFor(86_400_000)
  await w.give(record('m c=7', 'x'))
  expect(w.told()).toContainEqual(expect.objectContaining({ series: 'm_c', value: 7 }))
})

test('a fault of ours while checking leaves nothing behind for the next call', async () => {
  const w = await openWorld()
  const intern = w.table.intern
  w.table.intern = (name, labels) => {
    if (name === 'm_w') throw new Error('a bug')
    return intern.call(w.table, name, labels)
  }
  await expect(w.give(record('m v=1'), record('m w=1'))).rejects.toThrow('a bug')
  await w.give(record('m v=2'))
  expect(w.texts()).toEqual([`m v=2 ${recordMs}\n`])
})

test('nothing good and nothing bad is nothing to publish', async () => {
  const w = await openWorld()
  await w.give(record(''), record('\n# x\n'))
  expect(w.publishes).toEqual([])
})
