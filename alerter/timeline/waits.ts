// How long does a group wait before it speaks: for the first time, for what must wake somebody, for the rest of a storm?
// `fromMs`: since when it counts. Called by seating.ts.
import type { KnownAlert } from '../alert.ts'
import type { Group } from './state.ts'
import { urgencyOf } from './urgency.ts'

// As Alertmanager: `group_wait` after the alert that makes the group, whichever comes; at once when that one began longer
// ago than this, because then somebody else has waited already. Until a storm is read and seated it has waited, too: so it
// counts from when that report began to come.
export function firstDueMs(group: Group, alert: KnownAlert, fromMs: number): number {
  const { groupWaitMs = 0, urgentWaitMs = 0 } = group.routes[0] ?? {}
  const waitMs = isUrgent(alert) ? urgentWaitMs : groupWaitMs
  if (alert.startsAtMs + waitMs < fromMs) return fromMs
  return Math.max(fromMs, Math.min(fromMs, alert.cameAtMs ?? alert.updatedAtMs) + waitMs)
}

// What must wake somebody hastens its group where urgent ones wait for less; no other alert does.
export function urgentDueMs(
  { routes: [route], flushedAtMs }: Group,
  alert: KnownAlert,
  fromMs: number,
): number {
  if (route === undefined || !isUrgent(alert)) return Number.POSITIVE_INFINITY
  const { groupWaitMs, groupIntervalMs, urgentWaitMs, urgentIntervalMs } = route
  if (flushedAtMs === null)
    return urgentWaitMs < groupWaitMs ? fromMs + urgentWaitMs : Number.POSITIVE_INFINITY
  return urgentIntervalMs < groupIntervalMs
    ? Math.max(fromMs, flushedAtMs + urgentIntervalMs)
    : Number.POSITIVE_INFINITY
}

// Whether it waits for more before its first message.
export function collects({ routes: [route], flushedAtMs, seats }: Group): boolean {
  if (route === undefined || flushedAtMs !== null) return false
  const { groupWaitMs, urgentWaitMs } = route
  if (urgentWaitMs >= groupWaitMs) return groupWaitMs > 0
  return !seats.values().some(({ known }) => isUrgent(known.alert))
}

const isUrgent = ({ labels }: KnownAlert): boolean => urgencyOf(labels) === 'page'
