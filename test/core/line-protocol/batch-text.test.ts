// Rows as lines, and lines as rows again: what crosses a process must come out as it went in.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Batch, type NoteRow, noRows, RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { BatchReader } from '#core/line-protocol/batch-reader.ts'
import { textBytes, textsOf } from '#core/line-protocol/batch-text.ts'
import { decodePoints } from '#core/line-protocol/points.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale, staleNaN } from '#core/stale.ts'
import { runs } from '../../runs.ts'

const atMs = Date.UTC(2026, 0, 1)

type Row = readonly [name: string, host: string, value: number, tMs?: number]

function batchOf(table: SeriesTable, written: readonly Row[], notes: readonly NoteRow[] = []): Batch {
  const rows = new RowBuffer()
  for (const [name, host, value, tMs = atMs] of written) {
    rows.push(table.intern(name, labelsOf([['host', host]])), tMs, value)
  }
  return { receivedAtMs: atMs, partition: 3, rows: rows.rows(), notes }
}

const textOf = (blocks: readonly Uint8Array[]): string => Buffer.concat(blocks).toString()

test('rows of one label set, measurement and time are one line, as people who read InfluxDB expect it', () => {
  const table = new SeriesTable()
  const batch = batchOf(table, [
    ['cpu_usage_idle', 'a', 93.5],
    ['cpu_usage_user', 'a', 6.25],
    ['disk_used_percent', 'a', 71],
    ['mem_used', 'a', 5e9],
    ['mem_total', 'a', 8e9],
    ['system_load1', 'a', 1],
    ['up', 'a', 1],
    // Another host, another time, and a field that the line has already.
    ['cpu_usage_idle', 'b', 1],
    ['cpu_usage_user', 'b', 2, atMs + 1],
    ['cpu_usage_user', 'b', 3, atMs + 1],
    ['cpu_usage_idle', 'b', 4, atMs + 1],
  ])
  expect(textOf(textsOf(batch, table, 1 << 20)).split('\n')).toEqual([
    'cpu,host=a usage_idle=93.5,usage_user=6.25 1767225600000',
    'disk,host=a used_percent=71 1767225600000',
    'mem,host=a used=5000000000i,total=8000000000i 1767225600000',
    'system,host=a load1=1 1767225600000',
    'up,host=a value=1 1767225600000',
    'cpu,host=b usage_idle=1 1767225600000',
    'cpu,host=b usage_user=2 1767225600001',
    'cpu,host=b usage_user=3,usage_idle=4 1767225600001',
    '',
  ])
})

test('what is no number is a special of its field, and notes stand behind the rows', () => {
  const table = new SeriesTable()
  const series = table.intern('kernel_log', labelsOf([['host', 'a b']]))
  const batch = batchOf(
    table,
    [
      ['x', 'a', Number.NaN],
      ['x', 'a', Infinity],
      ['x', 'a', -Infinity],
      ['mem_used', 'a', staleNaN],
      ['mem_used', 'a', 0.5],
    ],
    [{ series, tMs: -5, text: 'say "oom"\nC:\\' }],
  )
  expect(textOf(textsOf(batch, table, 1 << 20))).toBe(
    [
      'x,host=a value__special="NaN" 1767225600000',
      'x,host=a value__special="+Inf" 1767225600000',
      'x,host=a value__special="-Inf" 1767225600000',
      'mem,host=a used__special="stale" 1767225600000',
      'mem,host=a used=0.5 1767225600000',
      'kernel_log,host=a\\ b value="say \\"oom\\"\nC:\\\\" -5',
      '',
    ].join('\n'),
  )
})

test('a series that the protocol cannot carry is refused by name', () => {
  const table = new SeriesTable()
  expect(() => textsOf(batchOf(table, [['x', 'a\nb', 1]]), table, 100)).toThrow('label "host"')
  // And spoils nothing for the next batch.
  expect(textOf(textsOf(batchOf(table, [['x', 'a', 1]]), table, 100))).toBe(
    'x,host=a value=1 1767225600000\n',
  )
})

