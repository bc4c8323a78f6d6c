// The line of least squares through windows that overlap, each sample looked at twice in all: as sliding.ts does it, with
// four sums instead of one. Times are counted from the cut, which lies in every window that is summed up from there: so
// no number is larger than the window is long, the digits that cancel are no more than Prometheus loses, and nothing
// ever has to be shifted. Property-tested against doing it anew for each window. Called by trend.ts.
import { isInfinite, lost } from './kahan.ts'
import type { Sweep } from './windows.ts'

// `atZero` is its value at the time of `zeroMs`.
export type Line = { slope: number; atZero: number; zeroMs: number }

// Sums of x, y, xy and x², as Kahan keeps them: each with what was lost beside it.
type LineSums = Float64Array
export const newLineSums = (): LineSums => new Float64Array(8)

// Steps with longer windows begin anew: their sums would take 64 bytes for each sample.
const windowMax = 1 << 20
// Sums beyond this may overflow on the way, and then what comes out depends on where time begins.
const ordinary = 1e280

export type Lines = Readonly<{
  valueAt: (line: Line, step: number) => number
  // For what is no ordinary number.
  anew: (step: number) => number
}>

export function slideLines({ t, v, lo, hi, out, base }: Sweep, { valueAt, anew }: Lines): void {
  let longest = 0
  for (let step = 0; step < lo.length; step++) longest = Math.max(longest, hi[step]! - lo[step]!)
  const isLong = longest > windowMax
  const front = new Float64Array(isLong ? 0 : 8 * longest)
  const [back, both] = [newLineSums(), newLineSums()]
  const line = { slope: 0, atZero: 0, zeroMs: 0 }
  // Values are equal from `flat` on, as far as they have been `seen`.
  let [cut, begin, end, seen, flat] = [0, 0, 0, 0, 0]
  for (let step = 0; step < lo.length; step++) {
    const [low, high] = [lo[step]!, hi[step]!]
    if (high - low < 2) continue
    for (; seen < high; seen++) if (seen === 0 || v[seen] !== v[seen - 1]) flat = seen
    if (flat <= low) {
      out[base + step] = valueAt(level(v[low]!, line), step)
      continue
    }
    if (isLong) {
      out[base + step] = anew(step)
      continue
    }
    if (low >= cut) {
      cut = end = high
      begin = low
      line.zeroMs = t[cut - 1]!
      sumToCut({ t, v }, low, cut, front)
      back.fill(0)
    }
    for (; end < high; end++) addPoint(back, (t[end]! - line.zeroMs) / 1_000, v[end]!)
    join(front, 8 * (low - begin), back, both)
    out[base + step] = isOrdinary(both) ? valueAt(through(both, high - low, line), step) : anew(step)
  }
}

type Samples = Pick<Sweep, 't' | 'v'>

// The sums from each place to the cut, eight numbers a place.
function sumToCut({ t, v }: Samples, low: number, cut: number, front: Float64Array): void {
  const sums = newLineSums()
  for (let at = cut - 1; at >= low; at--) {
    addPoint(sums, (t[at]! - t[cut - 1]!) / 1_000, v[at]!)
    const place = 8 * (at - low)
    for (let each = 0; each < 8; each++) front[place + each] = sums[each]!
  }
}

export function addPoint(sums: LineSums, x: number, y: number): void {
  add(sums, 0, x, 0)
  add(sums, 2, y, 0)
  add(sums, 4, x * y, 0)
  add(sums, 6, x * x, 0)
}

function join(front: Float64Array, place: number, back: LineSums, both: LineSums): void {
  for (let each = 0; each < 8; each++) both[each] = front[place + each]!
  for (let pair = 0; pair < 8; pair += 2) add(both, pair, back[pair]!, back[pair + 1]!)
}

// `rest` was lost beside the value already.
function add(sums: LineSums, pair: number, value: number, rest: number): void {
  const sum = sums[pair]!
  const next = sum + value
  sums[pair + 1] = isInfinite(next) ? 0 : sums[pair + 1]! + rest + lost(sum, value, next)
  sums[pair] = next
}

const isOrdinary = (sums: LineSums): boolean => Math.abs(sums[2]!) < ordinary && Math.abs(sums[4]!) < ordinary

// Through values that are all the same.
export function level(value: number, line: Line): Line {
  line.slope = isInfinite(value) ? Number.NaN : 0
  line.atZero = isInfinite(value) ? Number.NaN : value
  return line
}

// slope = cov(x, y) / var(x); in Prometheus' order, so that the digits agree.
export function through(sums: LineSums, count: number, line: Line): Line {
  const [sumX, sumY] = [sums[0]! + sums[1]!, sums[2]! + sums[3]!]
  const [sumXY, sumX2] = [sums[4]! + sums[5]!, sums[6]! + sums[7]!]
  line.slope = (sumXY - (sumX * sumY) / count) / (sumX2 - (sumX * sumX) / count)
  line.atZero = sumY / count - (line.slope * sumX) / count
  return line
}
