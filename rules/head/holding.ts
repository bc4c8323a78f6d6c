// What must be known of the head to tell whether it has all that a store has, and to read it: the part of it that the
// files behind ../head-store.ts see.
import type { Watch } from './interests.ts'
import type { Strips } from './strips.ts'

export type Watched = Pick<Watch, 'matchers' | 'keepMs'> & Readonly<{ number: number }>

// What it has, and what it was given and has not.
export type HeadCounts = Readonly<{
  bytes: number
  series: number
  full: number
  no_room: number
  ahead: number
}>

export interface Holding {
  readonly strips: Strips
  // The greatest time that it was given.
  readonly nowMs: number
  // Since then it was given every sample that came for what it watches; Infinity while there is no such time.
  readonly sinceMs: number
  // Samples and series that it was given and does not have, by whatever bound.
  readonly dropped: number
  // Whether there are series that it has no room for: of what comes of them later nothing is counted.
  readonly isShort: boolean
  // When the next sample that waits because it is far ahead will be there; Infinity when none does.
  readonly nextHeldMs: number
  // The watch that has this key (../matchers-key.ts).
  watched(key: string): Watched | undefined
  members(watch: number): Uint32Array
  turnover(watch: number): number
  seriesOf(slot: number): number
  slotOf(series: number): number
  // The first place whose time is after.
  firstAfter(slot: number, atMs: number): number
}
