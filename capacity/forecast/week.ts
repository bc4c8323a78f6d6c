// How the days of a week differ: for each weekday the median of its distances from a centred mean of seven days, drawn
// towards nothing where weekdays differ no more than chance would have it. Called by the methods that know a week,
// and by findings.ts.
//
//   d[t] = y[t] − mean(y[t−3 … t+3])      w[k] = median of d on weekday k, less the mean of all w
//   kept = max(0, 1 − (s²/m) / var(w))    s² what is left of d about w, m days of each weekday (James and Stein)
//
// Medians survive a promotion or an outage in a few of the weeks; the centred mean survives trends and, but for three
// days either side, level shifts. Needs three weeks. O(n).

import { known, meanOf, weekDays } from './method.ts'
import { medianOf } from './middle.ts'

export type Week = Readonly<{
  // From the first day of the window.
  adds: readonly number[]
  // The share of what varies about the trend that the week explains, 0 to 1, before anything is drawn to nothing.
  strength: number
}>

const leastDays = 3 * weekDays

export function weekOf(past: Float64Array): Week | null {
  if (known(past) < leastDays) return null
  const distances = fromCentredMean(past)
  const byWeekday = Array.from({ length: weekDays }, (_, weekday) => {
    const own = distances.filter((each, at) => at % weekDays === weekday && Number.isFinite(each))
    return medianOf(own)
  })
  if (byWeekday.some(Number.isNaN)) return null
  const mean = meanOf(Float64Array.from(byWeekday))
  const raw = byWeekday.map(each => each - mean)
  let [left, all, count] = [0, 0, 0]
  for (const [at, each] of distances.entries()) {
    if (!Number.isFinite(each)) continue
    left += (each - raw[at % weekDays]!) ** 2
    all += each ** 2
    count++
  }
  const between = raw.reduce((sum, each) => sum + each ** 2, 0) / (weekDays - 1)
  const within = left / Math.max(1, count - weekDays)
  const kept = between === 0 ? 0 : Math.max(0, 1 - (within * weekDays) / count / between)
  return { adds: raw.map(each => each * kept), strength: all === 0 ? 0 : Math.max(0, 1 - left / all) }
}

// NaN where fewer than five of the seven days about it are known, or the day itself is not.
function fromCentredMean(past: Float64Array): Float64Array {
  return past.map((value, at) => {
    if (at < 3 || at > past.length - 4) return Number.NaN
    const about = past.subarray(at - 3, at + 4).filter(Number.isFinite)
    return about.length < 5 ? Number.NaN : value - meanOf(about)
  })
}

// Seen from the first day after the window.
export const weekAhead = ({ adds }: Week, days: number): readonly number[] =>
  adds.map((_, ahead) => adds[(days + ahead) % weekDays]!)

export const withoutWeek = (past: Float64Array, { adds }: Week): Float64Array =>
  past.map((each, at) => each - adds[at % weekDays]!)
