// What the rules say of themselves in own metrics, read when somebody looks. Called by engine.ts.
import type { Clock } from '#core/clock.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { countOf } from '../live/shown.ts'
import type { LiveRules } from '../live-rules.ts'
import type { RuleGroup } from '../rule.ts'

export type Counted = Readonly<{
  settings(): Readonly<{ groups: readonly RuleGroup[] }>
  live(): LiveRules | undefined
}>

export function countRules(own: OwnMetrics, clock: Clock, { settings, live }: Counted): void {
  own
    .gauge('plimsoll_rules_loaded')
    .read(() => settings().groups.reduce((sum, { rules }) => sum + rules.length, 0))
  for (const state of ['pending', 'firing'] as const) {
    own.gauge('plimsoll_rules_alerts').read(() => countIn(live(), state), { state })
  }
  for (const how of ['kernel', 'sets', 'whole'] as const) {
    own.counter('plimsoll_rules_evaluations_total').read(() => evaluationsOf(live(), how), { how })
  }
  own.gauge('plimsoll_rules_behind_seconds').read(() => {
    const dueMs = live()?.nextDueMs() ?? Number.POSITIVE_INFINITY
    return Math.max(0, clock.nowMs() - dueMs) / 1_000
  })
}

const countIn = (live: LiveRules | undefined, state: 'pending' | 'firing'): number =>
  live === undefined ? 0 : countOf(live, state)

// Of the rules as they are since they were last read.
const evaluationsOf = (live: LiveRules | undefined, how: 'kernel' | 'sets' | 'whole'): number =>
  (live?.seats ?? []).reduce((sum, { how: is, evaluations }) => sum + (is === how ? evaluations : 0), 0)
