// Batches that came together, as live rules take them. Called by engine.ts.
import type { Batch, Rows } from '#core/batch.ts'

export type Arrival = Readonly<{ rows: readonly Rows[]; receivedAtMs: number }>

// Clocks of those who stamp batches may differ from ours by so much.
const aheadMs = 60_000

// One that was stamped before the clock was set back must not take the time of the rules with it.
export function arrivalOf(batches: readonly Batch[], nowMs: number): Arrival {
  const stampedMs = batches.reduce((last, each) => Math.max(last, each.receivedAtMs), 0)
  return { rows: batches.map(each => each.rows), receivedAtMs: Math.min(stampedMs, nowMs + aheadMs) }
}
