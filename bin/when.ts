// Which moment does a person mean by `-1h`, `08:00` or `2026-11-20T08:00`, and how is a moment shown? Both in the
// zone of the machine. Called by commands that take or show times.
import { readDuration } from '#core/duration.ts'

export type Now = Readonly<{ nowMs: number; timeZone: string }>

export const timeWanted =
  'now, back from now like -1h, 08:00, 2026-11-20, 2026-11-20T08:00 or seconds since 1970'

const date = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?)?(Z|[+-]\d\d:?\d\d)?$/
const clock = /^(\d\d?):(\d\d)(?::(\d\d))?$/

// Nothing when the text is no time.
export function readTime(text: string, { nowMs, timeZone }: Now): number | undefined {
  if (text === 'now') return nowMs
  if (text.startsWith('-')) {
    const backMs = readDuration(text.slice(1))
    return backMs === undefined ? undefined : nowMs - backMs
  }
  // Milliseconds since 1970 have had thirteen digits since 2001.
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1_000)
  if (/^\d{12,13}$/.test(text)) return Number(text)
  const today = clock.exec(text)
  if (today !== null) {
    const day = partsOf(nowMs, timeZone)
    return moment([day.year, day.month, day.day, ...numbers(today.slice(1))], undefined, timeZone)
  }
  const found = date.exec(text)
  if (found === null) return undefined
  const fraction = (found[7] ?? '').padEnd(3, '0')
  return moment([...numbers(found.slice(1, 7)), Number(fraction)], found[8], timeZone)
}

const numbers = (texts: readonly (string | undefined)[]): number[] => texts.map(text => Number(text ?? 0))

function moment(parts: readonly number[], offset: string | undefined, timeZone: string): number | undefined {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = parts
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const asUtcMs = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  // A day that no month has rolls over into the next.
  if (new Date(asUtcMs).getUTCDate() !== day || month < 1 || month > 12) return undefined
  if (offset === undefined) return asUtcMs - offsetMs(asUtcMs - offsetMs(asUtcMs, timeZone), timeZone)
  if (offset === 'Z') return asUtcMs
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(offset) ?? []
  const shiftMs = (Number(hours) * 60 + Number(minutes)) * 60_000
  return sign === '-' ? asUtcMs + shiftMs : asUtcMs - shiftMs
}

type Parts = Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>>

const formats = new Map<string, Intl.DateTimeFormat>()

function partsOf(tMs: number, timeZone: string): Parts {
  const known = formats.get(timeZone)
  const two = '2-digit'
  const format =
    known ??
    new Intl.DateTimeFormat('en', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    })
  if (known === undefined) formats.set(timeZone, format)
  return Object.fromEntries(
    format.formatToParts(tMs).map(({ type, value }) => [type, Number(value)]),
  ) as unknown as Parts
}

// How far the zone's clocks are ahead of UTC then.
function offsetMs(tMs: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = partsOf(tMs, timeZone)
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(tMs / 1_000) * 1_000
}

// 2026-11-20 08:00:00, and the milliseconds where there are any.
export function timeText(tMs: number, timeZone: string): string {
  const { year, month, day, hour, minute, second } = partsOf(tMs, timeZone)
  const two = (value: number): string => String(value).padStart(2, '0')
  const ms = tMs % 1_000 === 0 ? '' : `.${String(((tMs % 1_000) + 1_000) % 1_000).padStart(3, '0')}`
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}${ms}`
}
