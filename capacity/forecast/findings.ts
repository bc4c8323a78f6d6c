// What makes a line unsafe to extrapolate, and what each finding does to a fit. Decided here and nowhere else:
//
//   nothing, but said           the mission's line and every method chosen by name see the window as it is: a planner who
//                               asked for a ruler gets a ruler, and the warning beside it
//   left out before any fit     not_a_number and gaps (there is nothing to fit); event_inside (divided by its factor)
//   `auto`                      needs no switch: its parts that follow a shift, a reset or wild days err least in the
//                               back-test of such a line and so decide; too_short takes back what it cannot judge
//
// Called by finish.ts for every line, so each check is O(n) or sorts once. Inner loops: 10 000 lines in some 70 ms.

import type { Finding, ForecastAsked } from '../forecast.ts'
import type { Days } from '../history.ts'
import { shiftOf } from './level-shift.ts'
import { weekDays } from './method.ts'
import { medianOf } from './middle.ts'
import type { Prepared } from './prepare.ts'
import { resetsOf } from './resets.ts'
import { strengthOf } from './season.ts'

type Check = (asked: ForecastAsked, line: Prepared) => Finding | null

// Three weeks show a week.
const leastKnown = 3 * weekDays
const seasonFrom = 0.4
const fullFrom = 0.95
const fullDays = 3
const staleDays = 2
const supplyStep = 0.01
// Of a wild day: so many times the usual distance to the same weekday, and this share of the level.
const wildTimes = 6
const wildShare = 0.05

export function findingsOf(asked: ForecastAsked, line: Prepared): Finding[] {
  const found: Finding[] = []
  for (const check of checks) {
    const finding = check(asked, line)
    if (finding !== null) found.push(finding)
  }
  return found
}

// Days are counted while the line is walked once; `found` says what they were.
function span(
  kind: Finding['kind'],
  fromDay: number,
  isOne: (at: number) => boolean,
  count: number,
): Finding | null {
  let first = -1
  let last = -1
  let size = 0
  for (let at = 0; at < count; at++) {
    if (!isOne(at)) continue
    if (first < 0) first = at
    last = at
    size++
  }
  return size === 0 ? null : { kind, fromDay: fromDay + first, toDay: fromDay + last, size }
}

const tooShort: Check = (_, { known, fromDay, firstDay }) =>
  known >= leastKnown ? null : { kind: 'too_short', fromDay, toDay: firstDay - 1, size: known }

// How many of the last days are missing.
function missingAtEnd(values: Float64Array): number {
  let at = values.length
  while (at > 0 && Number.isNaN(values[at - 1]!)) at--
  return values.length - at
}

const gaps: Check = (_, { values, fromDay, known }) => {
  const until = values.length - missingAtEnd(values)
  return until === known ? null : span('gaps', fromDay, at => Number.isNaN(values[at]!), until)
}

const stale: Check = (_, { values, firstDay }) => {
  const missing = missingAtEnd(values)
  return missing < staleDays
    ? null
    : { kind: 'stale', fromDay: firstDay - missing, toDay: firstDay - 1, size: missing }
}

const notANumber: Check = ({ demand }) =>
  span(
    'not_a_number',
    demand.firstDay,
    at => Math.abs(demand.values[at]!) === Number.POSITIVE_INFINITY,
    demand.values.length,
  )

const constant: Check = (_, { values, known, fromDay, firstDay }) => {
  if (known < 2) return null
  for (const each of values) if (!Number.isNaN(each) && each !== values[0]) return null
  return { kind: 'constant', fromDay, toDay: firstDay - 1, size: null }
}

const levelShift: Check = (_, { values, fromDay }) => {
  const shift = shiftOf(values)
  return shift === null
    ? null
    : { kind: 'level_shift', fromDay: fromDay + shift.at, toDay: null, size: shift.size }
}

const resets: Check = (_, { values, fromDay }) => {
  const found = resetsOf(values)
  if (found === null) return null
  const { first, last, count, isCounter } = found
  return {
    kind: isCounter ? 'counter' : 'reset',
    fromDay: fromDay + first,
    toDay: fromDay + last,
    size: count,
  }
}

// Used again for each line.
let distances = new Float64Array(512)

// Far from the same weekday before and after, on the same side of both.
const outliers: Check = (_, { values, fromDay }) => {
  const count = values.length
  if (count < leastKnown) return null
  if (distances.length < count) distances = new Float64Array(count)
  let found = 0
  let level = 0
  for (let at = weekDays; at < count; at++) {
    const distance = Math.abs(values[at]! - values[at - weekDays]!)
    if (Number.isNaN(distance)) continue
    distances[found++] = distance
    level += Math.abs(values[at]!)
  }
  const wild = Math.max(wildTimes * medianOf(distances.subarray(0, found)), (wildShare * level) / found)
  const isWild = (at: number): boolean => {
    const before = values[at]! - values[at < weekDays ? at + 2 * weekDays : at - weekDays]!
    const after = values[at]! - values[at + weekDays < count ? at + weekDays : at - 2 * weekDays]!
    return Math.min(before, after) > wild || Math.max(before, after) < -wild
  }
  return span('outliers', fromDay, isWild, count)
}

const weeklySeason: Check = (_, { values, known, fromDay, firstDay }) => {
  if (known < leastKnown) return null
  const strength = strengthOf(values)
  return strength < seasonFrom
    ? null
    : { kind: 'weekly_season', fromDay, toDay: firstDay - 1, size: strength }
}

// What is used cannot be more than there is: on such days nobody knows what was wanted.
const saturated: Check = ({ demand, supply }) => {
  const shift = demand.firstDay - supply.firstDay
  const isFull = (at: number): boolean => {
    const there = supply.values[at + shift] ?? Number.NaN
    return there > 0 && demand.values[at]! >= fullFrom * there
  }
  const found = span('saturated', demand.firstDay, isFull, demand.values.length)
  return found === null || found.size! < fullDays ? null : found
}

const supplyChanged: Check = ({ supply }) => {
  const { values, firstDay }: Days = supply
  let first = -1
  let last = -1
  let size = 0
  let before = Number.NaN
  for (let at = 0; at < values.length; at++) {
    const now = values[at]!
    if (Number.isNaN(now)) continue
    if (Math.abs(now - before) > supplyStep * Math.abs(before)) {
      if (first < 0) first = at
      last = at
      size += now - before
    }
    before = now
  }
  return first < 0
    ? null
    : { kind: 'supply_changed', fromDay: firstDay + first, toDay: firstDay + last, size }
}

const eventInside: Check = ({ factors }, { values, fromDay }) =>
  factors.size === 0
    ? null
    : span('event_inside', fromDay, at => (factors.get(fromDay + at) ?? 1) !== 1, values.length)

const checks: readonly Check[] = [
  tooShort,
  gaps,
  stale,
  notANumber,
  constant,
  levelShift,
  resets,
  outliers,
  weeklySeason,
  saturated,
  supplyChanged,
  eventInside,
]
