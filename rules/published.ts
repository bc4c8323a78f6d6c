// What leaves the rules of an alert that began or ended. Called by live/keeper.ts, and by engine/removed.ts for alerts
// whose rule is no more.
import type { Alert, AlertTransition } from '#core/model.ts'
import { numberText } from '#promql/evaluate/number-text.ts'
import type { Tracked, Transition } from './state.ts'

type Told = Pick<Transition, 'id' | 'fingerprint' | 'state' | 'sinceMs' | 'reason'> &
  Readonly<{ alert: Tracked; isStale: boolean }>

export function published(told: Told, rule: Alert['rule']): AlertTransition {
  const { id, sinceMs, state, fingerprint, alert, isStale, reason = null } = told
  const { labels, annotations, firedAtMs, activeAtMs, value } = alert
  const hasEnded = state === 'resolved'
  return {
    v: 1,
    id,
    atMs: sinceMs,
    alert: {
      fingerprint,
      labels,
      annotations,
      state,
      stale: isStale && hasEnded,
      startsAtMs: firedAtMs ?? activeAtMs,
      endsAtMs: hasEnded ? sinceMs : null,
      value: numberText(value),
      rule,
    },
    reason,
  }
}
