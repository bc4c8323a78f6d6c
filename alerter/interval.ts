// When is it office time, or night? A time interval as Alertmanager means it: each part that is stated must hold. Asked by
// the timeline, for routes that are mute or active by the clock.
import { localTime, offsetMs } from '#core/zone.ts'

// Both ends are included.
export type Range = Readonly<{ from: number; to: number }>

// What is left out holds always; an empty list never does.
export type Interval = Readonly<{
  // Minutes of the day; here the end is not included, and 1440 is midnight.
  times?: readonly Range[]
  // Sunday is 0.
  weekdays?: readonly Range[]
  // Negative ones count from the end of the month; -1 is its last day.
  daysOfMonth?: readonly Range[]
  months?: readonly Range[]
  years?: readonly Range[]
  // Of the IANA list.
  zone: string
}>

export function isWithin(interval: Interval, atMs: number): boolean {
  const { year, month, day, weekday, minuteOfDay, daysInMonth } = localTime(interval.zone, atMs)
  const { times, daysOfMonth } = interval
  return (
    holds(interval.years, year) &&
    holds(interval.months, month) &&
    holds(interval.weekdays, weekday) &&
    (daysOfMonth === undefined || daysOfMonth.some(each => hasDay(each, day, daysInMonth))) &&
    (times === undefined || times.some(({ from, to }) => minuteOfDay >= from && minuteOfDay < to))
  )
}

const holds = (ranges: readonly Range[] | undefined, value: number): boolean =>
  ranges === undefined || ranges.some(({ from, to }) => value >= from && value <= to)

const hasDay = ({ from, to }: Range, day: number, daysInMonth: number): boolean => {
  const fromEnd = (each: number): number => (each < 0 ? daysInMonth + each + 1 : each)
  return day >= fromEnd(from) && day <= fromEnd(to)
}

const minuteMs = 60_000
const dayMinutes = 24 * 60
const aheadMs = 35 * dayMinutes * minuteMs

// The first minute after `atMs` at which it begins or ends. What is not found within five weeks is to be asked for then,
// so the answer is never too late.
export function nextChangeMs(interval: Interval, atMs: number): number {
  const was = isWithin(interval, atMs)
  const ends = [...(interval.times ?? []).flatMap(({ from, to }) => [from, to]), dayMinutes].sort(
    (a, b) => a - b,
  )
  let nextMs = atMs
  while (nextMs < atMs + aheadMs) {
    nextMs = nextEdgeMs(interval.zone, nextMs, ends)
    if (isWithin(interval, nextMs) !== was) return nextMs
  }
  return nextMs
}

// The next of the minutes of the day at which anything could change, or the instant at which the clocks are changed.
function nextEdgeMs(zone: string, atMs: number, ends: readonly number[]): number {
  const { minuteOfDay } = localTime(zone, atMs)
  const end = ends.find(each => each > minuteOfDay) ?? dayMinutes
  const offset = offsetMs(zone, atMs)
  const minuteStartMs = Math.floor((atMs + offset) / minuteMs) * minuteMs - offset
  const edgeMs = minuteStartMs + (end - minuteOfDay) * minuteMs
  if (offsetMs(zone, edgeMs) === offset) return edgeMs
  let [before, after] = [Math.floor(atMs / minuteMs), Math.ceil(edgeMs / minuteMs)]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetMs(zone, middle * minuteMs) === offset) before = middle
    else after = middle
  }
  return after * minuteMs
}
