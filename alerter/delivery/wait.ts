// What keeps an entry that is not on its way: the gate of the way whose turn it is. Called by loop.ts for whoever asks why
// he was not told.
import type { Clock } from '#core/clock.ts'
import type { Budgets } from './budget.ts'
import type { Item } from './item.ts'
import { gateOf } from './lane.ts'
import { missingOf } from './missing.ts'
import type { Traffic } from './traffic.ts'
import { openWaysOf } from './turn.ts'
import type { Ways } from './ways.ts'

// `by` is the way that it waits for. `untilMs`: when the next may leave, of the clock on the wall; nothing while a try shows
// whether it works again.
export type Wait = Readonly<{ by: string; untilMs: number | null }> &
  (
    | Readonly<{ for: 'failures' | 'settings'; why: string }>
    | Readonly<{ for: 'limit' }>
    // So many are kept for urgent ones.
    | Readonly<{ for: 'budget'; left: number }>
  )

type Parts = Readonly<{ ways: Ways; traffic: Traffic; budgets: Budgets; clock: Clock }>

export function waitOf(item: Item, { ways, traffic, budgets, clock }: Parts): Wait | undefined {
  const { integration, telling } = item.entry
  const course = ways.course(integration, telling)
  const open = course === undefined ? [] : openWaysOf(item, course)
  const by = item.way !== undefined && open.includes(item.way) ? item.way : open[0]
  if (by === undefined || item.isFlying) return undefined
  const lane = traffic.lane(by)
  const nowMs = clock.monotonicMs()
  const { waitMs, because } = gateOf(lane, item, { budgets, nowMs })
  if (waitMs <= 0) return undefined
  const base = { by, untilMs: Number.isFinite(waitMs) ? clock.nowMs() + waitMs : null }
  if (because === 'limit') return { ...base, for: because }
  if (because !== 'budget') return { ...base, for: because, why: lane.breaker.state().reason }
  // Of several numbers that which has room first.
  const left = missingOf(item, lane.way).map(nth => budgets.left(lane.way.budgets[nth] ?? [], nowMs))
  return { ...base, for: because, left: Math.floor(Math.max(...left)) }
}
