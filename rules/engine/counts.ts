// What the rules say of themselves in own metrics, read when somebody looks. Called by engine.ts and fleet.ts.
import type { Clock } from '#core/clock.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { HeadCounts } from '../head/holding.ts'
import type { Head } from '../head.ts'
import { countOf } from '../live/shown.ts'
import type { LiveRules } from '../live-rules.ts'
import type { RuleGroup } from '../rule.ts'

export type Counted = Readonly<{
  groups(): readonly RuleGroup[]
  lives(): readonly LiveRules[]
  heads(): readonly Head[]
}>

export function countRules(own: OwnMetrics, clock: Clock, { groups, lives, heads }: Counted): void {
  const sumOf = (count: (live: LiveRules) => number): number =>
    lives().reduce((sum, live) => sum + count(live), 0)
  own.gauge('plimsoll_rules_loaded').read(() => groups().reduce((sum, { rules }) => sum + rules.length, 0))
  for (const state of ['pending', 'firing'] as const) {
    own.gauge('plimsoll_rules_alerts').read(() => sumOf(live => countOf(live, state)), { state })
  }
  for (const how of ['kernel', 'sets', 'whole'] as const) {
    own
      .counter('plimsoll_rules_evaluations_total')
      .read(() => sumOf(live => evaluationsOf(live, how)), { how })
  }
  const inHeads = (what: keyof HeadCounts): number =>
    heads().reduce((sum, { counts }) => sum + counts[what], 0)
  own.gauge('plimsoll_rules_head_bytes').read(() => inHeads('bytes'))
  own.gauge('plimsoll_rules_head_series').read(() => inHeads('series'))
  for (const reason of ['full', 'no_room', 'ahead'] as const)
    own.counter('plimsoll_rules_head_dropped_total').read(() => inHeads(reason), { reason })
  own.gauge('plimsoll_rules_behind_seconds').read(() => {
    const dueMs = Math.min(...lives().map(live => live.nextDueMs()), Number.POSITIVE_INFINITY)
    return Math.max(0, clock.nowMs() - dueMs) / 1_000
  })
}

// Of the rules as they are since they were last read.
const evaluationsOf = ({ seats }: LiveRules, how: 'kernel' | 'sets' | 'whole'): number =>
  seats.reduce((sum, { how: is, evaluations }) => sum + (is === how ? evaluations : 0), 0)
