// Which days of a resource are still to be looked at, in which order? Those after what was looked at, in their order; then
// those before it, the newest first, so that what a forecast needs most is there first. Pure. Called by fill.ts.
import type { Looked } from './book.ts'

export type Span = Readonly<{ fromDay: number; toDay: number }>

// Days looked at with other questions do not count; nor do those that leave a hole, since one span is all that is kept;
// nor days that are still to come, which a clock that went ahead took for over.
export function reachOf(
  looked: Looked | undefined,
  asked: string,
  { fromDay, toDay }: Span,
): Looked | undefined {
  if (looked === undefined || looked.asked !== asked) return undefined
  if (looked.toDay + 1 < fromDay || looked.fromDay > toDay) return undefined
  return looked.toDay > toDay ? { ...looked, toDay } : looked
}

// The questions of now; and where others were asked before, the day up to which what was recorded answers those.
export function askedNow(looked: Looked | undefined, digest: string, today: number): string {
  if (looked === undefined || looked.asked === digest) return digest
  return looked.asked.startsWith(`${digest}@`) ? looked.asked : `${digest}@${today}`
}

export const othersUntil = (asked: string): number => Number(asked.split('@')[1] ?? Number.NEGATIVE_INFINITY)

// `holdsUp`: where its questions fail, those behind it wait for the next time.
export type DayWanted = Readonly<{ day: number; holdsUp: boolean }>

// The last day that was looked at is looked at once more with the one behind it, for agents that delivered late. `again`:
// then also all others that were.
export function daysWanted(reach: Looked | undefined, { fromDay, toDay }: Span, again: boolean): DayWanted[] {
  const wanted: DayWanted[] = []
  const add = (day: number, holdsUp: boolean): void => void wanted.push({ day, holdsUp })
  const { fromDay: first, toDay: last } = reach ?? { fromDay: toDay + 1, toDay }
  const isTwice = reach !== undefined && last < toDay && last >= fromDay
  const next = isTwice ? last : last + 1
  for (let day = next; day <= toDay; day++) add(day, false)
  for (let day = Math.min(first - 1, toDay); day >= fromDay; day--) add(day, true)
  if (again) for (let day = Math.min(next - 1, toDay); day >= Math.max(first, fromDay); day--) add(day, false)
  return wanted
}

// With one more day at either end of it.
export const extended = (reach: Looked | undefined, asked: string, day: number): Looked => ({
  asked,
  fromDay: Math.min(reach?.fromDay ?? day, day),
  toDay: Math.max(reach?.toDay ?? day, day),
})
