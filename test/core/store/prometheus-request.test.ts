// Samples as remote write has them: byte by byte where hand-checked, and as our own gateway reads them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Batch, RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale, writeStale } from '#core/stale.ts'
import { LabelBytes } from '#core/store/prometheus/label-bytes.ts'
import { RequestBytes } from '#core/store/prometheus/request-bytes.ts'
import { SheetMaker } from '#core/store/prometheus/sheet.ts'
import { RemoteWriteDecoder } from '../../../collector/gateway/remote-write.ts'

const nowMs = Date.UTC(2026, 10, 20, 12)
type Point = readonly [series: number, tMs: number, value: number]

const batchOf = (points: readonly Point[]): Batch => ({
  receivedAtMs: nowMs,
  partition: 0,
  rows: {
    series: Uint32Array.from(points, ([series]) => series),
    tMs: Float64Array.from(points, ([, tMs]) => tMs),
    values: Float64Array.from(points, ([, , value]) => value),
  },
  notes: [],
})
const pointsOf = ({ series, tMs, values }: Batch['rows']): Point[] =>
  Array.from(series, (id, at) => [id, tMs[at]!, values[at]!])

const noFlaw = (): undefined => undefined
const sheetOf = (...batches: Point[][]) => new SheetMaker().make(batches.map(batchOf), noFlaw)

test('is the protobuf of remote.proto', () => {
  const table = new SeriesTable()
  const id = table.intern('up', labelsOf([['host', 'a']]))
  const bytes = new RequestBytes(new LabelBytes(table, { labels: 30, valueBytes: 100 }))
  const { rows } = batchOf([[id, 300, 1]])
  expect(bytes.write(rows, 0, 1, 1_000)).toBe(1)
  const text = (word: string): number[] => [word.length, ...Buffer.from(word)]
  const name = [10, ...text('__name__'), 18, ...text('up')]
  const host = [10, ...text('host'), 18, ...text('a')]
  // 1 as a double, and 300 as a varint.
  const sample = [9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 16, 0xac, 0x02]
  const series = [10, name.length, ...name, 10, host.length, ...host, 18, sample.length, ...sample]
  expect([...bytes.bytes]).toEqual([10, series.length, ...series])
})

test('labels are sorted by their bytes, whatever they are', () => {
  const table = new SeriesTable()
  // In UTF-16 the pair of the emoji sorts before U+FF01, in UTF-8 after it.
  const id = table.intern(
    'up',
    labelsOf([
      ['\u{1f600}', 'x'],
      ['\uff01', 'y'],
      ['A', 'z'],
      ['é', 'ü'],
    ]),
  )
  const bytes = new LabelBytes(table, { labels: 30, valueBytes: 100 }).of(id)
  const found = Buffer.from(bytes as Uint8Array).toString()
  const order = ['A', '__name__', 'é', '\uff01', '\u{1f600}'].map(name => found.indexOf(`${name}\u0012`))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order).not.toContain(-1)
})

test('a series beyond the limits says so, and is kept apart', () => {
  const table = new SeriesTable()
  const fit = table.intern(
    'up',
    labelsOf([
      ['a', '1'],
      ['b', 'é'],
    ]),
  )
  const many = table.intern(
    'up',
    labelsOf([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]),
  )
  const long = table.intern('up', labelsOf([['a', 'éé']]))
  const labels = new LabelBytes(table, { labels: 3, valueBytes: 3 })
  expect(labels.of(fit)).toBeInstanceOf(Uint8Array)
  expect(labels.of(many)).toBe('found 4 labels with the name, wanted at most 3')
  expect(labels.of(long)).toBe('label "a": found 4 bytes, wanted at most 3')

  const batch = batchOf([
    [many, 1, 1],
    [fit, 2, 2],
    [long, 3, 3],
    [many, 4, 4],
  ])
  const flawOf = (id: number) => (found => (typeof found === 'string' ? found : undefined))(labels.of(id))
  const { rows, flawed } = new SheetMaker().make([batch], flawOf)
  expect(pointsOf(rows)).toEqual([[fit, 2, 2]])
  expect(pointsOf(flawed.rows)).toEqual([
    [many, 1, 1],
    [many, 4, 4],
    [long, 3, 3],
  ])
  expect(flawed.reasonOf(long)).toContain('label "a"')
})

