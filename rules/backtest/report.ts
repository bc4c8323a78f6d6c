// What a backtest tells, as plain data: it crosses HTTP as JSON, and the command line makes a table and a page of it.
// Made by tally.ts, compare.ts and advice.ts.
import type { Labels } from '#core/model.ts'

// Of one label set; one that still fires at the end of the time has no end.
export type Episode = Readonly<{
  labels: Labels
  beginMs: number
  endMs: number | null
  // Between which the value was, while it fired; nothing when it never was a number.
  least: number | null
  most: number | null
}>

export type LabelSet = Readonly<{ labels: Labels; firings: number; totalMs: number }>

// What a longer `for`, or a `keep_firing_for`, would have left of the firings.
export type Variant = Readonly<{ forMs: number; keepFiringMs: number; firings: number }>

// Beside an older version of the rule: its firings that have no counterpart now, those of now that had none then, and
// those of now that had. A counterpart is of the same label set and overlaps in time.
export type Change = Readonly<{
  kind: 'known' | 'added'
  was: number
  gone: number
  new: number
  same: number
}>

export type Faults = Readonly<{
  // Evaluations.
  count: number
  // Too many to find out which steps exactly: whole stretches are taken for failed.
  isRough: boolean
  firstMs: number
  detail: string
}>

// What the firings of a rule come to.
export type Tallied = Readonly<{
  firings: number
  // Label sets that fire, times how long.
  totalMs: number
  medianMs: number | null
  longestMs: number
  // Of under two minutes.
  short: number
  // Begun within an hour of the end of one of the same label set.
  repeated: number
  // Begun by night, and how much of totalMs lies there.
  night: number
  nightMs: number
  // Of the same rule.
  atOnce: number
  // Still firing at the end.
  open: number
  labelSets: number
  top: readonly LabelSet[]
  // 0 to 100: see advice.ts.
  noise: number
  // Noisy firings, those by night counted twice: what the rules are sorted by.
  weight: number
  // How long it fired in each of equal parts of the time, label sets together, in milliseconds.
  strip: readonly number[]
  // The first ones; so many more are not listed.
  episodes: readonly Episode[]
  episodesMore: number
}>

export type AlertReport = Readonly<{
  id: string
  file: string
  group: string
  name: string
  line: number
  forMs: number
  keepFiringMs: number
  variants: readonly Variant[]
  advice: string | null
  faults: Faults | null
  change: Change | null
}> &
  Tallied

// Rules that record are listed only when they failed.
export type RecordReport = Readonly<{ id: string; file: string; group: string; name: string; faults: Faults }>

// Of the older version alone.
export type RemovedReport = Readonly<{ id: string; group: string; name: string; firings: number }>

export type Report = Readonly<{
  fromMs: number
  toMs: number
  timeZone: string
  tookMs: number
  samplesRead: number
  // Evaluated: steps times the series that were looked at.
  cells: number
  // The noisiest first.
  alerts: readonly AlertReport[]
  records: readonly RecordReport[]
  removed: readonly RemovedReport[]
  // What was not replayed as it would have been live.
  notes: readonly string[]
}>

export type Progress = Readonly<{
  share: number
  atMs: number
  samplesRead: number
  cells: number
  firings: number
}>
