import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { BatchReader } from '#core/line-protocol/batch-reader.ts'
import { SeriesTable } from '#core/series.ts'

const head = { receivedAtMs: 7, partition: 9 }
const read = (reader: BatchReader, text: string) => reader.read(Buffer.from(text), head)

test('rows and notes are read when they are first asked for, and then kept', () => {
  const table = new SeriesTable()
  const text = Buffer.from('cpu,host=a usage_idle=93.5 1767225600000\nlog,host=a value="x" 5\n')
  const batch = new BatchReader(table).read(text, head)
  expect(batch).toMatchObject({ receivedAtMs: 7, partition: 9 })
  expect(batch.text).toBe(text)
  expect(table.size).toBe(0)

  const { rows, notes } = batch
  expect(table.get(0)).toEqual({ name: 'cpu_usage_idle', labels: labelsOf([['host', 'a']]) })
  expect(rows).toEqual({
    series: Uint32Array.of(0),
    tMs: Float64Array.of(1_767_225_600_000),
    values: Float64Array.of(93.5),
  })
  expect(notes).toEqual([{ series: 1, tMs: 5, text: 'x' }])
  expect(batch.rows).toBe(rows)
  expect(batch.notes).toBe(notes)
})

test('each batch keeps its own rows, and no more memory than they take', () => {
  const reader = new BatchReader(new SeriesTable())
  const batches = [1, 2, 3].map(value => read(reader, `m v=${value} 1\nm v=${value} 2\n`))
  for (const { rows } of batches) {
    expect(rows.values.buffer.byteLength).toBe(16)
    expect(rows.series.buffer.byteLength).toBe(8)
  }
  expect(batches.map(({ rows }) => [...rows.values])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
})

test('what the gateway let in is read, whatever its limits were', () => {
  const reader = new BatchReader(new SeriesTable())
  const tags = Array.from({ length: 1_000 }, (_, at) => `,t${at}=x`).join('')
  const long = `m,host=${'x'.repeat(2 << 20)} v=1 1\n`
  const { rows } = read(reader, `m${tags} v=1 -9000000000000\n${long}m v=1 9000000000000\n`)
  expect([...rows.tMs]).toEqual([-9e12, 1, 9e12])
  expect(reader.rejectedLines).toBe(0)
})

test('series without room are left out and counted, and so are lines that are none', () => {
  const reader = new BatchReader(new SeriesTable(1))
  const batch = read(reader, 'm v=1,w=2 1\nn s="x" 1\nbroken\nm v=3 2\n')
  expect([...batch.rows.values]).toEqual([1, 3])
  expect(batch.notes).toEqual([])
  expect([reader.refusedSeries, reader.rejectedLines]).toEqual([2, 1])
})

test('lines that became no rows, or not with all of their fields, are given whole', () => {
  const unread = (text: string, room = 1): string[] =>
    read(new BatchReader(new SeriesTable(room)), text).unread!.map(each => Buffer.from(each).toString())

  expect(unread('m v=1 1\nm v=2 2\n')).toEqual([])
  expect(unread('m v=1,w=2 1\nn s="x\ny" 1\nbroken\nm v=3 2\no v=1 3\n')).toEqual([
    'm v=1,w=2 1\n',
    'n s="x\ny" 1\n',
    'broken\n',
    'o v=1 3\n',
  ])
  expect(unread('m v="a\nb" 1\nn v=1')).toEqual(['n v=1'])
})

test('a line without a time was received when its batch was', () => {
  expect([...read(new BatchReader(new SeriesTable()), 'm v=1\n').rows.tMs]).toEqual([7])
})
