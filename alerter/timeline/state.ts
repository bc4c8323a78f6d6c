// What the timeline holds in memory: alerts, groups, and the seats that alerts have in groups. Changed by seating.ts
// and timeline.ts only; stages and views read it.
import type { Labels } from '#core/model.ts'
import type { KnownAlert } from '../alert.ts'
import type { Route } from '../route.ts'
import type { Reason } from './outcome.ts'

export type Known = {
  alert: KnownAlert
  // Nearly always one.
  seats: Seat[]
}

export type Seat = {
  readonly known: Known
  readonly group: Group
  held: Reason | null
  // The alert's labels do not lead to this group any more.
  isMoved: boolean
}

export type Group = {
  readonly id: string
  readonly groupKey: string
  readonly receiver: string
  readonly labels: Labels
  // Those that lead here; none after a reload that removed them.
  routes: readonly Route[]
  intervalMs: number
  // When it is to speak, or was: a time that has passed is that of a flush which nobody was there to do.
  dueMs: number
  // Since when it waits on for the rest of a storm.
  waitsSinceMs: number | null
  flushedAtMs: number | null
  readonly seats: Set<Seat>
  // By integration.
  readonly told: Map<string, Told>
}

// Since when each fires, as this integration was told it.
export type Told = Readonly<{ atMs: number; firing: ReadonlyMap<string, number> }>
