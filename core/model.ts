// The nouns of the whole service, as plain data. Each crosses a process as JSON and comes back
// unchanged, so: no classes, no Dates (epoch milliseconds), no undefined. Everyone imports this file.

// Label names and values are any text; an empty value means that the label is absent. Build them with
// labelsOf() of labels.ts, which makes `__proto__` and `constructor` ordinary names.
export type Labels = Readonly<Record<string, string>>

export type Series = Readonly<{ name: string; labels: Labels }>

export type Sample = Readonly<{ series: Series; tMs: number; value: number }>

// A line of text that belongs to a series: a kernel line, a change, a string field.
export type Note = Readonly<{ series: Series; tMs: number; text: string }>

// What PromQL writes as name{label="value"}; the metric's name is matched as `__name__`.
export type MatchOp = '=' | '!=' | '=~' | '!~'
export type Matcher = Readonly<{ name: string; op: MatchOp; value: string }>

// What a rule has found for a label set, as it leaves the rules: a condition that is met, or that was.
export type Alert = Readonly<{
  // Prometheus' own, of the labels.
  fingerprint: string
  labels: Labels
  annotations: Labels
  state: 'pending' | 'firing' | 'resolved'
  // It ended because its data stopped coming, so nobody knows that it is well.
  stale: boolean
  startsAtMs: number
  endsAtMs: number | null
  // As Prometheus' API writes numbers, because JSON has no NaN.
  value: string
  // All empty where no rule of ours has found it, but somebody has posted it.
  rule: Readonly<{ id: string; group: string; name: string; expr: string }>
  // Of posted ones: where to look, and until when it fires if nobody says so again. That is `isEndAssumed` where whoever
  // posted it named no end.
  generatorUrl?: string
  expiresAtMs?: number | null
  isEndAssumed?: boolean
}>

// That an alert began or ended. The id is the same whenever the same input is replayed: who has seen it, has.
export type AlertTransition = Readonly<{
  v: 1
  id: string
  atMs: number
  // When it began to come in, where that took a while: nobody waits longer because of it.
  cameAtMs?: number | undefined
  alert: Alert
  // Where it is not that the condition came or went.
  reason: string | null
}>

// Words for people from another room of the service: a monthly request, a day's list. Told once for each id.
export type Notice = Readonly<{
  v: 1
  id: string
  atMs: number
  // Null: that of the root route.
  receiver: string | null
  title: string
  text: string
  // Where to read on, as a path of this service like `/capacity`.
  path: string | null
  urgency: 'page' | 'normal' | 'low'
  // PNG in base64.
  picture: string | null
  // The same for programs: what a webhook sends along. Plain JSON, at most 64 KiB of it.
  data?: NoticeData | null
}>

export type NoticeData = Readonly<Record<string, unknown>>

// What a caller may do. `admin` includes the others; nothing else includes anything.
export const scopes = ['read', 'write', 'operate', 'admin'] as const
export type Scope = (typeof scopes)[number]

// Whoever stands behind a request, after the one authorisation hook has looked.
export type Principal = Readonly<{
  kind: 'user' | 'token' | 'anonymous'
  name: string
  scopes: readonly Scope[]
}>
