// What a cell of a file says: a number, or a moment in any of the forms that tools write. Called by the readers of this
// folder.
import { offsetMs } from '#core/zone.ts'
import { readDay } from '../days.ts'

export const numberWanted = 'a number with a decimal point, like 1234.5'
export const momentWanted =
  'a time: seconds or milliseconds since 1970, 2026-11-20T08:00:00Z, or 2026-11-20 08:00'

export const pastWanted = 'a time that is past'

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
// How tools write that there is nothing.
const nothing = new Set(['', 'nan', 'null', '\\n', 'n/a', '-'])

// NaN: there is none. Undefined: it is something else.
export function readNumber(cell: string): number | undefined {
  const text = cell.trim()
  if (!number.test(text)) return nothing.has(text.toLowerCase()) ? Number.NaN : undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

// Since September 2001: what has fewer digits may be a day and a time without anything between them, like 202611200800.
const epochSeconds = /^\d{10}(?:\.\d+)?$/
const epochMs = /^\d{13}$/
// The year first; Excel writes 2026/9/5 8:00, and in China 2026年9月5日.
const writtenDay = String.raw`(\d{4})[-/.年](\d\d?)[-/.月](\d\d?)日?`
const date = new RegExp(`^${writtenDay}$`)
const written = new RegExp(
  `^${writtenDay}(?:[T ](\\d\\d?):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?)?\\s*(Z|UTC|[+-]\\d\\d(?::?\\d\\d)?)?$`,
)

// Without a time it is the same day in every zone.
export function readDate(cell: string): number | undefined {
  const [, year = '', month = '', day = ''] = date.exec(cell.trim()) ?? []
  return readDay([year, month.padStart(2, '0'), day.padStart(2, '0')].join('-'))
}

export function readMoment(cell: string, zone: string): number | undefined {
  const text = cell.trim()
  if (epochSeconds.test(text)) return Math.round(Number(text) * 1_000)
  if (epochMs.test(text)) return Number(text)
  const found = written.exec(text)
  if (found === null) return undefined
  const [year, month, day, hour, minute, second] = found
    .slice(1, 7)
    .map(each => Number(each ?? 0)) as number[]
  if (year! < 1970 || hour! > 23 || minute! > 59 || second! > 59) return undefined
  const asUtcMs =
    Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) +
    Number((found[7] ?? '').padEnd(3, '0').slice(0, 3))
  // A day that no month has rolls over into the next.
  const there = new Date(asUtcMs)
  if (there.getUTCMonth() !== month! - 1 || there.getUTCDate() !== day!) return undefined
  const offset = found[8]
  if (offset === undefined) return asUtcMs - offsetMs(zone, asUtcMs - offsetMs(zone, asUtcMs))
  return asUtcMs - shiftMs(offset)
}

function shiftMs(offset: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? []
  if (sign === undefined) return 0
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000
  return sign === '-' ? -ms : ms
}
