// What the last run of the process knew of what waits and spent of budgets, put together again from the facts. Called by
// delivery.ts when it opens.
import type { Clock } from '#core/clock.ts'
import type { Budget } from '../channel.ts'
import type { Budgets } from './budget.ts'
import type { Item } from './item.ts'
import { messagesOf, type Past, type ToldBefore } from './past.ts'
import type { Receipts } from './receipts.ts'
import type { Ways } from './ways.ts'

type Parts = Readonly<{ past: Past; receipts: Receipts; clock: Clock }>

// An entry that was told and is still there waits for a receipt: by whom it was told is not tried again, and where all
// of them have failed it is the next one's turn at once.
export function recalling({ past, receipts, clock }: Parts): (item: Item) => void {
  const byTelling = new Map<string, ToldBefore[]>()
  // Who of several numbers has it stands with the entry.
  for (const each of past.told.filter(({ isPart }) => !isPart)) {
    const known = byTelling.get(each.telling)
    if (known === undefined) byTelling.set(each.telling, [each])
    else known.push(each)
  }
  return item => {
    const { entry } = item
    const told = entry.tries === 0 ? undefined : byTelling.get(entry.telling.id)
    const last = told?.at(-1)
    if (told === undefined || last === undefined) return
    item.told = told.map(({ way }) => way)
    const { way, atMs, message } = last
    const left = last.receipts.filter(each => !past.failed.has(each))
    item.awaits = receipts.expect(left, { entry, way, atMs }, message)
    if (left.length === 0) item.dueMs = Math.min(item.dueMs, clock.monotonicMs())
  }
}

// What has left counts as if this were the same process. Times are those of its clock, before it began.
export function spendPast(
  past: Past,
  { ways, budgets, clock }: Readonly<{ ways: Ways; budgets: Budgets; clock: Clock }>,
): void {
  ways.refresh()
  const sinceMs = clock.nowMs() - clock.monotonicMs()
  const budgetsOf = (way: string, takenBy: readonly string[] | undefined): readonly Budget[] =>
    (ways.way(way)?.budgets.flat() ?? []).filter(({ key }) => takenBy?.includes(key) ?? true)
  for (const { way, takenBy, times } of past.month ?? [])
    budgets.recallMonth(budgetsOf(way, takenBy), times, clock.monotonicMs())
  for (const { way, atMs, isUrgent, takenBy } of messagesOf(past))
    budgets.recall(
      budgetsOf(way, takenBy),
      isUrgent ? 'page' : 'normal',
      Math.min(atMs - sinceMs, clock.monotonicMs()),
    )
}
