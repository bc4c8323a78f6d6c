// What the timeline shows of itself: alerts and groups as Alertmanager's API has them, and where an alert stands for
// whoever asks why. Suppression is that of now; what the last flush found is in `held`. Called by timeline.ts.
import type { Labels } from '#core/model.ts'
import { isResolved, type KnownAlert } from '../alert.ts'
import type { Reason } from './outcome.ts'
import { perhapsMs } from './recall.ts'
import type { Moment } from './stage.ts'
import { inactive } from './stages/inactive.ts'
import { muted } from './stages/muted.ts'
import type { Group, Known, Seat } from './state.ts'

export type AlertView = Readonly<{
  alert: KnownAlert
  // `unprocessed` until one of its groups was flushed.
  state: 'unprocessed' | 'active' | 'suppressed'
  receivers: readonly string[]
  inhibitedBy: readonly string[]
  silencedBy: readonly string[]
  mutedBy: readonly string[]
}>

export type GroupView = Readonly<{
  id: string
  groupKey: string
  receiver: string
  labels: Labels
  dueMs: number
  // Those that go on. Made while it is gone through, because there may be tens of thousands.
  alerts: Iterable<AlertView>
}>

export type SeatView = Readonly<{
  group: string
  receiver: string
  // When it is looked at next: after `group_wait` while nothing was flushed, then at each `group_interval`.
  dueMs: number
  flushedAtMs: number | null
  isMoved: boolean
  held: Reason | null
  // To whom of it; `sinceMs` is the beginning that they know of.
  told: readonly Readonly<{ integration: string; sinceMs: number; atMs: number; repeatAtMs: number | null }>[]
}>

export function alertView(known: Known, moment: Moment): AlertView {
  return viewIn(known, known.seats, moment)
}

// Whoever has ended is known for a while; there may be many more of them, and nobody looks at their labels.
export function* alertViews(all: Iterable<Known>, moment: Moment): Generator<AlertView> {
  for (const known of all) if (!isResolved(known.alert, moment.nowMs)) yield alertView(known, moment)
}

export function groupView(group: Group, moment: Moment): GroupView {
  const { id, groupKey, receiver, labels, dueMs } = group
  return { id, groupKey, receiver, labels, dueMs, alerts: alertsIn(group, moment) }
}

function* alertsIn({ seats }: Group, moment: Moment): Generator<AlertView> {
  for (const seat of seats) {
    if (!seat.isMoved && !isResolved(seat.known.alert, moment.nowMs)) yield viewIn(seat.known, [seat], moment)
  }
}

export function seatView({ known, group, held, isMoved }: Seat): SeatView {
  const { id, receiver, dueMs, flushedAtMs } = group
  const [route] = group.routes
  const told = [...group.told].flatMap(([integration, { atMs, firing }]) => {
    const sinceMs = firing.get(known.alert.fingerprint)
    const repeatAtMs = route === undefined ? null : atMs + route.repeatMs
    return sinceMs === undefined || sinceMs === perhapsMs ? [] : [{ integration, sinceMs, atMs, repeatAtMs }]
  })
  return { group: id, receiver, dueMs, flushedAtMs, isMoved, held, told }
}

function viewIn({ alert, seats }: Known, shown: readonly Seat[], moment: Moment): AlertView {
  const { nowMs, rules } = moment
  const source = rules.inhibitor.inhibitedBy(alert.labels, nowMs)
  const inhibitedBy = source === undefined ? [] : [source]
  const silencedBy = rules.silencedBy(alert.labels, nowMs)
  const mutedBy = shown.flatMap(seat => inactive(seat, moment) ?? muted(seat, moment) ?? [])
  const receivers = seats.filter(({ isMoved }) => !isMoved).map(({ group }) => group.receiver)
  const isSuppressed = inhibitedBy.length + silencedBy.length + mutedBy.length > 0
  const isProcessed = seats.length === 0 || seats.some(({ group }) => group.flushedAtMs !== null)
  return {
    alert,
    state: isSuppressed ? 'suppressed' : isProcessed ? 'active' : 'unprocessed',
    receivers: [...new Set(receivers)].sort(),
    inhibitedBy,
    silencedBy,
    mutedBy: [...new Set(mutedBy)],
  }
}