test('an empty batch is no text', () => {
  expect(textsOf({ receivedAtMs: 0, partition: 0, rows: noRows, notes: [] }, new SeriesTable(), 10)).toEqual(
    [],
  )
})

// Mostly from the vocabulary, so that lines of several fields come about.
const row: fc.Arbitrary<Row> = fc.tuple(
  fc.constantFrom(
    'cpu_usage_idle',
    'cpu_usage_user',
    'cpu_time_user',
    'mem_used',
    'mem_total',
    'up',
    'a b,c=d',
    'x__y',
  ),
  fc.constantFrom('a', 'b', 'é =,\\x', '"'),
  fc.oneof(
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(Number.NaN, staleNaN, Infinity, -Infinity, -0, 2 ** 63, 1e22, 0.25),
  ),
  fc.constantFrom(atMs, atMs, atMs, atMs + 1, 0, -1),
)
const note = fc.record({
  host: fc.constantFrom('a', 'b'),
  tMs: fc.integer(),
  text: fc.string({ unit: 'binary' }),
})

test('what is written and read again is the same, in blocks of any size', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 40 }),
      fc.array(note, { maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      (rows, noted, maxBytes) => {
        const table = new SeriesTable()
        const notes = noted.map(({ host, tMs, text }) => ({
          series: table.intern('log', labelsOf([['host', host]])),
          tMs,
          text: text.toWellFormed(),
        }))
        const batch = batchOf(table, rows, notes)
        const blocks = textsOf(batch, table, maxBytes)
        for (const block of blocks) {
          const { points, errors } = decodePoints(block, 'ms')
          expect(errors).toEqual([])
          if (block.length > maxBytes) expect(points.length).toBe(1)
          expect(block.at(-1)).toBe(10)
        }
        const text = Buffer.concat(blocks)
        expect(text.length).toBeLessThanOrEqual(textBytes(batch.rows, table) + textBytesOfNotes(notes))
        const read = new BatchReader(table).read(text, batch)
        expect([...read.rows.series]).toEqual([...batch.rows.series])
        expect([...read.rows.tMs]).toEqual([...batch.rows.tMs])
        expect([...read.rows.values]).toEqual([...batch.rows.values])
        expect(stales(read)).toEqual(stales(batch))
        expect(read.notes).toEqual(notes)
        // And cut again, as text that a sender wrote.
        const pieces = textsOf(read, table, maxBytes)
        expect(Buffer.concat(pieces).equals(text)).toBe(true)
        for (const piece of pieces) {
          const { points, errors } = decodePoints(piece, 'ms')
          expect(errors).toEqual([])
          if (piece.length > maxBytes) expect(points.length).toBe(1)
        }
      },
    ),
    { numRuns: runs(200) },
  )
})

const stales = ({ rows }: Batch): boolean[] => [...rows.values].map((_, at) => isStale(rows.values, at))
const textBytesOfNotes = (notes: readonly NoteRow[]): number =>
  notes.reduce((sum, { text }) => sum + 100 + 2 * Buffer.byteLength(text), 0)

test('blocks are as full as lines allow', () => {
  const table = new SeriesTable()
  const rows = Array.from({ length: 1_000 }, (_, at): Row => ['up', `host_${at}`, 1])
  const written = textsOf(batchOf(table, rows), table, 1_000)
  const cut = textsOf(new BatchReader(table).read(Buffer.concat(written), batchOf(table, [])), table, 1_000)
  for (const blocks of [written, cut]) {
    for (const block of blocks.slice(0, -1)) expect(block.length).toBeGreaterThan(950)
    for (const block of blocks) expect(block.length).toBeLessThanOrEqual(1_000)
  }
})

test('a block stays as it is when the next batch is written', () => {
  const table = new SeriesTable()
  const [first] = textsOf(batchOf(table, [['up', 'a', 1]]), table, 1_000)
  textsOf(batchOf(table, [['up', 'b', 2]]), table, 1_000)
  expect(textOf([first!])).toBe('up,host=a value=1 1767225600000\n')
})
