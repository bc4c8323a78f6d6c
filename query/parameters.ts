// What a caller may say in the query API, read to the letter as Prometheus reads it: times, durations, limits,
// selectors. Whatever is no such thing is refused in its words. Called by the routes.
import { readDuration } from '#core/duration.ts'
import { Failure } from '#core/errors.ts'
import { readAs, refuse } from '#core/http/prometheus-refusal.ts'
import type { Matcher } from '#core/model.ts'
import type { Range } from '#core/store.ts'
import { parseSelector } from '#promql/parse-selector.ts'

type Said = string | undefined

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const date = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
// Prometheus' own ends of all time.
const ends: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': Number.NEGATIVE_INFINITY,
  '292277025-08-18T07:12:54.999999999Z': Number.POSITIVE_INFINITY,
}
// As far as dates go. Nothing that can be asked for lies beyond.
const farthestMs = 8_640_000_000_000_000

// A 30th of February is refused, which Date.parse takes for the 2nd of March.
function readDate(said: string): number {
  const [, day = ''] = date.exec(said) ?? []
  const midnightMs = Date.parse(day)
  if (Number.isNaN(midnightMs) || !new Date(midnightMs).toISOString().startsWith(day)) return Number.NaN
  return Date.parse(said)
}

// What is behind the point is rounded by itself, and away from zero, as Go does it: 1.0005 is 1.
function millisOf(seconds: number): number {
  const whole = Math.trunc(seconds)
  const part = (seconds - whole) * 1_000
  return whole * 1_000 + Math.sign(part) * Math.round(Math.abs(part))
}

function readTime(said: string): number {
  const isNumber = number.test(said)
  const tMs = isNumber ? millisOf(Number(said)) : (ends[said] ?? readDate(said))
  // Go has no number beyond 1e308 either.
  if (Number.isNaN(tMs) || (isNumber && !Number.isFinite(Number(said))))
    throw new RangeError(`cannot parse ${JSON.stringify(said)} to a valid timestamp`)
  return Math.min(farthestMs, Math.max(-farthestMs, tMs))
}

// One that has to be there.
export function timeOf(name: string, said: Said): number {
  try {
    return readTime(said ?? '')
  } catch (error) {
    throw refuse(name, (error as RangeError).message)
  }
}

export function timeOr(name: string, said: Said, otherwiseMs: number): number {
  if (said === undefined) return otherwiseMs
  try {
    return readTime(said)
  } catch (error) {
    throw refuse(name, `invalid time value for '${name}': ${(error as RangeError).message}`)
  }
}

// Left out: all of time.
export const rangeOf = ({ start, end }: Readonly<{ start: Said; end: Said }>): Range => ({
  fromMs: timeOr('start', start, -farthestMs),
  toMs: timeOr('end', end, farthestMs),
})

// Go counts nanoseconds in 64 bits.
const longestS = 9_223_372_036

// Seconds, or a duration like 5m.
function readSpan(said: string): number {
  const quoted = JSON.stringify(said)
  if (number.test(said)) {
    const seconds = Number(said)
    if (Math.abs(seconds) <= longestS) return Math.trunc(seconds * 1_000)
    throw new RangeError(`cannot parse ${quoted} to a valid duration. It overflows int64`)
  }
  const ms = readDuration(said)
  if (ms === undefined) throw new RangeError(`cannot parse ${quoted} to a valid duration`)
  return ms
}

export function spanOf(name: string, said: Said): number {
  try {
    return readSpan(said ?? '')
  } catch (error) {
    throw refuse(name, (error as RangeError).message)
  }
}

export function lookbackOf(said: Said): number | undefined {
  if (said === undefined) return undefined
  try {
    return readSpan(said)
  } catch (error) {
    const what = `error parsing lookback delta duration: ${(error as RangeError).message}`
    throw new Failure('bad_request', what)
  }
}

// How many may be in the answer.
export function limitOf(said: Said): number {
  if (said === undefined) return Number.POSITIVE_INFINITY
  const limit = /^[+-]?\d+$/.test(said) ? Number(said) : Number.NaN
  if (Number.isNaN(limit))
    throw refuse('limit', `strconv.Atoi: parsing ${JSON.stringify(said)}: invalid syntax`)
  if (Math.abs(limit) >= 2 ** 63)
    throw refuse('limit', `strconv.Atoi: parsing ${JSON.stringify(said)}: value out of range`)
  if (limit < 0) throw refuse('limit', 'limit must be non-negative')
  return limit === 0 ? Number.POSITIVE_INFINITY : limit
}

// Each is a selector; a series has to meet one of them.
export const selectorsOf = (said: readonly string[], name?: string): (readonly Matcher[])[] =>
  said.map(each => readAs(name, () => parseSelector(each)))
