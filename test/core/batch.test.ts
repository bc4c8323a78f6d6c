import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Batch, cutByPartition, type NoteRow, noRows, RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { partitionOf } from '#core/partition.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale, staleNaN, writeStale } from '#core/stale.ts'

test('a row buffer keeps what is pushed, however small it was made', () => {
  for (const capacity of [0, 1, 3, 1_024]) {
    const buffer = new RowBuffer(capacity)
    for (let at = 0; at < 100; at++) buffer.push(at, at * 10, at / 2)
    const { series, tMs, values } = buffer.rows()
    expect([series.length, tMs.length, values.length], String(capacity)).toEqual([100, 100, 100])
    expect([series[99], tMs[99], values[99]], String(capacity)).toEqual([99, 990, 49.5])
    expect([series[0], tMs[0], values[0]], String(capacity)).toEqual([0, 0, 0])
    buffer.length = 0
    buffer.push(7, 8, 9)
    expect(buffer.rows().series).toEqual(Uint32Array.of(7))
  }
})

test('a stale marker goes through push, and through being cut, often enough to be compiled', () => {
  const table = new SeriesTable()
  const ids = ['a', 'b', 'c'].map(host => table.intern('m', labelsOf([['host', host]])))
  const buffer = new RowBuffer(4)
  const marker = new Float64Array(1)
  writeStale(marker, 0)
  for (let round = 0; round < 30_000; round++) {
    buffer.push(ids[round % 3]!, round, round % 2 === 0 ? marker[0]! : Number.NaN)
  }
  const batches = cutByPartition({ source: '', receivedAtMs: 0, rows: buffer.rows(), notes: [] }, table)
  for (const { rows } of batches) {
    for (let at = 0; at < rows.values.length; at++) {
      if (isStale(rows.values, at) !== (rows.tMs[at]! % 2 === 0))
        throw new Error(`row ${rows.tMs[at]} was changed`)
    }
  }
  buffer.push(1, 1, staleNaN)
  expect(isStale(buffer.values, buffer.length - 1)).toBe(true)
})

const hosts = ['a', 'b', 'c', 'd', undefined]

function tableOf(): SeriesTable {
  const table = new SeriesTable()
  for (const host of hosts) {
    table.intern('m', labelsOf(host === undefined ? [] : [['host', host]]))
    table.intern('m', labelsOf(host === undefined ? [['x', 'y']] : [['instance', `${host}:9100`]]))
  }
  return table
}

test('a cut gives each partition its own rows and notes in their order, and loses none', () => {
  const table = tableOf()
  const id = fc.nat(hosts.length * 2 - 1)
  const row = fc.tuple(id, fc.nat(1_000), fc.double())
  const note = fc.record({ series: id, tMs: fc.nat(1_000), text: fc.string() })
  fc.assert(
    fc.property(
      fc.array(row),
      fc.array(note, { maxLength: 5 }),
      fc.string(),
      (rows, notes: NoteRow[], source) => {
        const buffer = new RowBuffer(2)
        for (const [series, tMs, value] of rows) buffer.push(series, tMs, value)
        const batches = cutByPartition({ source, receivedAtMs: 5, rows: buffer.rows(), notes }, table)
        const owner = (series: number): number => {
          const { host, instance } = table.get(series).labels
          return partitionOf(host ?? instance ?? source)
        }
        const shown = ({ rows: { series, tMs, values } }: Batch): unknown[] =>
          [...series].map((each, at) => [each, tMs[at], values[at]])
        for (const batch of batches) {
          expect(batch.receivedAtMs).toBe(5)
          expect(shown(batch)).toEqual(rows.filter(([series]) => owner(series) === batch.partition))
          expect(batch.notes).toEqual(notes.filter(({ series }) => owner(series) === batch.partition))
          expect(batch.rows.series.length + batch.notes.length).toBeGreaterThan(0)
        }
        const parts = batches.map(each => each.partition)
        expect(parts).toEqual([...new Set(parts)].sort((a, b) => a - b))
        const kept = batches.reduce((sum, each) => sum + each.rows.series.length + each.notes.length, 0)
        expect(kept).toBe(rows.length + notes.length)
      },
    ),
  )
})

test('nothing is cut into no batches, and one host is not copied', () => {
  const table = tableOf()
  expect(cutByPartition({ source: 's', receivedAtMs: 0, rows: noRows, notes: [] }, table)).toEqual([])
  const buffer = new RowBuffer()
  buffer.push(0, 1, 2)
  const rows = buffer.rows()
  const [only, ...others] = cutByPartition({ source: 's', receivedAtMs: 0, rows, notes: [] }, table)
  expect(others).toEqual([])
  expect(only!.rows).toBe(rows)
})
