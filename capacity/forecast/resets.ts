// Does the line climb and fall back at once, again and again? A leak that restarts cure, a log that is rotated; or a counter
// that somebody took for a gauge, which never falls but to nearly nothing.
//
//   reset[t]: y[t] − y[t−1] < −max( 30 % of the range, 5 · median |y[t] − y[t−1]| )
//   and it is as well 0.3 of that fall below the same weekday a week before, or after in the first
//   and on at least 6 of 10 other days the line does not fall
//   counter: it never falls otherwise, and starts again below a tenth
//
// A weekly pattern is none: it falls to where it was a week before. O(n), without a list of anything: a line in four is
// looked at twice.
import { weekDays } from './method.ts'
import { medianOf } from './middle.ts'

export type Resets = Readonly<{ first: number; last: number; count: number; isCounter: boolean }>

const rangeShare = 0.3
const unlike = 5
const climbing = 0.6
const fromNothing = 0.1
const weekShare = 0.3

export function resetsOf(values: Float64Array): Resets | null {
  const fall = rangeShare * rangeOf(values)
  // Most lines end here, before anybody asks for a median: a fall that has to be larger is seen less often.
  if (isNone(seenBelow(values, -fall))) return null
  const seen = seenBelow(values, -Math.max(fall, unlike * usualStep(values)))
  if (isNone(seen)) return null
  const { first, last, count, rises, others, isFresh } = seen
  return { first, last, count, isCounter: rises === others && isFresh }
}

type Seen = Readonly<{
  first: number
  last: number
  count: number
  // Of the steps that are not so low.
  others: number
  rises: number
  // Each starts again from nearly nothing.
  isFresh: boolean
}>

const isNone = ({ count, rises, others }: Seen): boolean => count === 0 || rises < climbing * others

function seenBelow(values: Float64Array, lowest: number): Seen {
  let [first, last, count, others, rises] = [-1, -1, 0, 0, 0]
  let isFresh = true
  let before = Number.NaN
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (Number.isNaN(value)) continue
    const step = value - before
    if (step >= lowest) others++
    if (step >= 0) rises++
    if (step < lowest && isOdd(values, at, step)) {
      if (first < 0) first = at
      last = at
      count++
      if (!(value >= 0 && value < fromNothing * before)) isFresh = false
    }
    before = value
  }
  return { first, last, count, others, rises, isFresh }
}

// A fall that comes with the day of the week leads to where the line was a week ago.
function isOdd(values: Float64Array, at: number, step: number): boolean {
  const other = values[at < weekDays ? at + weekDays : at - weekDays]!
  return Number.isNaN(other) || values[at]! - other < weekShare * step
}

function rangeOf(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (value < least) least = value
    if (value > most) most = value
  }
  return most - least
}

// Used again for each line.
let sizes = new Float64Array(512)

function usualStep(values: Float64Array): number {
  if (sizes.length < values.length) sizes = new Float64Array(values.length)
  let steps = 0
  let before = Number.NaN
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (Number.isNaN(value)) continue
    const size = Math.abs(value - before)
    if (!Number.isNaN(size)) sizes[steps++] = size
    before = value
  }
  return medianOf(sizes.subarray(0, steps))
}
