// What delivery counts about itself. Called by delivery and its parts.
import type { Clock } from '#core/clock.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Budgets } from './budget.ts'
import type { Item } from './item.ts'
import type { Lane } from './lane.ts'

type Outcome = 'told' | 'later' | 'failed'

export interface Numbers {
  sent(channel: string, outcome: Outcome, tookMs: number): void
  // From the decision until the service had it.
  told(waitedMs: number): void
  // Once for each.
  failed(channel: string, item: Item): void
  merged(into: 'waiting' | 'digest', groups: number): void
  textFailed(channel: string): void
  watch(lane: Lane): void
}

type Options = Readonly<{
  own: OwnMetrics
  items: ReadonlyMap<string, Item>
  budgets: Budgets
  clock: Clock
}>

export function openNumbers({ own, items, budgets, clock }: Options): Numbers {
  const messages = own.counter('plimsoll_alerter_messages_total')
  const failures = own.counter('plimsoll_alerter_failed_total')
  const tookSeconds = own.histogram('plimsoll_alerter_send_seconds')
  const toldSeconds = own.histogram('plimsoll_alerter_told_seconds')
  const merges = own.counter('plimsoll_alerter_merged_total')
  const texts = own.counter('plimsoll_alerter_text_failures_total')
  const breakers = own.gauge('plimsoll_alerter_breaker_open')
  const left = own.gauge('plimsoll_alerter_budget_left')
  own.gauge('plimsoll_alerter_outbox_entries').read(() => items.size)
  own.gauge('plimsoll_alerter_outbox_oldest_seconds').read(() => oldestAgeMs(items, clock.nowMs()) / 1_000)
  return {
    sent(channel, outcome, tookMs) {
      messages.inc(1, { channel, outcome })
      tookSeconds.observe(tookMs / 1_000, { channel })
    },
    told: waitedMs => toldSeconds.observe(Math.max(0, waitedMs) / 1_000),
    failed(channel, item) {
      if (!item.isCounted) failures.inc(1, { channel })
      item.isCounted = true
    },
    merged: (into, groups) => merges.inc(groups, { into }),
    textFailed: channel => texts.inc(1, { channel }),
    watch(lane) {
      const { id: integration } = lane
      breakers.read(() => Number(lane.breaker.state().kind !== 'closed'), { integration })
      if (lane.way.budgets.flat().length > 0)
        left.read(() => budgets.left(lane.way.budgets.flat(), clock.monotonicMs()), { integration })
    },
  }
}

// What is refused for itself does not wait for us: it is counted as not told. Nor does what a service has taken, until its
// receipt should have come.
export function oldestAgeMs(items: ReadonlyMap<string, Item>, nowMs: number): number {
  let ageMs = 0
  for (const { entry, isRefused, awaits } of items.values())
    if (!isRefused && awaits.length === 0) ageMs = Math.max(ageMs, nowMs - entry.sinceMs)
  return ageMs
}
