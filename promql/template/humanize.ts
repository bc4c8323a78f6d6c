// Numbers for people, as Prometheus writes them: 1.235M, 1Mi, 1d 2h 3m 4s, 12.35%. Called by alert-functions.ts and
// usable for the functions of other templates.
import { isDuration } from './duration.ts'
import { formatFloat } from './format-float.ts'
import { readFloat } from './number-literal.ts'
import { CallRefused } from './state.ts'
import { timeText, timeValue } from './time.ts'
import { type Time, typeName, type Value } from './value.ts'

// Four digits, as %.4g.
const short = (value: number): string => formatFloat(value, 'g', 4)

// Numbers, and texts that are one.
export function toNumber(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (isDuration(value) && !value.shape.pointer) return Number(value.value) / 1e9
  if (typeof value !== 'string') throw new CallRefused(`can't convert ${typeName(value)} to float`)
  const number = readFloat(value)
  const parsing = `strconv.ParseFloat: parsing ${JSON.stringify(value)}`
  if (number === undefined) throw new CallRefused(`${parsing}: invalid syntax`)
  if (!Number.isFinite(number) && /\d/.test(value)) throw new CallRefused(`${parsing}: value out of range`)
  return number
}

const large = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
const binary = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']
const tiny = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']

function scaledDown(value: number, by: number, prefixes: readonly string[]): string {
  let prefix = ''
  for (const each of prefixes) {
    if (Math.abs(value) < by) break
    prefix = each
    value /= by
  }
  return short(value) + prefix
}

function scaledUp(value: number): string {
  let prefix = ''
  for (const each of tiny) {
    if (Math.abs(value) >= 1) break
    prefix = each
    value *= 1_000
  }
  return short(value) + prefix
}

export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return short(value)
  return Math.abs(value) >= 1 ? scaledDown(value, 1_000, large) : scaledUp(value)
}

export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return short(value)
  return scaledDown(value, 1_024, binary)
}

export const humanizePercentage = (value: number): string => `${short(value * 100)}%`

export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return short(seconds)
  if (seconds === 0) return `${short(seconds)}s`
  if (Math.abs(seconds) < 1) return `${scaledUp(seconds)}s`
  const sign = seconds < 0 ? '-' : ''
  const size = Math.abs(seconds)
  const whole = BigInt(Math.floor(size))
  const [days, hours, minutes, rest] = [
    whole / 86_400n,
    (whole / 3_600n) % 24n,
    (whole / 60n) % 60n,
    whole % 60n,
  ]
  if (days > 0n) return `${sign}${days}d ${hours}h ${minutes}m ${rest}s`
  if (hours > 0n) return `${sign}${hours}h ${minutes}m ${rest}s`
  return minutes > 0n ? `${sign}${minutes}m ${rest}s` : `${sign}${short(size)}s`
}

export function toTime(seconds: number): Time {
  if (!Number.isFinite(seconds)) throw new CallRefused('value is NaN or Inf')
  const ns = seconds * 1e9
  if (ns > 2 ** 63 || ns < -(2 ** 63)) {
    const what = 'cannot be represented as a nanoseconds timestamp since it overflows int64'
    throw new CallRefused(`${formatFloat(seconds, 'g')} ${what}`)
  }
  return timeValue(Number(BigInt(Math.trunc(ns)) / 1_000_000n))
}

export const humanizeTimestamp = (seconds: number): string =>
  Number.isFinite(seconds) ? timeText(toTime(seconds).tMs) : short(seconds)
