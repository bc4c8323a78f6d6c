// What rules record, on its way out as samples: in order, again when the bus refuses, and no more waiting than fits a
// few minutes. Our own batches are known when they come back. Called by evaluator.ts.
import { type Batch, cutByPartition, type RowBuffer } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'

export type OutletOptions = Readonly<{
  bus: Bus
  table: SeriesTable
  clock: Clock
  log: Log
  own: OwnMetrics
  // Owner of series that name neither host nor instance.
  source: string
  // Resolves when there is nothing more urgent.
  calm(): Promise<void>
}>

export interface Outlet {
  write(rows: RowBuffer, nowMs: number): void
  isOwn(batch: Batch): boolean
  close(): Promise<void>
}

const waitingMax = 300
const retryMs = 1_000

export function openOutlet({ bus, table, clock, log, own, source, calm }: OutletOptions): Outlet {
  const ours = new WeakSet<Batch>()
  const dropped = own.counter('plimsoll_rules_dropped_total')
  let waiting: Batch[][] = []
  let running: Promise<void> | undefined
  let timer: Timer | undefined
  let isClosed = false

  async function run(): Promise<void> {
    timer?.cancel()
    if (!isClosed) await calm()
    while (waiting.length > 0) {
      const batches = waiting[0]!
      try {
        await bus.publish('samples', batches)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        log.warn('rules', 'cannot write what rules record, and tries again', { error })
        if (!isClosed) timer = clock.after(retryMs, start)
        break
      }
      if (waiting[0] === batches) waiting.shift()
    }
    running = undefined
  }
  function start(): void {
    running ??= run()
  }

  return {
    write(rows, nowMs) {
      const batches = cutByPartition({ source, receivedAtMs: nowMs, rows: rows.rows(), notes: [] }, table)
      for (const each of batches) ours.add(each)
      waiting.push(batches)
      for (const lost of waiting.splice(0, waiting.length - waitingMax)) {
        for (const { rows: forgotten } of lost) dropped.inc(forgotten.series.length)
      }
      start()
    },
    isOwn: batch => ours.has(batch),
    async close() {
      isClosed = true
      timer?.cancel()
      await running
      if (waiting.length > 0) await run()
      waiting = []
    },
  }
}
