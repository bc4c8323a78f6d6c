// What a fit may see of a line: what is no number becomes a gap, past events are taken out, and days before the first
// known one do not count. Nothing else is done to the numbers. Called by bulk.ts and back-test.ts, before any method.
import type { ForecastAsked } from '../forecast.ts'

export type Prepared = Readonly<{
  // From the first known day on, up to the last of the window; NaN where nothing is known.
  values: Float64Array
  // Of values[0], and the first after the window.
  fromDay: number
  firstDay: number
  known: number
  // Never below 0, so it will not be.
  isPositive: boolean
}>

export function prepare({ demand, factors }: ForecastAsked): Prepared {
  const raw = demand.values
  const firstDay = demand.firstDay + raw.length
  let from = -1
  let known = 0
  let isPositive = true
  let isClean = true
  for (let at = 0; at < raw.length; at++) {
    const value = raw[at]!
    if (Number.isFinite(value)) {
      if (from < 0) from = at
      if (value < 0) isPositive = false
      known++
    } else if (!Number.isNaN(value)) isClean = false
  }
  const values = from === 0 ? raw : raw.subarray(from < 0 ? raw.length : from)
  const fromDay = firstDay - values.length
  const plain = isClean && factors.size === 0 ? values : withoutEvents(values, fromDay, factors)
  return { values: plain, fromDay, firstDay, known, isPositive }
}

function withoutEvents(values: Float64Array, fromDay: number, factors: ReadonlyMap<number, number>) {
  return values.map((value, at) => {
    const factor = factors.get(fromDay + at) ?? 1
    return Number.isFinite(value) && factor > 0 ? value / factor : Number.NaN
  })
}
