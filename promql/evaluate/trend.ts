// Where is a series going? The line of least squares through a window, and double exponential smoothing. Called by
// functions.ts.
import { Failure } from '#core/errors.ts'
import { isInfinite, lost } from './kahan.ts'
import type { RangeFunction, Window } from './windows.ts'

type Line = Readonly<{ slope: number; atZero: number }>

// Sums as Kahan keeps them: pairs of the sum and what was lost.
const sums = new Float64Array(8)

function add(pair: number, value: number): void {
  const sum = sums[pair]!
  const next = sum + value
  sums[pair + 1] = isInfinite(next) ? 0 : sums[pair + 1]! + lost(sum, value, next)
  sums[pair] = next
}

// slope = cov(x, y) / var(x), with x in seconds from `zeroMs`; in Prometheus' order, so that the digits agree.
function lineThrough({ t, v, lo, hi }: Window, zeroMs: number): Line {
  sums.fill(0)
  const first = v[lo]!
  let isFlat = true
  for (let at = lo; at < hi; at++) {
    const [x, y] = [(t[at]! - zeroMs) / 1_000, v[at]!]
    if (at > lo && y !== first) isFlat = false
    add(0, x)
    add(2, y)
    add(4, x * y)
    add(6, x * x)
  }
  if (isFlat)
    return isInfinite(first) ? { slope: Number.NaN, atZero: Number.NaN } : { slope: 0, atZero: first }
  const [sumX, sumY] = [sums[0]! + sums[1]!, sums[2]! + sums[3]!]
  const [sumXY, sumX2] = [sums[4]! + sums[5]!, sums[6]! + sums[7]!]
  const count = hi - lo
  const slope = (sumXY - (sumX * sumY) / count) / (sumX2 - (sumX * sumX) / count)
  return { slope, atZero: sumY / count - (slope * sumX) / count }
}

export const deriv: RangeFunction = {
  atLeast: 2,
  each: window => lineThrough(window, window.t[window.lo]!).slope,
}

// p is how far ahead, in seconds.
export const predictLinear: RangeFunction = {
  atLeast: 2,
  each(window) {
    const { slope, atZero } = lineThrough(window, window.atMs)
    return slope * window.p + atZero
  },
}

// p smooths the values, q their trend.
export const doubleExponentialSmoothing: RangeFunction = {
  atLeast: 2,
  each({ v, lo, hi, p, q }) {
    let before = 0
    let smooth = v[lo]!
    let trend = v[lo + 1]! - v[lo]!
    for (let at = lo + 1; at < hi; at++) {
      if (at > lo + 1) trend = q * (smooth - before) + (1 - q) * trend
      const next = p * v[at]! + (1 - p) * (smooth + trend)
      before = smooth
      smooth = next
    }
    return smooth
  },
}

export function refuseFactors(smoothing: Float64Array, trend: Float64Array): void {
  const isBad = (factor: number): boolean => factor <= 0 || factor >= 1
  const wrong = (what: string, found: number): Failure =>
    new Failure('query_failed', `invalid ${what} factor. Expected: 0 < factor < 1, got: ${found}`)
  for (const each of smoothing) if (isBad(each)) throw wrong('smoothing', each)
  for (const each of trend) if (isBad(each)) throw wrong('trend', each)
}
