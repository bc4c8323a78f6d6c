// How much is left of what a calendar month allows? Bills are of months, so each begins anew, by the clocks of the service's
// time zone. Times are those of a clock that never goes back; months are those of the clock on the wall. Called by budget.ts.
import { monthOf } from '#core/zone.ts'
import type { MonthBudget } from '../channel.ts'
import type { Urgency } from '../timeline/outcome.ts'
import { remember } from './remembered.ts'

export type Asked = Readonly<{ urgency: Urgency; times: number; nowMs: number }>

export type Calendar = Readonly<{ timeZone: string; wallMs(nowMs: number): number }>

export interface Months {
  // Until so many may have left: 0, or until the next month.
  waitMs(budget: MonthBudget, asked: Asked): number
  // So many left, or did not after all.
  add(budget: MonthBudget, times: number, atMs: number): void
  left(budget: MonthBudget, nowMs: number): number
}

// A clock on the wall may be set back over the end of a month, and forth again.
const monthsMax = 3
const keysMax = 10_000

export function openMonths({ timeZone, wallMs }: Calendar): Months {
  const sent = remember<Map<number, number>>(keysMax)
  let last = { startMs: 0, endMs: 0 }
  const monthAt = (nowMs: number): typeof last => {
    const atMs = wallMs(nowMs)
    if (atMs < last.startMs || atMs >= last.endMs) last = monthOf(timeZone, atMs)
    return last
  }
  const sentIn = ({ key }: MonthBudget, { startMs }: typeof last): number => sent.get(key)?.get(startMs) ?? 0
  return {
    waitMs(budget, { urgency, times, nowMs }) {
      const month = monthAt(nowMs)
      // What is kept for urgent ones is at the end of it.
      const most = urgency === 'page' ? budget.times : Math.max(1, budget.times - budget.reserve)
      return sentIn(budget, month) + times <= most ? 0 : month.endMs - wallMs(nowMs)
    },
    add(budget, times, atMs) {
      const { startMs } = monthAt(atMs)
      const known = sent.get(budget.key) ?? new Map<number, number>()
      known.set(startMs, Math.max(0, (known.get(startMs) ?? 0) + times))
      const [oldest] = known.keys()
      if (known.size > monthsMax) known.delete(oldest!)
      sent.set(budget.key, known)
    },
    left: (budget, nowMs) => Math.max(0, budget.times - sentIn(budget, monthAt(nowMs))),
  }
}
