// Samples of this room on their way out, over the same road as everybody's. Called by bin/ for what is published of plans
// and of advice.
import { cutByPartition, RowBuffer } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import type { Sample } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { refused, type SeriesTable } from '#core/series.ts'

export type OutletOptions = Readonly<{
  bus: Pick<Bus, 'publish'>
  table: SeriesTable
  own: OwnMetrics
  // Owner of series that name neither host nor instance.
  sender: string
}>

// Rejects where the bus refuses; nothing is kept, since the next ones come soon.
export type Outlet = (samples: readonly Sample[], nowMs: number) => Promise<void>

// What one publishing holds.
const rowsTogether = 20_000

export function openOutlet({ bus, table, own, sender }: OutletOptions): Outlet {
  return async (samples, nowMs) => {
    for (let at = 0; at < samples.length; at += rowsTogether) {
      const rows = new RowBuffer()
      for (const { series, tMs, value } of samples.slice(at, at + rowsTogether)) {
        const id = table.intern(series.name, series.labels)
        if (id === refused) own.counter('plimsoll_capacity_unrecorded_total').inc()
        else rows.push(id, tMs, value)
      }
      const cut = { source: sender, receivedAtMs: nowMs, rows: rows.rows(), notes: [] }
      if (rows.length > 0) await bus.publish('samples', cutByPartition(cut, table))
    }
  }
}
