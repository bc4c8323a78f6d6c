// What was used and what there was, day by day: the rows that every forecast stands on. This is the port; the columns
// in memory and their rows in the state are in history/.
import type { DemandOf, Line } from './pool.ts'

// Both are measured every five minutes.
export type Track = 'usage' | 'supply'

// Of one line, track and day. Rows of parts of a day merge exactly, but for p95 and busyHour, which need the whole day:
// NaN where only parts are known.
export type DayRow = Readonly<{
  day: number
  // Values of five minutes; a whole day has 288, 276 or 300 where clocks change.
  count: number
  min: number
  max: number
  sum: number
  last: number
  // When `last` was, so that the later of two parts wins.
  lastMs: number
  p95: number
  busyHour: number
}>

// Days in a row, one number each; NaN where nothing is known.
export type Days = Readonly<{ firstDay: number; values: Float64Array }>

export type Window = Readonly<{
  // The last whole day.
  toDay: number
  days: number
}>

export interface History {
  lines(): readonly Line[]
  demand(line: Line, of: DemandOf, window: Window): Days
  // What there was at the end of each day.
  supply(line: Line, window: Window): Days
  rows(line: Line, track: Track, window: Window): readonly DayRow[]
}
