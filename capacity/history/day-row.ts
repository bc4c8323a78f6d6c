// What a day came to: one row of its samples, and of two parts of a day the row of both. Called by the recorder and by
// imports.
//
// Count, min, max, sum and last of parts are those of the whole; the 95th percentile and the busiest hour are not, so they
// are unknown of parts. What is no number (gaps, stale markers, infinities) is as if it were not there.
import type { DayRow } from '../history.ts'

const hourMs = 3_600_000

// Times ascend. Without a number the count is 0 and there is no row to keep.
export function dayRowOf(day: number, tMs: Float64Array, values: Float64Array): DayRow {
  const [times, numbers] = numbersOf(tMs, values)
  const count = numbers.length
  let [min, max, sum] = [numbers[0] ?? Number.NaN, numbers[0] ?? Number.NaN, 0]
  for (const value of numbers) {
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  return {
    ...{ day, count, min, max, sum },
    last: numbers[count - 1] ?? Number.NaN,
    lastMs: times[count - 1] ?? Number.NaN,
    p95: quantile(numbers, 0.95),
    busyHour: busiestHour(times, numbers),
  }
}

export function mergeRows(a: DayRow, b: DayRow): DayRow {
  if (a.day !== b.day) throw new Error(`day ${a.day} is not day ${b.day}`)
  if (a.count === 0) return b
  if (b.count === 0) return a
  const { last, lastMs } = a.lastMs > b.lastMs ? a : b
  return {
    day: a.day,
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    last,
    lastMs,
    p95: Number.NaN,
    busyHour: Number.NaN,
  }
}

function numbersOf(tMs: Float64Array, values: Float64Array): readonly [Float64Array, Float64Array] {
  if (values.every(value => Number.isFinite(value))) return [tMs, values]
  const places = [...values.keys()].filter(at => Number.isFinite(values[at]!))
  return [Float64Array.from(places, at => tMs[at]!), Float64Array.from(places, at => values[at]!)]
}

// Between two neighbours in proportion, as in Prometheus.
function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted()
  const rank = share * (sorted.length - 1)
  const below = sorted[Math.floor(rank)]!
  return below + (sorted[Math.ceil(rank)]! - below) * (rank - Math.floor(rank))
}

// The highest mean of sixty minutes in a row. Those with less than half of what the fullest has say too little: beside a
// gap a single peak would be an hour.
function busiestHour(tMs: Float64Array, values: Float64Array): number {
  const hours: { count: number; sum: number }[] = []
  let [from, sum] = [0, 0]
  for (let at = 0; at < values.length; at++) {
    sum += values[at]!
    for (; tMs[from]! <= tMs[at]! - hourMs; from++) sum -= values[from]!
    hours.push({ count: at - from + 1, sum })
  }
  const fullest = hours.reduce((most, { count }) => Math.max(most, count), 0)
  const means = hours.filter(({ count }) => count * 2 >= fullest).map(({ count, sum: of }) => of / count)
  return means.length === 0 ? Number.NaN : Math.max(...means)
}
