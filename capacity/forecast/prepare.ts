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
  const found = looked(raw)
  const isPlain = found.isClean && factors.size === 0
  const clean = isPlain ? raw : withoutEvents(demand.values, demand.firstDay, factors)
  // A day on which an event leaves nothing is a gap, and may have been the first.
  const { from, known, isPositive } = isPlain ? found : looked(clean)
  const values = from === 0 ? clean : clean.subarray(from < 0 ? clean.length : from)
  return { values, fromDay: firstDay - values.length, firstDay, known, isPositive }
}

function looked(values: Float64Array) {
  let from = -1
  let known = 0
  let isPositive = true
  let isClean = true
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (Number.isFinite(value)) {
      if (from < 0) from = at
      if (value < 0) isPositive = false
      known++
    } else if (!Number.isNaN(value)) isClean = false
  }
  return { from, known, isPositive, isClean }
}

function withoutEvents(values: Float64Array, fromDay: number, factors: ReadonlyMap<number, number>) {
  return values.map((value, at) => {
    const plain = value / (factors.get(fromDay + at) ?? 1)
    return Number.isFinite(plain) ? plain : Number.NaN
  })
}
