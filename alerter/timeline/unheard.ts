// Whoever posts an alert says until when it holds if it is not posted again. Time in which nobody could post it does not
// count: nothing had the turn, the machine slept, the state refused, or the brokers were away. Called by timeline.ts.
import { isEndByTime, type KnownAlert } from '../alert.ts'
import type { Seating } from './seating.ts'

// From the last moment at which a report would have been heard to the next one.
type Unheard = Readonly<{ sinceMs: number; nowMs: number }>

// Prometheus says four minutes and posts each minute. Who has stated an end by hand looks just like that, and waits for it
// no longer than this.
const holdsOnMostMs = 300_000

// Returns the alerts that are others now. They are saved as that: the next start knows no more than this one.
export function holdOn(seating: Seating, { sinceMs, nowMs }: Unheard): readonly KnownAlert[] {
  const held: KnownAlert[] = []
  for (const { alert, seats } of seating.alerts.values()) {
    const { endsAtMs } = alert
    if (endsAtMs === null || endsAtMs <= sinceMs || seats.length === 0 || !isEndByTime(alert)) continue
    const untilMs = Math.min(endsAtMs + nowMs - sinceMs, nowMs + holdsOnMostMs)
    if (untilMs > endsAtMs) held.push({ ...alert, endsAtMs: untilMs })
  }
  for (const each of held) seating.put(each)
  return held
}

// Of what is known: somebody was there at the last report.
export function lastReportMs(seating: Seating): number {
  let lastMs = 0
  for (const { alert } of seating.alerts.values()) lastMs = Math.max(lastMs, alert.updatedAtMs)
  return lastMs
}
