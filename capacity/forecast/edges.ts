// From what is likely and how wrong it may be to what is handed out: three numbers a day, and the days on which the limit
// is met. Inner loops: bench/capacity.ts holds them to 0.1 s for 10 000 lines. Called by finish.ts, for every line.
import type { Forecast } from '../forecast.ts'
import { type Band, daysAhead } from './bands.ts'

export type Curve = Readonly<{
  // What is likely, from the first day on; beyond it the line goes on straight; null: it is straight from the first day on.
  ahead: Float64Array | null
  level: number
  slope: number
  // In the line's own unit, where `growth` is 1.
  band: Band
  // How much wider it is, by days ahead.
  growth: Float64Array
  // What no forecast goes below.
  least: number
  // By what each day is multiplied; null: none is.
  factors: Float64Array | null
}>

export type Drawn = Pick<Forecast, 'likely' | 'low' | 'high'>

// Fills what it is given.
export function draw(curve: Curve, drawn: Drawn): void {
  const { ahead, level, slope, least, factors, growth } = curve
  const { low, high } = curve.band
  const days = drawn.likely.length
  for (let at = 0; at < days; at++) {
    const likely = ahead === null ? level + slope * (at + 1) : ahead[at]!
    const factor = factors === null ? 1 : factors[at]!
    const wide = growth[at + 1]!
    const middle = likely * factor
    const lower = (likely + low * wide) * factor
    const upper = (likely + high * wide) * factor
    drawn.likely[at] = Math.max(least, middle)
    drawn.low[at] = Math.max(least, lower)
    drawn.high[at] = Math.max(least, upper)
  }
}

// The upper edge comes first, the lower last.
export function meetings(curve: Curve, atMost: number, firstDay: number): Forecast['meets'] {
  const none = { earlyDay: null, likelyDay: null, lateDay: null }
  if (!Number.isFinite(atMost)) return none
  // What uses nothing meets no limit: not even that of a pool in which nothing is yet.
  const limit = Math.max(atMost, curve.least + Number.MIN_VALUE)
  const meeting = curve.ahead === null && curve.factors === null ? leaping : walking
  const early = meeting(curve, limit, curve.band.high, 0)
  if (early === daysAhead) return none
  const likely = meeting(curve, limit, 0, early)
  const late = likely === daysAhead ? daysAhead : meeting(curve, limit, curve.band.low, likely)
  const dayOf = (at: number): number | null => (at === daysAhead ? null : firstDay + at)
  return { earlyDay: dayOf(early), likelyDay: dayOf(likely), lateDay: dayOf(late) }
}

// The first day, not before `from`, on which an edge is at the limit; daysAhead: none is.
function walking(curve: Curve, limit: number, edge: number, from: number): number {
  const { ahead, factors, level, slope, growth } = curve
  for (let at = from; at < daysAhead; at++) {
    const likely = ahead !== null && at < ahead.length ? ahead[at]! : level + slope * (at + 1)
    const value = likely + edge * growth[at + 1]!
    if ((factors === null ? value : value * factors[at]!) >= limit) return at
  }
  return daysAhead
}

// The same of a straight line, in a few steps instead of hundreds. A band grows by less each day or by more each day, so what
// an edge can rise today or on the last day is the most that it can rise on any day between:
//
//   rise = slope + max(0, edge) · max(g(h + 1) − g(h), g(last + 1) − g(last))     no day within (limit − value) / rise
//                                                                                 meets the limit
//
// They are leapt over, but for one, which is left to rounding. Newton's method, from below.
function leaping({ level, slope, growth }: Curve, limit: number, edge: number, from: number): number {
  const lastStep = growth[daysAhead + 1]! - growth[daysAhead]!
  for (let at = from; at < daysAhead; ) {
    const value = level + slope * (at + 1) + edge * growth[at + 1]!
    if (value >= limit) return at
    const rise = slope + Math.max(0, edge) * Math.max(growth[at + 2]! - growth[at + 1]!, lastStep)
    if (!(rise > 0)) return daysAhead
    at += Math.max(1, Math.floor((limit - value) / rise) - 1)
  }
  return daysAhead
}
