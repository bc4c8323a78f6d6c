// What is left of a line when its straight trend and its week are taken out: least squares, then the mean of each weekday.
// An inner loop: bench/capacity.ts has it for 10 000 lines. Called by growth.ts.
import { weekDays } from './method.ts'

const sums = new Float64Array(weekDays)
const counts = new Float64Array(weekDays)
let room = new Float64Array(0)

// NaN stays NaN. Good until the next call.
export function withoutLine(values: Float64Array): Float64Array {
  const days = values.length
  const base = values[0]!
  let [n, x, xx, y, xy] = [0, 0, 0, 0, 0]
  for (let at = 0; at < days; at++) {
    const value = values[at]! - base
    if (Number.isNaN(value)) continue
    n++
    x += at
    xx += at * at
    y += value
    xy += at * value
  }
  const slope = n < 2 ? 0 : (xy - (x * y) / n) / (xx - (x * x) / n)
  const level = base + (y - slope * x) / n
  if (room.length < days) room = new Float64Array(days)
  sums.fill(0)
  counts.fill(0)
  for (let at = 0, weekday = 0; at < days; at++, weekday = weekday === 6 ? 0 : weekday + 1) {
    const rest = values[at]! - level - slope * at
    room[at] = rest
    if (Number.isNaN(rest)) continue
    sums[weekday]! += rest
    counts[weekday]!++
  }
  for (let weekday = 0; weekday < weekDays; weekday++) sums[weekday]! /= Math.max(1, counts[weekday]!)
  for (let at = 0, weekday = 0; at < days; at++, weekday = weekday === 6 ? 0 : weekday + 1)
    room[at]! -= sums[weekday]!
  return room
}
