// From what is likely and how wrong it may be to what is handed out: three numbers a day, and the days on which the limit
// is met. Inner loops: bench/capacity.ts holds them to 0.1 s for 10 000 lines. Called by finish.ts, for every line.
import type { Forecast } from '../forecast.ts'
import { type Band, daysAhead, growth } from './bands.ts'

export type Curve = Readonly<{
  // What is likely, from the first day on; beyond it the line goes on straight.
  ahead: Float64Array
  level: number
  slope: number
  // In the line's own unit, a day ahead.
  band: Band
  // What no forecast goes below.
  least: number
  // By what each day is multiplied; null: none is.
  factors: Float64Array | null
}>

// Writes into `room`, three times as long as the horizon: likely, low and high.
export function draw({ ahead, band, least, factors }: Curve, room: Float64Array): void {
  const days = room.length / 3
  const [low, high] = [band.low, band.high]
  for (let at = 0; at < days; at++) {
    const likely = ahead[at]!
    const factor = factors === null ? 1 : factors[at]!
    const wide = growth[at + 1]!
    const middle = likely * factor
    const lower = (likely + low * wide) * factor
    const upper = (likely + high * wide) * factor
    room[at] = middle < least ? least : middle
    room[days + at] = lower < least ? least : lower
    room[2 * days + at] = upper < least ? least : upper
  }
}

// The upper edge comes first, the lower last.
export function meetings(curve: Curve, limit: number, firstDay: number): Forecast['meets'] {
  const { ahead, band, factors, level, slope } = curve
  const none = { earlyDay: null, likelyDay: null, lateDay: null }
  if (!Number.isFinite(limit)) return none
  // A line that is never below it meets every such limit at once.
  if (limit <= curve.least) return { earlyDay: firstDay, likelyDay: firstDay, lateDay: firstDay }
  const meeting = (edge: number, from: number): number => {
    for (let at = from; at < daysAhead; at++) {
      const likely = at < ahead.length ? ahead[at]! : level + slope * (at + 1)
      const value = likely + edge * growth[at + 1]!
      if ((factors === null ? value : value * factors[at]!) >= limit) return at
    }
    return daysAhead
  }
  const early = meeting(band.high, 0)
  if (early === daysAhead) return none
  const likely = meeting(0, early)
  const late = likely === daysAhead ? daysAhead : meeting(band.low, likely)
  const dayOf = (at: number): number | null => (at === daysAhead ? null : firstDay + at)
  return { earlyDay: dayOf(early), likelyDay: dayOf(likely), lateDay: dayOf(late) }
}
