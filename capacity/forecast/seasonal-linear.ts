// A line with a week on it: least squares through the days without their week, and the week added to what comes.
//
//   forecast[h] = level + slope · h + w[weekday of h]
//
// It survives what week.ts survives, and for the line what linear.ts does. Needs three weeks. O(n).
import { linear } from './linear.ts'
import { type Method, straight } from './method.ts'
import { weekAhead, weekOf, withoutWeek } from './week.ts'

export const seasonalLinear: Method = past => {
  const week = weekOf(past)
  if (week === null) return null
  const fitted = linear(withoutWeek(past, week))
  return fitted && straight(fitted.level, fitted.slopePerDay, weekAhead(week, past.length))
}
