import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import { refused, SeriesTable } from '#core/series.ts'
import { SegmentReader } from '#core/store/embedded/segment-read.ts'
import { type EmbeddedStore, openEmbeddedStore } from '#core/store/embedded.ts'
import { storeContract } from './store.contract.ts'

const startMs = Date.UTC(2026, 10, 20, 12)
const dayMs = 86_400_000
const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-store-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

type Opened = Readonly<{
  store: EmbeddedStore
  table: SeriesTable
  clock: SimulatedClock
  findings: string[]
}>

async function open(
  folder = newFolder(),
  clock = new SimulatedClock(startMs),
  table = new SeriesTable(),
): Promise<Opened> {
  const findings: string[] = []
  const write = (line: string): void => void findings.push(line)
  const log = openLog({ clock, write })
  const store = await openEmbeddedStore({ folder, table, clock, keepMs: 30 * dayMs, log })
  return { store, table, clock, findings }
}

async function write({ store, table }: Opened, host: string, tMs: number, value: number): Promise<void> {
  const id = table.intern('up', labelsOf([['host', host]]))
  const rows = { series: Uint32Array.of(id), tMs: Float64Array.of(tMs), values: Float64Array.of(value) }
  await store.append([
    { receivedAtMs: tMs, partition: 0, rows, notes: [{ series: id, tMs, text: `at ${tMs}` }] },
  ])
}

function turn(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 0xff
  writeFileSync(path, bytes)
}

const up = [{ name: '__name__', op: '=', value: 'up' }] as const
const always = { fromMs: 0, toMs: startMs + 365 * dayMs }
const values = async ({ store }: Opened): Promise<number[][]> =>
  (await store.select(up, always)).map(each => [...each.values])

storeContract('embedded', () => open())
storeContract('embedded, after everything was flushed and merged', async () => {
  const opened = await open()
  // Every read finds the data in segments, and two flushes of one day merged.
  const flushed = async <T>(work: Promise<T>): Promise<T> => {
    await opened.store.compact()
    return work
  }
  const { store } = opened
  return {
    ...opened,
    store: {
      append: batches => store.append(batches).then(() => store.compact()),
      select: async (...asked) => {
        await store.compact()
        return store.select(...asked)
      },
      last: (matchers, range) => flushed(store.last(matchers, range)),
      notes: (matchers, range, limit) => flushed(store.notes(matchers, range, limit)),
      series: (...asked) => store.series(...asked),
      labelNames: (...asked) => store.labelNames(...asked),
      labelValues: (...asked) => store.labelValues(...asked),
      health: () => store.health(),
      close: () => store.close(),
    },
  }
})

test('series and labels of a month or less are those that were there, to the segment, and recent ones to the sample', async () => {
  const opened = await open()
  await write(opened, 'old', startMs - 9 * dayMs, 1)
  await write(opened, 'morning', startMs - 3_600_000, 1)
  await write(opened, 'noon', startMs - 1_000, 1)
  await opened.store.compact()
  await write(opened, 'recent', startMs, 1)
  const { store } = opened
  const t = async (fromMs: number, toMs: number, hosts: string[]) => {
    const range = { fromMs, toMs }
    expect(await store.labelValues('host', [], range)).toEqual(hosts)
    expect((await store.series(up, range)).map(each => each.labels['host'])).toHaveLength(hosts.length)
    expect(await store.labelNames([], range)).toEqual(hosts.length === 0 ? [] : ['__name__', 'host'])
  }
  await t(startMs - 60_000, startMs, ['morning', 'noon', 'recent'])
  await t(startMs, startMs, ['recent'])
  await t(startMs - 9 * dayMs, startMs - 8 * dayMs, ['old'])
  await t(startMs - 20 * dayMs, startMs, ['morning', 'noon', 'old', 'recent'])
  await t(startMs - 7 * dayMs, startMs - 6 * dayMs, [])
  await t(0, startMs, ['morning', 'noon', 'old', 'recent'])
  await store.close()
})

test('everything is there after a restart, series under their numbers', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await write(first, 'a', startMs, 1)
  await write(first, 'b', startMs, 2)
  await first.store.close()

  const second = await open(folder)
  await write(second, 'c', startMs, 3)

  expect(second.table.find({ name: 'up', labels: labelsOf([['host', 'b']]) })).toBe(1)
  expect(await values(second)).toEqual([[1], [2], [3]])
  expect(await second.store.notes(up, always, 9)).toHaveLength(3)
  await second.store.close()
})

test('days beyond what is kept are deleted, others are not', async () => {
  const opened = await open()
  await write(opened, 'a', startMs - 31 * dayMs, 1)
  await write(opened, 'a', startMs - 29 * dayMs, 2)
  await opened.store.compact()
  expect(await values(opened)).toEqual([[2]])

  await opened.clock.runFor(5 * dayMs)

  await expect.poll(() => values(opened)).toEqual([])
  await opened.store.close()
})

