// rate, increase, delta and their kin: how much does a series change? What lies between the samples and the ends of
// the window is extrapolated as Prometheus does it. Called by functions.ts.
import { timeAt } from './grid.ts'
import type { RangeFunction, Sweep, Window } from './windows.ts'

type Kind = Readonly<{ isCounter: boolean; isRate: boolean }>

export const rate = extrapolated({ isCounter: true, isRate: true })
export const increase = extrapolated({ isCounter: true, isRate: false })
export const delta = extrapolated({ isCounter: false, isRate: false })

function extrapolated(kind: Kind): RangeFunction {
  const each = (window: Window): number => {
    const { v, lo, hi } = window
    let change = v[hi - 1]! - v[lo]!
    if (kind.isCounter) {
      for (let at = lo + 1; at < hi; at++) if (v[at]! < v[at - 1]!) change += v[at - 1]!
    }
    return change * factor(window, change, kind)
  }
  return { atLeast: 2, each, slide: sweep => slide(sweep, kind) }
}

// Where a counter was set back is found once for all windows.
function slide({ t, v, lo, hi, looked, rangeMs, out, base }: Sweep, kind: Kind): void {
  const resets: number[] = []
  if (kind.isCounter) for (let at = lo[0]! + 1; at < t.length; at++) if (v[at]! < v[at - 1]!) resets.push(at)
  const window = { t, v, lo: 0, hi: 0, fromMs: 0, toMs: 0, atMs: 0, p: 0, q: 0 }
  for (let step = 0, first = 0; step < lo.length; step++) {
    window.lo = lo[step]!
    window.hi = hi[step]!
    if (window.hi - window.lo < 2) continue
    let change = v[window.hi - 1]! - v[window.lo]!
    while (first < resets.length && resets[first]! <= window.lo) first++
    for (let at = first; at < resets.length && resets[at]! < window.hi; at++) change += v[resets[at]! - 1]!
    window.toMs = timeAt(looked, step)
    window.fromMs = window.toMs - rangeMs
    out[base + step] = change * factor(window, change, kind)
  }
}

// The samples seldom reach to both ends of the window. Where the gap at an end is about one interval or less, the
// change is taken to go on to the end; where it is larger, the series is taken to begin or end there, half an
// interval further on. A counter is not extrapolated to below zero.
function factor({ t, v, lo, hi, fromMs, toMs }: Window, change: number, kind: Kind): number {
  const [first, last] = [t[lo]!, t[hi - 1]!]
  const sampled = (last - first) / 1_000
  const interval = sampled / (hi - lo - 1)
  const threshold = interval * 1.1
  let toStart = (first - fromMs) / 1_000
  let toEnd = (toMs - last) / 1_000
  if (toStart >= threshold) toStart = interval / 2
  if (kind.isCounter && change > 0 && v[lo]! >= 0) {
    const toZero = sampled * (v[lo]! / change)
    if (toZero < toStart) toStart = toZero
  }
  if (toEnd >= threshold) toEnd = interval / 2
  const factor = (sampled + toStart + toEnd) / sampled
  return kind.isRate ? factor / ((toMs - fromMs) / 1_000) : factor
}

function ofLastTwo(isRate: boolean): RangeFunction {
  return {
    atLeast: 2,
    each({ t, v, hi }) {
      const [before, last] = [v[hi - 2]!, v[hi - 1]!]
      // A counter that was set back has come to its value from zero.
      const change = isRate && last < before ? last : last - before
      return isRate ? change / ((t[hi - 1]! - t[hi - 2]!) / 1_000) : change
    },
  }
}

export const irate = ofLastTwo(true)
export const idelta = ofLastTwo(false)

export const resets = counting((v, at) => v[at]! < v[at - 1]!)
export const changes = counting(
  (v, at) => v[at] !== v[at - 1] && !(Number.isNaN(v[at]!) && Number.isNaN(v[at - 1]!)),
)

function counting(counts: (v: Float64Array, at: number) => boolean): RangeFunction {
  return {
    atLeast: 1,
    each({ v, lo, hi }) {
      let count = 0
      for (let at = lo + 1; at < hi; at++) if (counts(v, at)) count++
      return count
    },
    slide({ v, lo, hi, out, base }) {
      // Between the samples from … to − 1.
      let [from, to, count] = [lo[0]!, lo[0]! + 1, 0]
      for (let step = 0; step < lo.length; step++) {
        const [low, high] = [lo[step]!, hi[step]!]
        if (high - low < 1) continue
        if (low >= to) [from, to, count] = [low, low + 1, 0]
        for (; to < high; to++) if (counts(v, to)) count++
        for (; from < low; from++) if (counts(v, from + 1)) count--
        out[base + step] = count
      }
    },
  }
}
