// What the alerter knows of an alert: of our own rules, or of whoever posted it. Made by the intake, read by every
// stage.
import type { Labels } from '#core/model.ts'

export type KnownAlert = Readonly<{
  // Prometheus' own, of the labels.
  fingerprint: string
  labels: Labels
  annotations: Labels
  startsAtMs: number
  // When it ended. Of one that was posted and is not posted again it may lie ahead: then it ends by itself.
  endsAtMs: number | null
  // Nobody told that end, it is `resolve_timeout` after the last report: the next report replaces it.
  isEndAssumed?: boolean
  // Its data stopped coming, so nobody knows that it is well.
  stale: boolean
  // As Prometheus' API writes numbers; empty where whoever posted it told none.
  value: string
  generatorUrl: string
  // By which of our own rules it is found, or was last. Left out: it was posted.
  finders?: readonly Finder[]
  updatedAtMs: number
  // When that report began to come in, where it took a while.
  cameAtMs?: number | undefined
}>

// One rule may find it anew before it is known to have ended: on a fleet, when a reload gives the rule to another share.
export type Finder = Readonly<{ rule: string; sinceMs: number }>

// That end came, or will come, because nobody reported it again; one that was reported is not younger than its report.
export const isEndByTime = ({ endsAtMs, updatedAtMs }: KnownAlert): boolean =>
  endsAtMs !== null && endsAtMs > updatedAtMs

export const isResolved = ({ endsAtMs }: KnownAlert, nowMs: number): boolean =>
  endsAtMs !== null && endsAtMs <= nowMs
