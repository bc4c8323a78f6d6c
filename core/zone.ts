// What the clocks of a place show at an instant. By Intl, which knows the time zones of the IANA list; called by
// whoever says when something is in people's time: mute times, messages, days of capacity.

const offsets = new Map<string, (atMs: number) => number>()
const offsetsMax = 1_000
// Clocks are put forward and back on quarters of an hour, in all zones since 1972.
const quarterMs = 15 * 60_000

// Added to an instant, this gives what the clocks show.
export function offsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC') return 0
  const known = offsets.get(zone) ?? openZone(zone)
  offsets.set(zone, known)
  return known(atMs)
}

// Asking Intl takes microseconds, and the same quarter is asked about again and again.
function openZone(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const found = new Map<number, number>()
  return atMs => {
    const quarter = Math.floor(atMs / quarterMs)
    const known = found.get(quarter)
    if (known !== undefined) return known
    if (found.size >= offsetsMax) found.clear()
    const offset = readOffset(format, quarter * quarterMs)
    found.set(quarter, offset)
    return offset
  }
}

// `GMT`, `GMT+05:30`, and seconds long ago.
function readOffset(format: Intl.DateTimeFormat, atMs: number): number {
  const text = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes, seconds = 0] = /([+-])(\d+):(\d+)(?::(\d+))?/.exec(text) ?? []
  if (sign === undefined) return 0
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
  return sign === '-' ? -ms : ms
}

// Months and days from 1, Sunday is 0.
export type LocalTime = Readonly<{
  year: number
  month: number
  day: number
  weekday: number
  minuteOfDay: number
  daysInMonth: number
}>

export function localTime(zone: string, atMs: number): LocalTime {
  const shown = new Date(atMs + offsetMs(zone, atMs))
  const [year, month] = [shown.getUTCFullYear(), shown.getUTCMonth() + 1]
  return {
    year,
    month,
    day: shown.getUTCDate(),
    weekday: shown.getUTCDay(),
    minuteOfDay: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
    daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  }
}

// The calendar month of an instant, from its first instant to that of the next.
export function monthOf(zone: string, atMs: number): Readonly<{ startMs: number; endMs: number }> {
  const nth = monthNumber(zone, atMs)
  return { startMs: monthStartMs(zone, nth), endMs: monthStartMs(zone, nth + 1) }
}

const dayMs = 86_400_000

function monthNumber(zone: string, atMs: number): number {
  const { year, month } = localTime(zone, atMs)
  return year * 12 + month - 1
}

const monthStartMs = (zone: string, nth: number): number =>
  beginningNear(Date.UTC(Math.floor(nth / 12), nth % 12), atMs => monthNumber(zone, atMs) >= nth)

// The first instant of a day or a month whose midnight may not exist: found between what is before and what is after it.
export function beginningNear(nearMs: number, hasBegun: (atMs: number) => boolean): number {
  let [before, after] = [nearMs - 2 * dayMs, nearMs + 2 * dayMs]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (hasBegun(middle)) after = middle
    else before = middle
  }
  return after
}
