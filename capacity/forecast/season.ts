// How much of what varies does the week explain? The cheap look at every line; week.ts is the careful one, for fits.
//
//   d[t] = y[t] − mean(y[t−3 … t+3])      strength = 1 − Σ (d − mean of its weekday)² / Σ d²
//
// corrected for the seven means, which explain a little of anything. Days with a gap within three do not count. O(n).
import { weekDays } from './method.ts'

const sums = new Float64Array(weekDays)
const counts = new Float64Array(weekDays)
const rounding = 1e-9

export function strengthOf(values: Float64Array): number {
  sums.fill(0)
  counts.fill(0)
  let about = 0
  let all = 0
  let size = 0
  let count = 0
  for (let at = 0; at < weekDays && at < values.length; at++) about += values[at]!
  for (let at = 3; at < values.length - 3; at++) {
    // A sum that met a gap is begun anew.
    if (at > 3) about = Number.isNaN(about) ? sumAbout(values, at) : about + values[at + 3]! - values[at - 4]!
    const distance = values[at]! - about / weekDays
    if (Number.isNaN(distance)) continue
    sums[at % weekDays]! += distance
    counts[at % weekDays]! += 1
    all += distance * distance
    size += Math.abs(values[at]!)
    count++
  }
  let explained = 0
  for (let weekday = 0; weekday < weekDays; weekday++) {
    if (counts[weekday]! > 0) explained += sums[weekday]! ** 2 / counts[weekday]!
  }
  // What a straight line varies by is rounding.
  if (count <= 2 * weekDays || !(all * count > (rounding * size) ** 2)) return 0
  return Math.max(0, 1 - ((1 - explained / all) * count) / (count - weekDays))
}

function sumAbout(values: Float64Array, at: number): number {
  let sum = 0
  for (let near = at - 3; near <= at + 3; near++) sum += values[near]!
  return sum
}
