// What a schedule of cron means, and whether a text is one: both are asked of node-cron, of which this is the only importer.
// Called by the schema of the key `capacity` and by monthly.ts.
import { createTask, parse, schedule as ringAt } from 'node-cron'
import type { Timetable } from './due.ts'

export type OpenBell = (schedule: string, zone: string, ring: () => void) => Readonly<{ stop(): void }>

const dayMs = 86_400_000

// Throws where it is no schedule; that of the configuration is one.
export function timetableOf(schedule: string): Timetable {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(schedule)
  // Asked at noon of UTC, it answers for the day alone, with all that cron knows of last days and weekdays.
  const day = createTask(`0 0 12 ${dayOfMonth} ${month} ${dayOfWeek}`, () => {}, { timezone: 'UTC' })
  // It is only asked, and not to be kept in node-cron's list of what runs.
  void day.destroy()
  const isDay = (each: number): boolean => day.match(new Date((each + 0.5) * dayMs))
  return { isDay, hours: hour, minutes: minute, seconds: second }
}

const fieldsWanted = 'five fields of cron (minute, hour, day, month, weekday), like 0 9 25 * *'
const oneOfBothWanted =
  'a day of the month or a weekday, and * for the other: cron programs disagree on whether both must fit'

// What is wanted in its place; undefined: nothing, it is one.
export function scheduleFault(text: string): string | undefined {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== 5) return fieldsWanted
  try {
    timetableOf(text)
  } catch (error) {
    return `${fieldsWanted}; ${(error as Error).message}`
  }
  const isAny = (field: string | undefined): boolean => field === '*' || field === '?'
  return isAny(fields[2]) || isAny(fields[4]) ? undefined : oneOfBothWanted
}

// It says what it missed, which is for monthly.ts to find out.
export const cronBell: OpenBell = (schedule, zone, ring) => {
  const task = ringAt(schedule, ring, { timezone: zone, unref: true, suppressMissedWarning: true })
  return { stop: () => void task.destroy() }
}
