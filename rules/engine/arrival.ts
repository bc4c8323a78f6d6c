// Batches that came together, as live rules take them. Called by engine.ts and by fleet/.
import type { Batch, Rows } from '#core/batch.ts'

export type Arrival = Readonly<{ rows: readonly Rows[]; receivedAtMs: number }>

// Clocks of those who stamp batches may differ from ours by so much.
const aheadMs = 60_000

// One that was stamped before the clock was set back must not take the time of the rules with it.
export function arrivalOf(batches: readonly Batch[], nowMs: number): Arrival {
  const stampedMs = batches.reduce((last, each) => Math.max(last, each.receivedAtMs), 0)
  return { rows: batches.map(each => each.rows), receivedAtMs: Math.min(stampedMs, nowMs + aheadMs) }
}

// Of a bus that keeps records, which may bring hours at once: each at its own time.
export function arrivalsOf(batches: readonly Batch[], nowMs: number): Arrival[] {
  const arrivals: Arrival[] = []
  let from = 0
  for (let at = 1; at <= batches.length; at++) {
    if (at < batches.length && batches[at]!.receivedAtMs === batches[from]!.receivedAtMs) continue
    arrivals.push(arrivalOf(batches.slice(from, at), nowMs))
    from = at
  }
  return arrivals
}
