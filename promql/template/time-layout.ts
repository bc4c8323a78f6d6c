// How Go writes a time by a layout, which shows the reference time: Mon Jan 2 15:04:05 MST 2006. In UTC where nobody
// names a zone. Called by time.ts.
import type { Zone } from './value.ts'

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

export const monthName = (month: number): string => months[month - 1] ?? `%!Month(${month})`
export const dayName = (day: number): string => days[day] ?? `%!Weekday(${day})`

export type Parts = Readonly<{
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  // Milliseconds of the second.
  ms: number
  weekday: number
  yearDay: number
}>

const dayMs = 86_400_000

// As the clocks of the zone show it.
export function partsOf(atMs: number, zone?: Zone): Parts {
  const tMs = atMs + (zone?.offsetMs(atMs) ?? 0)
  const date = new Date(tMs)
  const year = date.getUTCFullYear()
  const start = new Date(0)
  start.setUTCFullYear(year, 0, 1)
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    ms: date.getUTCMilliseconds(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((tMs - start.getTime()) / dayMs) + 1,
  }
}

// `Jan` and `Mon` are words only where no small letter follows. The longest comes first.
const chunk =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|01|02|03|04|05|06|2006|__2|_2(?!006)|15|1|2|3|4|5|PM|pm|[-Z]07:00:00|[-Z]070000|[-Z]07:00|[-Z]0700|[-Z]07|[.,](?:0+|9+)(?!\d)/g

const two = (value: number): string => String(value).padStart(2, '0')
const twelve = (hour: number): number => hour % 12 || 12

const written: Readonly<Record<string, (parts: Parts) => string>> = {
  January: ({ month }) => monthName(month),
  Jan: ({ month }) => monthName(month).slice(0, 3),
  Monday: ({ weekday }) => dayName(weekday),
  Mon: ({ weekday }) => dayName(weekday).slice(0, 3),
  '2006': ({ year }) => (year < 0 ? '-' : '') + String(Math.abs(year)).padStart(4, '0'),
  '06': ({ year }) => two(Math.abs(year) % 100),
  '01': ({ month }) => two(month),
  '1': ({ month }) => String(month),
  '02': ({ day }) => two(day),
  _2: ({ day }) => String(day).padStart(2),
  '2': ({ day }) => String(day),
  '002': ({ yearDay }) => String(yearDay).padStart(3, '0'),
  __2: ({ yearDay }) => String(yearDay).padStart(3),
  '15': ({ hour }) => two(hour),
  '03': ({ hour }) => two(twelve(hour)),
  '3': ({ hour }) => String(twelve(hour)),
  '04': ({ minute }) => two(minute),
  '4': ({ minute }) => String(minute),
  '05': ({ second }) => two(second),
  '5': ({ second }) => String(second),
  PM: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  pm: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
}

export function formatTime(tMs: number, layout: string, zone?: Zone): string {
  const parts = partsOf(tMs, zone)
  const offsetMs = zone?.offsetMs(tMs) ?? 0
  return layout.replaceAll(chunk, (found, at: number) => {
    const write = written[found]
    if (write !== undefined) return write(parts)
    if (found === 'MST') return zone?.abbreviation(tMs) ?? 'UTC'
    if (found.startsWith('Z') && offsetMs === 0) return 'Z'
    if (/^[Z-]/.test(found)) return offsetText(offsetMs, found)
    return fraction(parts, found, layout[at - 1])
  })
}

// `+0530`, `+05:30`, `+05`, as the layout has it.
function offsetText(offsetMs: number, layout: string): string {
  const seconds = Math.abs(Math.round(offsetMs / 1_000))
  const numbers = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map(each => two(Math.floor(each)))
  const colon = layout.includes(':') ? ':' : ''
  const count = layout.replaceAll(/[^07]/g, '').length / 2
  return (offsetMs < 0 ? '-' : '+') + numbers.slice(0, count).join(colon)
}

// `.000` shows all its places, `.999` none that are zero at the end. A comma or point counts behind seconds only
// when nines or zeros follow, which the pattern has seen.
function fraction({ ms }: Parts, found: string, _before: string | undefined): string {
  const places = found.length - 1
  const digits = String(ms).padStart(3, '0').padEnd(places, '0').slice(0, places)
  if (found[1] === '0') return found[0] + digits
  const short = digits.replace(/0+$/, '')
  return short === '' ? '' : found[0] + short
}
