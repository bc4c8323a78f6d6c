// Did the line move to another level and stay there? A new service, a migration, a machine less: what was before says
// little of what comes.
//
//   d[s] = mean of the seven known days from s on − mean of the seven before s
//   shift at the s of the largest |d[s]|, if
//     |d[s]| > 6 · median of |d| at least a week away from s      (it is unlike the rest of the line; a trend is not)
//     |median of 14 days after − median of 14 before| > 0.6 · |d[s]|, and the last week is still there   (it stayed)
//     |d[s]| > 5 % of the level
//
// Means of whole weeks do not see the weekday; medians of a fortnight do not see a promotion of less than a week. Needs a week
// after it, so the youngest shifts are seen late. O(n).

import { weekDays } from './method.ts'
import { medianOf } from './middle.ts'

export type Shift = Readonly<{
  // The first day at the new level, in days from the first of the window, and how far it moved.
  at: number
  size: number
}>

const unlike = 6
const stays = 0.6
const leastShare = 0.05

export function shiftOf(values: Float64Array): Shift | null {
  const { days, sums, count } = summed(values)
  if (count < 4 * weekDays) return null
  let best = -1
  let most = 0
  for (let at = weekDays; at <= count - weekDays; at++) {
    const size = Math.abs(distanceAt(sums, at))
    if (size > most) {
      most = size
      best = at
    }
  }
  const level = Math.abs(sums[count]!) / count
  if (best < 0 || most < leastShare * level || most <= unlike * elsewhere(sums, best, count)) return null
  const size = distanceAt(sums, best)
  const known = Float64Array.from(days.subarray(0, count), day => values[day]!)
  const before = medianOf(known.slice(Math.max(0, best - 2 * weekDays), best))
  const after = medianOf(known.slice(best, best + 2 * weekDays))
  const late = medianOf(known.slice(-weekDays))
  const isThere = (level: number): boolean => (level - before) * Math.sign(size) > stays * most
  return isThere(after) && isThere(late) ? { at: days[best]!, size: after - before } : null
}

// Used again for each line: ten thousand lines are looked at in one go.
const room = { days: new Float64Array(512), sums: new Float64Array(513), others: new Float64Array(512) }

// The known days, and the sum of all before each.
function summed(values: Float64Array): Readonly<{ days: Float64Array; sums: Float64Array; count: number }> {
  if (room.days.length < values.length) {
    room.days = new Float64Array(values.length)
    room.sums = new Float64Array(values.length + 1)
    room.others = new Float64Array(values.length)
  }
  const { days, sums } = room
  let count = 0
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (Number.isNaN(value)) continue
    days[count] = at
    sums[count + 1] = sums[count]! + value
    count++
  }
  return { days, sums, count }
}

function elsewhere(sums: Float64Array, best: number, count: number): number {
  const { others } = room
  let found = 0
  for (let at = weekDays; at <= count - weekDays; at++) {
    if (Math.abs(at - best) > weekDays) others[found++] = Math.abs(distanceAt(sums, at))
  }
  return found === 0 ? 0 : medianOf(others.subarray(0, found))
}

const distanceAt = (sums: Float64Array, at: number): number =>
  (sums[at + weekDays]! - 2 * sums[at]! + sums[at - weekDays]!) / weekDays
