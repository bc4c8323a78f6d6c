// Sums, means and extremes of windows that overlap, each sample looked at twice in all, however long the window.
// Nothing is ever taken out of a sum, so nothing drifts: a window is cut in two, the sums from each place of its
// front to the cut are known, its back is summed up as it grows; when the front is used up, the back becomes the
// front. Property-tested against doing it anew for each window. Called by over-time.ts.
import { isInfinite, lost, meanOf, sumOf } from './kahan.ts'
import type { Sweep } from './windows.ts'

// The sums from each place to the cut, and what was lost beside them. Kept from series to series.
let sums = new Float64Array(1_024)
let rests = new Float64Array(1_024)

function roomFor(samples: number): void {
  if (sums.length > samples) return
  sums = new Float64Array(samples * 2)
  rests = new Float64Array(samples * 2)
}

type Finish = (sum: number, rest: number, step: number) => number

function sweepSums({ v, lo, hi, out, base }: Sweep, finish: Finish): void {
  roomFor(v.length)
  let [cut, end, back, backRest] = [0, 0, 0, 0]
  for (let step = 0; step < lo.length; step++) {
    const [low, high] = [lo[step]!, hi[step]!]
    if (high <= low) continue
    if (low >= cut) {
      sumToCut(v, low, high)
      cut = end = high
      back = backRest = 0
    }
    for (; end < high; end++) {
      const next = back + v[end]!
      backRest = isInfinite(next) ? 0 : backRest + lost(back, v[end]!, next)
      back = next
    }
    const sum = sums[low]! + back
    const rest = isInfinite(sum) ? 0 : rests[low]! + backRest + lost(sums[low]!, back, sum)
    out[base + step] = finish(sum, rest, step)
  }
}

function sumToCut(v: Float64Array, low: number, cut: number): void {
  let [sum, rest] = [0, 0]
  for (let at = cut - 1; at >= low; at--) {
    const next = sum + v[at]!
    rest = isInfinite(next) ? 0 : rest + lost(sum, v[at]!, next)
    sum = next
    sums[at] = sum
    rests[at] = rest
  }
}

// What is no ordinary number depends on the order of adding, so it is added in Prometheus' order.
export function slidingSum(sweep: Sweep): void {
  const { v, lo, hi } = sweep
  sweepSums(sweep, (sum, rest, step) => (Number.isFinite(sum) ? sum + rest : sumOf(v, lo[step]!, hi[step]!)))
}

export function slidingMean(sweep: Sweep): void {
  const { v, lo, hi } = sweep
  sweepSums(sweep, (sum, rest, step) => {
    const [low, high] = [lo[step]!, hi[step]!]
    const count = high - low
    return Number.isFinite(sum) ? sum / count + rest / count : meanOf(v, low, high)
  })
}

// Both are compared as if the largest were wanted; NaN gives way to any number.
export function slidingBest({ v, lo, hi, out, base }: Sweep, sign: 1 | -1): void {
  roomFor(v.length)
  let [cut, end, back] = [0, 0, Number.NaN]
  for (let step = 0; step < lo.length; step++) {
    const [low, high] = [lo[step]!, hi[step]!]
    if (high <= low) continue
    if (low >= cut) {
      let best = Number.NaN
      for (let at = high - 1; at >= low; at--) {
        if (!(v[at]! * sign < best * sign) && !Number.isNaN(v[at]!)) best = v[at]!
        sums[at] = best
      }
      cut = end = high
      back = Number.NaN
    }
    for (; end < high; end++) {
      if (!(v[end]! * sign <= back * sign) && !Number.isNaN(v[end]!)) back = v[end]!
    }
    const front = sums[low]!
    out[base + step] = Number.isNaN(back) || front * sign >= back * sign ? front : back
  }
}
