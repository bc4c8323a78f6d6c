// Writes what the machines of the demonstration have measured: by the same bus and sink as everybody's samples, a day at
// a time. Called by demo.ts, once for the past and then every five minutes.
import { cutByPartition, RowBuffer } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import { labelsOf } from '#core/labels.ts'
import { sampleLine, seriesPrefix } from '#core/line-protocol/encode.ts'
import type { SeriesTable } from '#core/series.ts'
import type { DemoPool, DemoSeries } from './parts.ts'
import { type Calendar, type Moment, momentOf } from './series.ts'

export const slotMs = 300_000
const slotsInBatch = 288

export type FillOptions = Readonly<{
  bus: Bus
  table: SeriesTable
  pools: readonly DemoPool[]
  calendar: Calendar
}>

export type Range = Readonly<{ fromMs: number; toMs: number }>

export type Fill = Readonly<{
  // Every five minutes from the first to the last, both rounded down; answers how many samples that were.
  write(range: Range, onDay?: (share: number) => void): Promise<number>
  // The same as line protocol, for a service that runs.
  lines(range: Range): string
}>

// Of a counter what it has counted stays from one write to the next, so ranges follow each other.
type Track = { id: number; series: DemoSeries; total: number }

export function openFill({ bus, table, pools, calendar }: FillOptions): Fill {
  const tracks: Track[] = pools
    .flatMap(({ series }) => series)
    .map(series => ({
      id: table.intern(series.name, labelsOf(Object.entries(series.labels))),
      series,
      total: 0,
    }))
  if (tracks.some(({ id }) => id < 0))
    throw new Error('the table of series has no room for the demonstration')
  const sorted = new RowBuffer(0)
  return {
    async write({ fromMs, toMs }, onDay = () => {}) {
      let count = 0
      const first = Math.floor(fromMs / slotMs) * slotMs
      for (let tMs = first; tMs <= toMs; tMs += slotsInBatch * slotMs) {
        const untilMs = Math.min(toMs + 1, tMs + slotsInBatch * slotMs)
        const rows = rowsBetween(tracks, momentsBetween(tMs, untilMs, calendar))
        count += rows.length
        const cut = { source: 'demo', receivedAtMs: untilMs - 1, rows: rows.rows(), notes: [] }
        if (rows.length > 0) await bus.publish('samples', cutByPartition(cut, table, sorted))
        onDay((untilMs - first) / (toMs + 1 - first))
      }
      return count
    },
    lines({ fromMs, toMs }) {
      const first = Math.floor(fromMs / slotMs) * slotMs
      const rows = rowsBetween(tracks, momentsBetween(first, toMs + 1, calendar)).rows()
      return Array.from(rows.series, (id, at) =>
        sampleLine(seriesPrefix(table.get(id)), rows.tMs[at]!, rows.values, at),
      ).join('')
    },
  }
}

function momentsBetween(fromMs: number, untilMs: number, calendar: Calendar): Moment[] {
  const moments: Moment[] = []
  for (let tMs = fromMs; tMs < untilMs; tMs += slotMs) moments.push(momentOf(tMs, calendar))
  return moments
}

function rowsBetween(tracks: readonly Track[], moments: readonly Moment[]): RowBuffer {
  const rows = new RowBuffer(tracks.length * moments.length)
  for (const track of tracks) {
    const { id, series } = track
    for (const moment of moments) {
      const value = series.value(moment)
      if (Number.isNaN(value)) continue
      if (series.isCounter) track.total += (value * slotMs) / 1_000
      rows.push(id, moment.tMs, series.isCounter ? track.total : value)
    }
  }
  return rows
}