test('a sheet has the samples of a series together, in time, each time once', () => {
  const { rows } = sheetOf(
    [
      [7, 10, 1],
      [3, 10, 2],
      [7, 5, 3],
    ],
    [
      [7, 10, 4],
      [3, 11, 5],
    ],
  )
  expect(pointsOf(rows)).toEqual([
    [7, 5, 3],
    [7, 10, 4],
    [3, 10, 2],
    [3, 11, 5],
  ])
  expect(pointsOf(sheetOf().rows)).toEqual([])
})

test('a sheet holds for every series and time what was written last', () => {
  const maker = new SheetMaker()
  const point = fc.tuple(fc.nat(4), fc.nat(6), fc.double({ noNaN: true }))
  fc.assert(
    fc.property(fc.array(fc.array(point)), batches => {
      const wanted = new Map<string, number>()
      for (const [series, tMs, value] of batches.flat()) wanted.set(`${series} ${tMs}`, value)
      const found = pointsOf(maker.make(batches.map(batchOf), noFlaw).rows)
      expect(new Map(found.map(([series, tMs, value]) => [`${series} ${tMs}`, value]))).toEqual(wanted)
      expect(found).toHaveLength(wanted.size)
      const places = found.map(([series, tMs]) => [found.findIndex(each => each[0] === series), tMs] as const)
      expect(places).toEqual(places.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))
    }),
  )
})

test('our own gateway reads what is written, every bit of it', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter(each => !/[\p{Cc}\u{fffe}\u{ffff}]|\\$/u.test(each))
  const series = fc.record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), text, { maxKeys: 5 }),
    points: fc.uniqueArray(fc.tuple(fc.integer({ min: 1e12, max: nowMs }), fc.double()), {
      selector: ([tMs]) => tMs,
      minLength: 1,
      maxLength: 5,
    }),
  })
  fc.assert(
    fc.property(fc.array(series, { maxLength: 8 }), all => {
      const table = new SeriesTable()
      const points = all.flatMap(({ name, labels, points: each }) => {
        const id = table.intern(name, labelsOf(Object.entries(labels)))
        return each.map(([tMs, value]): Point => [id, tMs, value])
      })
      const { rows } = sheetOf(points)
      const bytes = new RequestBytes(new LabelBytes(table, { labels: 30, valueBytes: 1_000 }))
      const read = new RowBuffer()
      const decoder = new RemoteWriteDecoder(table, { tags: 100, lineBytes: 100_000 })
      for (let from = 0; from < rows.series.length; ) {
        // Small requests, so that series are cut too.
        from = bytes.write(rows, from, Math.min(rows.series.length, from + 3), 200)
        decoder.decode(bytes.bytes, nowMs, read)
      }
      expect(pointsOf(read.rows())).toEqual(pointsOf(rows))
    }),
  )
})

test('the stale marker keeps its bits, or gets them back', () => {
  const table = new SeriesTable()
  const id = table.intern('up', labelsOf([]))
  const batch = batchOf([
    [id, nowMs, 0],
    [id, nowMs + 1, Number.NaN],
    [id, nowMs + 2, 0],
  ])
  writeStale(batch.rows.values, 0)
  const made = new BigUint64Array(batch.rows.values.buffer)
  // As an engine may have changed it.
  made[2] = made[0]! | (1n << 51n)
  const bytes = new RequestBytes(new LabelBytes(table, { labels: 30, valueBytes: 100 }))
  bytes.write(new SheetMaker().make([batch], noFlaw).rows, 0, 3, 1_000)
  const read = new RowBuffer()
  new RemoteWriteDecoder(table, { tags: 10, lineBytes: 1_000 }).decode(bytes.bytes, nowMs, read)
  expect([0, 1, 2].map(at => isStale(read.values, at))).toEqual([true, false, true])
  const words = new BigUint64Array(read.values.buffer)
  expect(words[2]).toBe(words[0])
})
