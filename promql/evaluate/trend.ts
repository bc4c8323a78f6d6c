// Where is a series going? The line of least squares through a window, and double exponential smoothing. Called by
// functions.ts.
import { Failure } from '#core/errors.ts'
import { timeAt } from './grid.ts'
import { addPoint, type Line, level, newLineSums, slideLines, through } from './sliding-line.ts'
import type { RangeFunction, Sweep, Window } from './windows.ts'

const sums = newLineSums()
const line: Line = { slope: 0, atZero: 0, zeroMs: 0 }

// With times in seconds from `zeroMs`.
function lineThrough({ t, v, lo, hi }: Window, zeroMs: number): Line {
  sums.fill(0)
  line.zeroMs = zeroMs
  const first = v[lo]!
  let isFlat = true
  for (let at = lo; at < hi; at++) {
    if (at > lo && v[at] !== first) isFlat = false
    addPoint(sums, (t[at]! - zeroMs) / 1_000, v[at]!)
  }
  return isFlat ? level(first, line) : through(sums, hi - lo, line)
}

export const deriv: RangeFunction = {
  atLeast: 2,
  each: derivative,
  slide(sweep) {
    const window = windowIn(sweep)
    slideLines(sweep, { valueAt: ({ slope }) => slope, anew: step => derivative(window(step)) })
  },
}

function derivative(window: Window): number {
  return lineThrough(window, window.t[window.lo]!).slope
}

export const predictLinear: RangeFunction = {
  atLeast: 2,
  each: predicted,
  slide(sweep) {
    const window = windowIn(sweep)
    slideLines(sweep, {
      valueAt({ slope, atZero, zeroMs }, step) {
        const { atMs, p } = window(step)
        return slope * (p + (atMs - zeroMs) / 1_000) + atZero
      },
      anew: step => predicted(window(step)),
    })
  },
}

// p is how far ahead, in seconds.
function predicted(window: Window): number {
  const { slope, atZero } = lineThrough(window, window.atMs)
  return slope * window.p + atZero
}

// One object for all of them.
function windowIn({ t, v, lo, hi, grid, p }: Sweep): (step: number) => Window {
  const window = { t, v, lo: 0, hi: 0, fromMs: 0, toMs: 0, atMs: 0, p: 0, q: 0 }
  return step => {
    window.lo = lo[step]!
    window.hi = hi[step]!
    window.atMs = timeAt(grid, step)
    window.p = p?.[step] ?? 0
    return window
  }
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
  const wrong = (what: string, short: string, found: number): Failure => {
    const said = Number.isFinite(found) ? found.toFixed(6) : found > 0 ? '+Inf' : '-Inf'
    return new Failure('query_failed', `invalid ${what} factor. Expected: 0 < ${short} < 1, got: ${said}`)
  }
  for (const each of smoothing) if (isBad(each)) throw wrong('smoothing', 'sf', each)
  for (const each of trend) if (isBad(each)) throw wrong('trend', 'tf', each)
}
