// Where a kernel meets the samples: the newest of each series, and functions of a window. Both see what the evaluator
// sees (promql/evaluate/selector.ts, windows.ts) and call its functions. Inner loops over typed arrays, measured by
// bench/kernels.ts. Called by link.ts.
import { isStale } from '#core/stale.ts'
import type { RangeFunction, Window } from '#promql/evaluate/windows.ts'
import { makeRoom } from './hits.ts'
import type { Fill } from './node.ts'

// The newest sample that is not older than the lookback; nothing when it is a stale marker.
export const newest =
  (lookbackMs: number): Fill =>
  (sheet, into) => {
    const { slots, atMs, ends } = sheet
    const { tMs, values, begins } = sheet.strips
    const { length } = slots
    makeRoom(into, length)
    let count = 0
    for (let at = 0; at < length; at++) {
      const last = ends[at]! - 1
      if (last < begins[slots[at]!]! || tMs[last]! <= atMs[at]! - lookbackMs) continue
      const value = values[last]!
      if (Number.isNaN(value) && isStale(values, last)) continue
      into.at[count] = at
      into.values[count++] = value
    }
    into.count = count
  }

export type OverWindow = Readonly<{
  does: RangeFunction
  rangeMs: number
  // Its other arguments.
  p: number
  q: number
  // Whether stale markers, being NaN, have made no difference to a result that is a number: then they need be looked
  // for in few windows only.
  isSure: boolean
}>

export const overWindow =
  ({ does, rangeMs, p, q, isSure }: OverWindow): Fill =>
  (sheet, into) => {
    const { slots, atMs, ends, window } = sheet
    const { tMs, values, begins } = sheet.strips
    const { length } = slots
    makeRoom(into, length)
    window.p = p
    window.q = q
    let count = 0
    // Most series have as many samples in the window as the one before.
    let usual = 0
    for (let at = 0; at < length; at++) {
      const begin = begins[slots[at]!]!
      const end = ends[at]!
      const toMs = atMs[at]!
      const fromMs = toMs - rangeMs
      let lo = end - usual
      if (lo < begin || (usual > 0 && tMs[lo]! <= fromMs) || (lo > begin && tMs[lo - 1]! > fromMs)) {
        lo = firstAfter(tMs, fromMs, begin, end)
        usual = end - lo
      }
      if (end - lo < does.atLeast) continue
      window.t = tMs
      window.v = values
      window.lo = lo
      window.hi = end
      window.toMs = toMs
      window.atMs = toMs
      window.fromMs = fromMs
      let value = isSure ? does.each(window) : Number.NaN
      if (Number.isNaN(value)) {
        if (hasNaN(values, lo, end)) leaveOutStale(window)
        if (window.hi - window.lo < does.atLeast) continue
        value = does.each(window)
      }
      into.at[count] = at
      into.values[count++] = value
    }
    into.count = count
    // The head may replace its columns long before this sheet looks at a window again.
    window.t = none
    window.v = none
  }

const none = new Float64Array(0)

// The first place in lo … hi whose time is after `afterMs`.
function firstAfter(tMs: Float64Array, afterMs: number, lo: number, hi: number): number {
  while (lo < hi) {
    const middle = (lo + hi) >>> 1
    if (tMs[middle]! <= afterMs) lo = middle + 1
    else hi = middle
  }
  return lo
}

function hasNaN(values: Float64Array, lo: number, hi: number): boolean {
  for (let at = lo; at < hi; at++) if (Number.isNaN(values[at]!)) return true
  return false
}

// Almost no window has a marker, so this may copy.
function leaveOutStale(window: Window): void {
  const { t, v, lo, hi } = window
  const lasts: number[] = []
  for (let at = lo; at < hi; at++) if (!isStale(v, at)) lasts.push(at)
  if (lasts.length === hi - lo) return
  window.t = Float64Array.from(lasts, at => t[at]!)
  window.v = Float64Array.from(lasts, at => v[at]!)
  window.lo = 0
  window.hi = lasts.length
}
