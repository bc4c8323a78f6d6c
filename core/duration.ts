// How long is `1h30m`? Prometheus' notation for durations, both ways. Called by whoever reads a duration that a
// person wrote (configuration, rules, queries) or shows one.
import { Failure } from './errors.ts'

// Large to small. Years and weeks are written only when nothing remains: 90d reads better than 12w6d.
const units = [
  { unit: 'y', ms: 365 * 86_400_000, onlyExact: true },
  { unit: 'w', ms: 7 * 86_400_000, onlyExact: true },
  { unit: 'd', ms: 86_400_000, onlyExact: false },
  { unit: 'h', ms: 3_600_000, onlyExact: false },
  { unit: 'm', ms: 60_000, onlyExact: false },
  { unit: 's', ms: 1_000, onlyExact: false },
  { unit: 'ms', ms: 1, onlyExact: false },
] as const

// Each unit at most once, from large to small; a bare 0 needs none.
export const durationPattern = new RegExp(
  `^(?:0|(?=\\d)${units.map(({ unit }) => `(?:(\\d+)${unit})?`).join('')})$`,
)

// Prometheus counts nanoseconds in 64 bits: 292 years.
const longestMs = 9_223_372_036_854

// Nothing when the text is no duration.
export function readDuration(text: string): number | undefined {
  const parts = durationPattern.exec(text)
  if (parts === null) return undefined
  const ms = units.reduce((sum, each, at) => sum + Number(parts[at + 1] ?? 0) * each.ms, 0)
  return ms <= longestMs ? ms : undefined
}

export function durationMs(text: string): number {
  const ms = readDuration(text)
  if (ms !== undefined) return ms
  throw new Failure(
    'bad_duration',
    `${JSON.stringify(text)} is not a duration: wanted numbers with units from large to small, like 10s, 5m or 1h30m`,
  )
}

export function durationText(durationMs: number): string {
  if (!Number.isSafeInteger(durationMs) || durationMs < 0) {
    throw new RangeError(`durationText wants whole milliseconds from 0 up, found ${durationMs}`)
  }
  if (durationMs === 0) return '0s'
  let text = ''
  let leftMs = durationMs
  for (const { unit, ms, onlyExact } of units) {
    if (leftMs < ms || (onlyExact && leftMs % ms !== 0)) continue
    text += `${Math.floor(leftMs / ms)}${unit}`
    leftMs %= ms
  }
  return text
}
