// When was a schedule last due? By the clocks of a zone, looked for backwards from now, so that it does not matter whether
// anybody was there to hear a bell. Pure; called by monthly.ts, whose node-cron knows the schedule's fields and can only
// be asked for the next time from now on.
//
// Where clocks are put forward, a time that does not exist is due when they have been; where they are put back, one that
// comes twice is due the first time.
import { offsetMs } from '#core/zone.ts'
import { dayOf } from './days.ts'

export type Timetable = Readonly<{
  // Whether it is due at all on this day of the calendar.
  isDay(day: number): boolean
  hours: readonly number[]
  minutes: readonly number[]
  seconds: readonly number[]
}>

const dayMs = 86_400_000
// The 29th of February is at most eight years away.
const daysMax = 8 * 366 + 1

// The latest time after `afterMs`, up to and with `nowMs`.
export function lastDue(
  timetable: Timetable,
  zone: string,
  { afterMs, nowMs }: Readonly<{ afterMs: number; nowMs: number }>,
): number | undefined {
  if (afterMs >= nowMs) return undefined
  const firstDay = dayOf(zone, afterMs)
  const today = dayOf(zone, nowMs)
  // After the clocks were put back across midnight, what is latest may lie on a day that has been before.
  for (let day = today + 1; day >= Math.max(firstDay, today - daysMax); day--) {
    if (!timetable.isDay(day)) continue
    const dueMs = lastOnDay(timetable, { zone, day, nowMs })
    if (dueMs !== undefined) return dueMs > afterMs ? dueMs : undefined
  }
  return undefined
}

type OnDay = Readonly<{ zone: string; day: number; nowMs: number }>

function lastOnDay({ hours, minutes, seconds }: Timetable, { zone, day, nowMs }: OnDay): number | undefined {
  const at = (hour: number, minute = 0, second = 0): number =>
    instantOf(zone, day * dayMs + ((hour * 60 + minute) * 60 + second) * 1_000)
  for (const hour of descending(hours)) {
    if (at(hour) > nowMs) continue
    for (const minute of descending(minutes)) {
      if (at(hour, minute) > nowMs) continue
      const second = descending(seconds).find(each => at(hour, minute, each) <= nowMs)
      if (second !== undefined) return at(hour, minute, second)
    }
  }
  return undefined
}

const descending = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => b - a)

// The first instant at which the clocks show this time, or have passed it.
function instantOf(zone: string, shownMs: number): number {
  // Either side of a change of the clocks.
  const [before, after] = [offsetMs(zone, shownMs - dayMs), offsetMs(zone, shownMs + dayMs)]
  const [early, late] = [shownMs - Math.max(before, after), shownMs - Math.min(before, after)]
  if (early + offsetMs(zone, early) === shownMs) return early
  if (late + offsetMs(zone, late) === shownMs) return late
  return changeBetween(zone, early, late)
}

// When the clocks are put forward.
function changeBetween(zone: string, fromMs: number, toMs: number): number {
  let [before, after] = [fromMs, toMs]
  const offset = offsetMs(zone, fromMs)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetMs(zone, middle) === offset) before = middle
    else after = middle
  }
  return after
}
