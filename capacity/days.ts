// Days as people count them: whole numbers, one more with each, 0 is 1970-01-01 in the calendar of a time zone. A day has
// 23 to 25 hours where clocks are put forward and back. Called by everything in this room that says "a day".
import { beginningNear, localTime, offsetMs } from '#core/zone.ts'

const dayMs = 86_400_000

export function dayOf(zone: string, tMs: number): number {
  return Math.floor((tMs + offsetMs(zone, tMs)) / dayMs)
}

// The first instant of the day. Where clocks are put forward at midnight, that is one o'clock.
export function dayStartMs(zone: string, day: number): number {
  const wantedMs = day * dayMs
  // Either side of a change of the clocks; the earlier of those that show this day.
  const guesses = [wantedMs - dayMs, wantedMs + dayMs].map(near => wantedMs - offsetMs(zone, near))
  const within = guesses.filter(tMs => dayOf(zone, tMs) === day && dayOf(zone, tMs - 1) === day - 1)
  if (within.length > 0) return Math.min(...within)
  // Midnight does not exist.
  return beginningNear(wantedMs, tMs => dayOf(zone, tMs) >= day)
}

// 2026-11-25, as it is written everywhere.
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

// Undefined where it is no day of the calendar, like 2026-02-30.
export function readDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const tMs = Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(tMs)) return undefined
  const day = tMs / dayMs
  return dayText(day) === text ? day : undefined
}

// Sunday is 0.
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7

// 2026-11.
export const monthText = (day: number): string => dayText(day).slice(0, 7)

// The last day of the month after the one in which the day lies: how far a monthly request looks.
export function endOfNextMonth(day: number): number {
  const at = new Date(day * dayMs)
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 2, 0) / dayMs
}

// The month that is planned for on a day: the next one.
export const plannedMonth = (day: number): string => monthText(endOfNextMonth(day))

// The hour of the day that the clocks show, 0 to 23.
export const hourOf = (zone: string, tMs: number): number => Math.floor(localTime(zone, tMs).minuteOfDay / 60)
