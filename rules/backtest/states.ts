// The alerts of one rule while it is replayed: the rule as it is, and beside it the same with a longer `for`. Says when
// one begins or ends to fire; what comes of that is the tally's. Called by walk.ts and walk-together.ts.
import type { Labels } from '#core/model.ts'
import type { AlertRule } from '../rule.ts'
import type { Tracked, Transition } from '../state.ts'

// Told in order for each label set, not over all of them.
export type Listener = Readonly<{
  begins(key: string, labels: Labels, tMs: number): void
  // The value lay between these while it fired.
  ends(key: string, tMs: number, span: Span): void
}>

export type Span = { least: number; most: number }

export type States = Readonly<{
  rule: AlertRule
  // Resolved ones are not kept.
  alerts: Map<string, Tracked>
  // Of those that fire.
  spans: Map<string, Span>
  listener: Listener
  // Spans cost a look at each value, so only the rule itself has them.
  hasSpans: boolean
}>

export const openStates = (rule: AlertRule, listener: Listener, hasSpans: boolean): States => ({
  // What they would say is never shown.
  rule: { ...rule, annotations: new Map() },
  alerts: new Map(),
  spans: new Map(),
  listener,
  hasSpans,
})

export function tell({ spans, listener }: States, { state, fingerprint, sinceMs, alert }: Transition): void {
  if (state === 'firing') {
    spans.set(fingerprint, noSpan())
    listener.begins(fingerprint, alert.labels, sinceMs)
    return
  }
  listener.ends(fingerprint, sinceMs, spans.get(fingerprint) ?? noSpan())
  spans.delete(fingerprint)
}

const noSpan = (): Span => ({ least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY })

export function widen(span: Span | undefined, value: number): void {
  if (span === undefined) return
  if (value < span.least) span.least = value
  if (value > span.most) span.most = value
}
