// The line stays where it has been lately: the middle of the last days without their week, and the week added to what
// comes. Nothing that a planner chooses by name: three of them, of two weeks, four weeks and the whole window, stand in
// combined.ts, where they hold back methods that see a trend in noise.
//
//   forecast[h] = median( y[t] − w[weekday of t] for the last k known days ) + w[weekday of h]      the mean where k is all
//
// Medians survive whatever lasts less than half of k; they know no growth. O(n log n).

import { type Method, meanOf, straight } from './method.ts'
import { medianOf } from './middle.ts'
import { weekAhead, weekOf, withoutWeek } from './week.ts'

export function recentLevel(days: number): Method {
  return past => {
    const week = weekOf(past)
    const plain = (week === null ? past : withoutWeek(past, week)).filter(Number.isFinite)
    if (plain.length === 0) return null
    const level = days === Number.POSITIVE_INFINITY ? meanOf(plain) : medianOf(plain.slice(-days))
    return straight(level, 0, week && weekAhead(week, past.length))
  }
}
