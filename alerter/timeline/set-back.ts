// A clock that was set back leaves times that lie ahead, and whoever waited for them would wait for as long as it was set
// back. Here they are brought forward: what has happened is not to come. Called by timeline.ts.
import { isResolved, type KnownAlert } from '../alert.ts'
import type { Seating } from './seating.ts'
import type { Group, Known } from './state.ts'

// What it was, as far as anybody knows, and is.
type SetBack = Readonly<{ wasMs: number; nowMs: number }>

// Returns the alerts that are others now.
export function bringForward(seating: Seating, { wasMs, nowMs }: SetBack): readonly KnownAlert[] {
  for (const group of seating.groups.values()) bringGroupForward(seating, group, nowMs)
  const brought: KnownAlert[] = []
  for (const known of seating.alerts.values()) {
    const alert = notAhead(known.alert, lastMsOf(known, wasMs), nowMs)
    if (alert === known.alert) continue
    seating.settled(seating.put(alert))
    brought.push(alert)
  }
  return brought
}

// The clock of whoever reported it may be ahead, or ours was set back since.
export const reportNotAhead = (alert: KnownAlert, nowMs: number): KnownAlert =>
  notAhead(alert, alert.updatedAtMs, nowMs)

// Of flushes, and of what was told.
function bringGroupForward(seating: Seating, group: Group, nowMs: number): void {
  const { flushedAtMs, waitsSinceMs, routes, intervalMs, dueMs } = group
  const waitMs = flushedAtMs === null ? (routes[0]?.groupWaitMs ?? 0) : intervalMs
  seating.due(group, Math.min(dueMs, nowMs + waitMs))
  if (waitsSinceMs !== null) group.waitsSinceMs = Math.min(waitsSinceMs, nowMs)
  if (flushedAtMs !== null && flushedAtMs > nowMs) {
    group.flushedAtMs = nowMs
    seating.changes.group(group.id)
  }
  for (const [integration, told] of group.told) {
    if (told.atMs <= nowMs) continue
    group.told.set(integration, { ...told, atMs: nowMs })
    seating.changes.told(group)
  }
}

// The last that has happened to it. What has no seat is over.
function lastMsOf({ alert, seats }: Known, wasMs: number): number {
  const isOver = seats.length === 0 || isResolved(alert, wasMs)
  return isOver ? Math.max(alert.updatedAtMs, alert.endsAtMs!) : alert.updatedAtMs
}

// All that lies ahead comes earlier by as much as the last that has happened does. What does not was told by a better clock;
// and an end that is stated and has not come is a matter of whoever stated it.
function notAhead(alert: KnownAlert, lastMs: number, nowMs: number): KnownAlert {
  const aheadMs = lastMs - nowMs
  if (aheadMs <= 0) return alert
  const { startsAtMs, endsAtMs, updatedAtMs, isEndAssumed = false } = alert
  const earlier = (atMs: number): number => (atMs > nowMs ? atMs - aheadMs : atMs)
  const isFixed = endsAtMs === null || (endsAtMs > lastMs && !isEndAssumed)
  return {
    ...alert,
    startsAtMs: earlier(startsAtMs),
    endsAtMs: isFixed ? endsAtMs : earlier(endsAtMs),
    updatedAtMs: updatedAtMs - aheadMs,
  }
}
