// The words that are put together to a Flux script. Whatever a user typed goes through fluxString, so that it stays a
// text. Called by wanted.ts and scripts.ts.
import type { Range } from '../../store.ts'

// Flux has names for some characters; `${` would begin an expression. Ends in the same quote it began with, always.
export const fluxString = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand in a script as they are
  `"${text.toWellFormed().replace(/["\\]|\$\{|[\x00-\x1f\x7f\u0085\u2028\u2029\ufeff]/g, escaped)}"`

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(found: string): string {
  if (/^["\\$]/.test(found)) return `\\${found}`
  const bytes = [...Buffer.from(found)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`)
  return named[found] ?? bytes.join('')
}

// What InfluxDB can count in nanoseconds of 64 bits.
const earliestMs = -9_223_372_036_854
const latestMs = 9_223_372_036_854

// The end of a range belongs to ours, and not to Flux's.
const endsOf = ({ fromMs, toMs }: Range): [number, number] => [
  Math.max(earliestMs, Math.ceil(fromMs)),
  Math.min(latestMs, Math.floor(toMs) + 1),
]

// Flux refuses to look into one.
export const isEmptyRange = (range: Range): boolean => {
  const [start, stop] = endsOf(range)
  return !(start < stop)
}

export function fluxRange(range: Range): string {
  const [start, stop] = endsOf(range)
  return `range(start: ${fluxTime(start)}, stop: ${fluxTime(stop)})`
}

const fluxTime = (ms: number): string => new Date(ms).toISOString()

export const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 1 ? conditions[0]! : `(${conditions.join(' or ')})`