test('a table that is full of series without samples has room again after a restart, and so has a backup', async () => {
  const [folder, copy] = [newFolder(), join(newFolder(), 'copy')]
  const openSmall = (from: string) => open(from, new SimulatedClock(startMs), new SeriesTable(4))
  const first = await openSmall(folder)
  for (const host of ['a', 'b', 'c']) await write(first, host, startMs - 31 * dayMs, 1)
  await write(first, 'd', startMs, 2)
  expect([first.table.taken, first.table.intern('up', labelsOf([]))]).toEqual([1, refused])
  await first.store.close()

  const second = await openSmall(folder)
  expect(second.findings).toEqual([expect.stringContaining('series without samples are forgotten')])
  expect(JSON.parse(second.findings[0]!)).toMatchObject({ level: 'info', series: 3, left: 1 })
  expect([second.table.taken, second.table.count, second.table.size]).toEqual([0.25, 1, 4])
  await second.store.backup(copy)
  await second.store.close()

  for (const each of [folder, copy]) {
    const third = await openSmall(each)
    expect(third.findings).toEqual([])
    await write(third, 'a', startMs, 3)
    expect(third.table.find({ name: 'up', labels: labelsOf([['host', 'a']]) })).toBe(4)
    expect(await values(third)).toEqual([[2], [3]])
    await third.store.close()
  }
})

test('a day that has rested becomes one file, and late samples join it', async () => {
  const folder = newFolder()
  const opened = await open(folder)
  const files = (): string[] => readdirSync(join(folder, 'segments'))
  for (let at = 0; at < 3; at++) {
    await write(opened, 'a', startMs + at, at)
    await opened.clock.runFor(16 * 60_000)
    await expect.poll(() => files().length).toBe(at + 1)
  }

  await opened.clock.runFor(dayMs)
  await expect.poll(files).toEqual(['2026-11-20.1-3.seg'])
  await write(opened, 'a', startMs + 1, 7)
  await opened.clock.runFor(16 * 60_000)
  await expect.poll(() => files().length).toBe(2)
  await opened.clock.runFor(2 * 3_600_000)

  await expect.poll(files).toEqual(['2026-11-20.1-4.seg'])
  expect(await values(opened)).toEqual([[0, 7, 2]])
  await opened.store.close()
})

test('what was taken before the store closes is durable and answered, what comes later is refused', async () => {
  const folder = newFolder()
  const opened = await open(folder)
  const writes = Array.from({ length: 50 }, (_, at) => write(opened, 'a', startMs + at, at))
  const closed = opened.store.close()
  await expect(write(opened, 'a', startMs - 1, 0)).rejects.toThrow('closed')
  await Promise.all([...writes, closed])
  await expect(opened.store.select(up, always)).rejects.toThrow('closed')

  const again = await open(folder)
  expect((await values(again))[0]).toHaveLength(50)
  await again.store.close()
})

test('a time that no file can be named after is refused, and harms nobody else', async () => {
  const folder = newFolder()
  const opened = await open(folder)
  for (const tMs of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 253_402_300_800_000]) {
    const [bad] = await Promise.allSettled([write(opened, 'a', tMs, 1), write(opened, 'a', startMs, 2)])
    expect(bad, String(tMs)).toMatchObject({ status: 'rejected', reason: { name: 'RangeError' } })
  }
  await opened.store.compact()
  expect(await values(opened)).toEqual([[2]])
  await opened.store.close()
})

test('a clock that leaps into another year deletes nothing for a day', async () => {
  const folder = newFolder()
  const opened = await open(folder)
  await write(opened, 'a', startMs, 1)
  await opened.store.close()

  const clock = new SimulatedClock(startMs + 400 * dayMs)
  const later = await open(folder, clock)
  await write(later, 'a', startMs + 1, 2)
  await clock.runFor(dayMs / 2)
  await later.store.compact()
  expect((await later.store.select(up, { fromMs: 0, toMs: startMs + 1 }))[0]?.values).toHaveLength(2)

  await clock.runFor(dayMs)
  await expect.poll(() => values(later)).toEqual([])
  await later.store.close()
})

test('a backup is whole while writes go on, and opens as a store', async () => {
  const folder = newFolder()
  const into = newFolder()
  const opened = await open(folder)
  await write(opened, 'a', startMs, 1)
  const [, ...rest] = await Promise.all([
    opened.store.backup(into),
    ...Array.from({ length: 20 }, (_, at) => write(opened, 'b', startMs + at, at)),
  ])
  expect(rest).toHaveLength(20)
  await opened.store.close()

  const copy = await open(into)

  expect((await values(copy))[0]).toEqual([1])
  expect(copy.findings).toEqual([])
  await copy.store.close()
})

