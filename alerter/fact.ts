// Something that happened, written once and never changed. Made by the intake, the alerter, delivery and whoever else
// has done something; kept by the book; read by whoever asks what happened, and why.
export const factKinds = [
  'fired',
  'resolved',
  // Words of another room came.
  'noticed',
  'told',
  'failed',
  'held',
  // Not held any more.
  'released',
  'merged',
  'digested',
  'seen',
  'acknowledged',
  'escalated',
  'action_run',
  'judged',
  'folded',
  'snoozed',
  'silenced',
  'unsilenced',
  'receipt',
  'canary',
] as const

export type FactKind = (typeof factKinds)[number]

export type Fact = Readonly<{
  // The same whenever the same happens again, so that it is written once. That of the transition for `fired` and
  // `resolved`.
  id: string
  kind: FactKind
  atMs: number
  // The short number.
  incident: number | null
  group: string | null
  fingerprint: string | null
  // A person, an integration, a rule or a part of this service.
  who: string
  details: Json
}>

// The reason of an end that nobody told.
export const notReportedAgain = 'not reported again'
// That of an end that one of several rules told.
export const foundByOthers = 'another rule still finds it'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | Readonly<{ [name: string]: Json | undefined }>
