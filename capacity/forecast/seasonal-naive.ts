// Next Monday is as last Monday: each weekday repeats its last known value. The other one to beat.
//
//   forecast[h] = y[last − 6 + (h − 1) mod 7]
//
// It survives level shifts after a week, and knows no growth. A weekday without a number in the whole window takes the
// last known day. O(1).
import { type Method, straight, weekDays } from './method.ts'

export const seasonalNaive: Method = past => {
  const last = past.findLast(Number.isFinite)
  if (last === undefined) return null
  const weekly = Array.from({ length: weekDays }, (_, ahead) => {
    for (let at = past.length + ahead - weekDays; at >= 0; at -= weekDays) {
      if (Number.isFinite(past[at])) return past[at]!
    }
    return last
  })
  const level = weekly.reduce((sum, each) => sum + each, 0) / weekDays
  return straight(
    level,
    0,
    weekly.map(each => each - level),
  )
}
