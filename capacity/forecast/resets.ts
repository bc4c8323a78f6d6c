// Does the line climb and fall back at once, again and again? A leak that restarts cure, a log that is rotated; or a counter
// that somebody took for a gauge, which never falls but to nearly nothing.
//
//   reset[t]: y[t] − y[t−1] < −max( 30 % of the range, 5 · median |y[t] − y[t−1]| )
//   and it is as well 0.3 of that fall below the same weekday a week before, or after in the first
//   and on at least 6 of 10 other days the line does not fall
//   counter: it never falls otherwise, and starts again below a tenth
//
// A weekly pattern is none: it falls to where it was a week before. O(n).
import { weekDays } from './method.ts'
import { medianOf } from './middle.ts'

export type Resets = Readonly<{ first: number; last: number; count: number; isCounter: boolean }>

const rangeShare = 0.3
const unlike = 5
const climbing = 0.6
const fromNothing = 0.1
const weekShare = 0.3

export function resetsOf(values: Float64Array): Resets | null {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  let rises = 0
  let steps = 0
  let before = Number.NaN
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (Number.isNaN(value)) continue
    if (value < least) least = value
    if (value > most) most = value
    if (value >= before) rises++
    steps++
    before = value
  }
  const fall = rangeShare * (most - least)
  const falls = fallsOf(values, fall)
  // Most lines end here.
  return falls === 0 || rises < climbing * (steps - 1 - falls) ? null : walked(values, fall)
}

function fallsOf(values: Float64Array, fall: number): number {
  let count = 0
  let before = Number.NaN
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (Number.isNaN(value)) continue
    if (value - before < -fall) count++
    before = value
  }
  return count
}

function walked(values: Float64Array, leastFall: number): Resets | null {
  const known = [...values.keys()].filter(at => !Number.isNaN(values[at]!))
  const steps = Float64Array.from(known.slice(1), (at, place) => values[at]! - values[known[place]!]!)
  const fall = Math.max(leastFall, unlike * medianOf(steps.map(Math.abs)))
  // A fall that comes with the day of the week leads to where the line was a week ago.
  const isOdd = (at: number): boolean => {
    const day = known[at + 1]!
    const other = values[day < weekDays ? day + weekDays : day - weekDays]!
    return Number.isNaN(other) || values[day]! - other < weekShare * steps[at]!
  }
  const resets = [...steps.keys()].filter(at => steps[at]! < -fall && isOdd(at))
  const others = steps.filter(step => step >= -fall)
  const rises = others.filter(step => step >= 0).length
  if (resets.length === 0 || rises < climbing * others.length) return null
  const isFresh = (at: number): boolean => {
    const [before, after] = [values[known[at]!]!, values[known[at + 1]!]!]
    return after >= 0 && after < fromNothing * before
  }
  return {
    first: known[resets[0]! + 1]!,
    last: known[resets.at(-1)! + 1]!,
    count: resets.length,
    isCounter: rises === others.length && resets.every(isFresh),
  }
}
