// What Prometheus' predict_linear(x[60d], …) says: least squares over all samples of the window, not over its daily peaks, carried
// on to the end of each coming day. The method that most people have now; it gives no interval. Called by rounds.ts.
//
//   slope = cov(t, x) / var(t)      prediction = x̄ + slope · (then − t̄)
import { dayStartMs } from '../days.ts'
import type { Series } from './read-series.ts'

export type Window = Readonly<{ zone: string; fromDay: number; firstDay: number; horizonDays: number }>

export function predictLinear(
  { tMs, values }: Series,
  { zone, fromDay, firstDay, horizonDays }: Window,
): Float64Array {
  const [fromMs, untilMs] = [dayStartMs(zone, fromDay), dayStartMs(zone, firstDay)]
  const from = placeOf(tMs, fromMs)
  const until = placeOf(tMs, untilMs)
  let [count, meanT, meanX, covariance, variance] = [0, 0, 0, 0, 0]
  for (let at = from; at < until; at++) {
    // Seconds before the end: sums stay small.
    const [t, x] = [(tMs[at]! - untilMs) / 1_000, values[at]!]
    count++
    const [offT, offX] = [t - meanT, x - meanX]
    meanT += offT / count
    meanX += offX / count
    covariance += offT * (x - meanX)
    variance += offT * (t - meanT)
  }
  const slope = variance > 0 ? covariance / variance : 0
  return Float64Array.from({ length: horizonDays }, (_, at) => {
    const then = (dayStartMs(zone, firstDay + at + 1) - untilMs) / 1_000
    return count === 0 ? Number.NaN : meanX + slope * (then - meanT)
  })
}

// The first that is not before.
function placeOf(tMs: Float64Array, wanted: number): number {
  let [from, to] = [0, tMs.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (tMs[middle]! < wanted) from = middle + 1
    else to = middle
  }
  return from
}
