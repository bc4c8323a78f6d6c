// When it was and how long it took, as a person in that time zone says it. Called by fields.ts and for SMS.
import type { Tongue } from './tongue.ts'

type Zone = Readonly<{ timeZone: string; atMs: number }>

// Making one takes longer than a message may.
const known = new Map<string, Intl.DateTimeFormat>()
const knownMax = 100

function formatOf(timeZone: string, locale: string, kind: 'day' | 'hour'): Intl.DateTimeFormat {
  const key = `${kind} ${locale} ${timeZone}`
  const found = known.get(key)
  if (found !== undefined) return found
  const made = new Intl.DateTimeFormat(locale, {
    timeZone,
    ...(kind === 'day'
      ? { year: 'numeric', month: 'short', day: 'numeric' }
      : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  })
  if (known.size >= knownMax) known.clear()
  known.set(key, made)
  return made
}

// `03:12`, with the day where it is not the same one, with the year where it is not the same one.
export function momentText(tMs: number, { timeZone, atMs }: Zone, { locale }: Tongue): string {
  const hour = formatOf(timeZone, locale, 'hour').format(tMs)
  const days = formatOf(timeZone, locale, 'day')
  const [day, today] = [days.formatToParts(tMs), days.formatToParts(atMs)]
  const textOf = (parts: Intl.DateTimeFormatPart[]): string => parts.map(({ value }) => value).join('')
  if (textOf(day) === textOf(today)) return hour
  const year = (parts: Intl.DateTimeFormatPart[]): string =>
    parts.find(({ type }) => type === 'year')?.value ?? ''
  const isSameYear = year(day) === year(today)
  const said = isSameYear
    ? textOf(day)
        .replace(year(day), '')
        .replace(/^年|^\s+|\s+$/g, '')
    : textOf(day)
  return `${said} ${hour}`
}

// The two largest units that count.
export function lengthText(durationMs: number, { units }: Tongue): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000))
  if (seconds < 60) return `${seconds}${units.second}`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}${units.minute}`
  const hours = Math.floor(minutes / 60)
  const pair = (large: string, rest: number, small: string): string =>
    rest === 0 ? large : `${large} ${rest}${small}`
  if (hours < 24) return pair(`${hours}${units.hour}`, minutes % 60, units.minute)
  return pair(`${Math.floor(hours / 24)}${units.day}`, hours % 24, units.hour)
}