test('a damaged segment is left out, kept, and named; the rest is read', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await write(first, 'a', startMs - dayMs, 1)
  await write(first, 'a', startMs, 2)
  await first.store.close()
  truncateSync(join(folder, 'segments', '2026-11-19.1-1.seg'), 100)

  const second = await open(folder)

  expect(second.findings).toEqual([expect.stringContaining('2026-11-19.1-1.seg')])
  expect(await values(second)).toEqual([[2]])
  expect(readdirSync(join(folder, 'segments'))).toContain('2026-11-19.1-1.seg')
  await second.store.close()
})

test('damage in the middle of an index is found at the start, all of it is named in one line, and the rest is read', async () => {
  const folder = newFolder()
  const first = await open(folder)
  const hosts = Array.from({ length: 300 }, (_, at) => `h${at}`)
  for (const host of hosts) {
    await write(first, host, startMs - 2 * dayMs, 1)
    await write(first, host, startMs - dayMs, 2)
  }
  await write(first, 'h0', startMs, 3)
  await first.store.compact()
  await first.store.close()
  const damaged = readdirSync(join(folder, 'segments')).filter(name => !name.startsWith('2026-11-20'))
  expect(damaged).toHaveLength(2)
  for (const name of damaged) {
    const path = join(folder, 'segments', name)
    const { indexAt } = new SegmentReader(path).footer
    turn(path, indexAt + 10)
  }

  const second = await open(folder)

  expect(await values(second)).toEqual([[3]])
  expect(second.findings).toHaveLength(1)
  for (const name of damaged) expect(second.findings[0]).toContain(`${name}: its index is damaged`)
  expect(readdirSync(join(folder, 'segments'))).toEqual(expect.arrayContaining(damaged))
  await second.store.close()
})

test('of very many damaged files some are named and the rest counted', async () => {
  const folder = newFolder()
  const first = await open(folder)
  for (let day = 0; day < 25; day++) await write(first, 'a', startMs - day * dayMs, 1)
  await first.store.compact()
  await first.store.close()
  for (const name of readdirSync(join(folder, 'segments'))) truncateSync(join(folder, 'segments', name), 100)

  const second = await open(folder)

  expect(second.findings).toHaveLength(1)
  const told = JSON.parse(second.findings[0]!)
  expect([told.findings.length, told.more]).toEqual([20, 5])
  await second.store.close()
})

test('a damaged block that somebody met is named in the log, once', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await write(first, 'a', startMs, 1.5)
  await first.store.close()
  turn(join(folder, 'segments', '2026-11-20.1-1.seg'), 0)
  const { store, clock, findings } = await open(folder)
  const isRefused = () => expect(store.select(up, always)).rejects.toMatchObject({ code: 'store_corrupt' })

  await isRefused()
  await clock.runFor(60_000)
  await expect.poll(() => findings).toEqual([expect.stringContaining('2026-11-20.1-1.seg: the block of')])
  await isRefused()
  await clock.runFor(5 * 60_000)
  await store.size()
  expect(findings).toHaveLength(1)
  await store.close()
})

test('a damaged block is refused by name, not answered wrongly', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await write(first, 'a', startMs, 1.5)
  await first.store.close()
  const path = join(folder, 'segments', '2026-11-20.1-1.seg')
  writeFileSync(path, Buffer.from([0xff]), { flag: 'r+' })

  const second = await open(folder)

  await expect(second.store.select(up, always)).rejects.toThrow('2026-11-20.1-1.seg')
  await second.store.close()
})

test('segments without any series stop the start, and doing what that says helps', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await write(first, 'a', startMs, 1)
  await first.store.close()
  truncateSync(join(folder, 'series.log'), 10)
  const t = () => expect(open(folder)).rejects.toThrow(`move ${join(folder, 'segments')} away as well`)
  await t()
  rmSync(join(folder, 'series.log'))
  await t()
  rmSync(join(folder, 'segments'), { recursive: true })

  const second = await open(folder)
  await write(second, 'b', startMs, 2)
  expect(await values(second)).toEqual([[2]])
  await second.store.close()
})

test('a series file that is not ours stops the start, and says which', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'series.log'), 'not JSON\n')

  await expect(open(folder)).rejects.toThrow('series.log')
})

test('a half-written end of the series file is dropped', async () => {
  const folder = newFolder()
  const first = await open(folder)
  await write(first, 'a', startMs, 1)
  await first.store.close()
  appendFileSync(join(folder, 'series.log'), '[1,"up",{"ho')

  const second = await open(folder)
  await write(second, 'b', startMs, 2)
  await second.store.close()
  const third = await open(folder)

  expect(await values(third)).toEqual([[1], [2]])
  await third.store.close()
})
