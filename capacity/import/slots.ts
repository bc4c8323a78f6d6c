// A day that is being filled: for each source of its values the sums of each five minutes. Called by bins.ts, which opens
// it, and close-day.ts, which makes rows of it.
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Track } from '../history.ts'

export const slotMs = 300_000
// Of a day of 25 hours, and one more.
export const slotsMax = 312

// What values without labels are beside some with them: what belongs to no part, the whole, or nobody knows which. Alone
// they are the whole.
export type Unlabelled = 'rest' | 'whole' | 'unsure'

// Of one source on one day: sums and counts of each five minutes.
export type Slots = {
  part: Labels
  unlabelled: Unlabelled
  sums: Float64Array
  counts: Uint32Array
  // Of values that say their extremes; NaN where none did.
  least: number
  most: number
  lastMs: number
  lastValue: number
}

export type OpenDay = Readonly<{
  group: Group
  day: number
  startMs: number
  endMs: number
  sources: Map<string, Slots>
}>

export type Group = Readonly<{
  pool: string
  resource: string
  track: Track
  days: Map<number, OpenDay>
}>

export const emptySlots = (part: Labels, unlabelled: Unlabelled): Slots => ({
  part: labelsOf(Object.entries(part)),
  unlabelled,
  sums: new Float64Array(slotsMax),
  counts: new Uint32Array(slotsMax),
  least: Number.NaN,
  most: Number.NaN,
  lastMs: Number.NEGATIVE_INFINITY,
  lastValue: Number.NaN,
})
