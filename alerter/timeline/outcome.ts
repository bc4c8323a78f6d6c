// What must be saved and done, all in one write: rows that are the whole state, and what came of it. Made by the
// timeline, written by the book; the rows come back as SavedTimeline.
import type { Labels } from '#core/model.ts'
import type { KnownAlert } from '../alert.ts'

// What may hold a beginning back, in no order; stages.ts has them in theirs.
export type StageName = 'moved' | 'nobody' | 'inhibited' | 'inactive' | 'muted' | 'silenced'

// Why somebody is not told. `by` names the silences, the alert, the intervals, the receiver or the integrations.
//   brief   it ended before anybody was told
//   gone    whoever was told of it is in the configuration no more
export type Reason = Readonly<{ kind: StageName | 'brief' | 'gone'; by: readonly string[] }>

// In each group it sits until it has ended there and that was told. `held` is what the last flush found.
export type SeatRow = Readonly<{ group: string; held: Reason | null }>
export type AlertRow = Readonly<{ alert: KnownAlert; seats: readonly SeatRow[] }>

export type GroupRow = Readonly<{
  id: string
  // Alertmanager's: `{}/{team="a"}:{alertname="X"}`.
  groupKey: string
  receiver: string
  labels: Labels
  dueMs: number
  // Of the route that made it, which may be gone.
  intervalMs: number
  flushedAtMs: number | null
}>

// What an integration has been told of a group: which alerts fire, since when each. What has ended is not in it.
export type ToldRow = Readonly<{
  group: string
  integration: string
  atMs: number
  firing: readonly (readonly [fingerprint: string, sinceMs: number])[]
}>

// A message to be made. Lists are fingerprints, sorted.
export type Telling = Readonly<{
  // The same whenever the same is decided again.
  id: string
  group: string
  integration: string
  atMs: number
  reason: 'first' | 'more' | 'resolved' | 'repeat'
  urgency: Urgency
  firing: readonly string[]
  resolved: readonly string[]
  // Those of both lists whose beginning this one tells. One that is in `resolved` too is told as begun and ended.
  begun: readonly string[]
}>
export type Urgency = 'page' | 'normal' | 'low'

// For the journal: from now on an alert is held back in a group for this reason; null: no longer. The last one stands
// when the alert has left.
export type Held = Readonly<{ group: string; fingerprint: string; atMs: number; reason: Reason | null }>

// By itself, because nobody reported it again: its time is the end of the alert. Where it sat in several groups, in none
// of them.
export type Ended = Readonly<{ alert: KnownAlert; group: string | null }>

export type Outcome = Readonly<{
  // Deleted before the others are written, because what is gone may be back. A group takes what it told with it; an
  // alert may still be needed by whoever has not delivered it yet.
  goneAlerts: readonly string[]
  goneGroups: readonly Pick<GroupRow, 'id' | 'labels'>[]
  alerts: readonly AlertRow[]
  groups: readonly GroupRow[]
  told: readonly ToldRow[]
  tellings: readonly Telling[]
  held: readonly Held[]
  ended: readonly Ended[]
}>

export type SavedTimeline = Readonly<{
  alerts: Iterable<AlertRow>
  groups: Iterable<GroupRow>
  told: Iterable<ToldRow>
}>
