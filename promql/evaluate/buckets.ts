// One classic histogram at one time: its quantiles, and the share of a range. Buckets are two arrays, bounds
// ascending and counts of everything below them. Called by histograms.ts.

// Differences between counts that are smaller than this share of them are taken to come from floating point.
const tolerance = 1e-12

export type Buckets = { bounds: Float64Array; counts: Float64Array; length: number }

// Buckets of one bound are one bucket.
function coalesce(buckets: Buckets): void {
  const { bounds, counts } = buckets
  let last = 0
  for (let at = 1; at < buckets.length; at++) {
    if (bounds[at] === bounds[last]) {
      counts[last]! += counts[at]!
      continue
    }
    last++
    bounds[last] = bounds[at]!
    counts[last] = counts[at]!
  }
  buckets.length = last + 1
}

// Counts that fall are raised to the one before. Whether any fell by more than floating point explains.
function forceMonotonic({ counts, length }: Buckets): boolean {
  let isForced = false
  let before = counts[0]!
  for (let at = 1; at < length; at++) {
    const count = counts[at]!
    if (count === before) continue
    if (isAlmost(before, count)) counts[at] = before
    else if (count < before) {
      counts[at] = before
      isForced = true
    } else before = count
  }
  return isForced
}

function isAlmost(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true
  if (a === 0 || b === 0) return false
  return Math.abs(a - b) / Math.min(Math.abs(a) + Math.abs(b), Number.MAX_VALUE) < tolerance
}

type Quantile = { value: number; isForced: boolean }
// The answer is read before the next question.
const answer: Quantile = { value: 0, isForced: false }

// The buckets are changed.
export function quantileOfBuckets(q: number, buckets: Buckets): Readonly<Quantile> {
  answer.isForced = false
  answer.value = quantile(q, buckets)
  return answer
}

function quantile(q: number, buckets: Buckets): number {
  if (Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const { bounds, counts } = buckets
  if (bounds[buckets.length - 1] !== Number.POSITIVE_INFINITY) return Number.NaN
  coalesce(buckets)
  answer.isForced = forceMonotonic(buckets)
  const { length } = buckets
  if (length < 2 || counts[length - 1] === 0) return Number.NaN
  let rank = q * counts[length - 1]!
  let at = 0
  while (at < length - 1 && !(counts[at]! >= rank)) at++
  if (at === length - 1) return bounds[length - 2]!
  if (at === 0 && bounds[0]! <= 0) return bounds[0]!
  if (at === 0) return bounds[0]! * (rank / counts[0]!)
  const [start, below] = [bounds[at - 1]!, counts[at - 1]!]
  rank -= below
  return start + (bounds[at]! - start) * (rank / (counts[at]! - below))
}

// The buckets are changed.
export function fractionOfBuckets(lower: number, upper: number, buckets: Buckets): number {
  const { bounds, counts } = buckets
  if (bounds[buckets.length - 1] !== Number.POSITIVE_INFINITY) return Number.NaN
  coalesce(buckets)
  const count = counts[buckets.length - 1]!
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
  if (lower >= upper) return 0
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / count
}

// How many lie below a value: in proportion within a bucket. The first begins at zero, where its end is above; where
// not, nothing is known of its width, and all that it holds lies at its lower end.
function rankOf(value: number, { bounds, counts, length }: Buckets): number {
  const count = counts[length - 1]!
  let rank = 0
  for (let at = 0; at < length; at++) {
    const lower = at > 0 ? bounds[at - 1]! : bounds[0]! > 0 ? 0 : Number.NEGATIVE_INFINITY
    const upper = bounds[at]!
    if (lower >= value) return Math.min(rank, count)
    if (upper > value) {
      if (lower === Number.NEGATIVE_INFINITY) return Math.min(counts[at]!, count)
      const inside = rank + ((counts[at]! - rank) * (value - lower)) / (upper - lower)
      return Math.min(inside, count)
    }
    rank = counts[at]!
  }
  return count
}
