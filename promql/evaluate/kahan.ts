// Sums that do not lose the small numbers beside the large: Kahan's, as Neumaier improved them and Prometheus uses
// them. A sum is two numbers, the sum and what was lost; both live in typed arrays of whoever adds. Called for every
// sample, so it makes nothing.

// What is lost when `value` is added to `sum`; `next` is the new sum.
export function lost(sum: number, value: number, next: number): number {
  return Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
}

export const isInfinite = (value: number): boolean =>
  value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY

// Of v[lo…hi). Almost always the sums are finite; looking after each step whether they are would take twice the time.
export function sumOf(v: Float64Array, lo: number, hi: number): number {
  let [sum, c] = [0, 0]
  for (let at = lo; at < hi; at++) {
    const value = v[at]!
    const next = sum + value
    c += lost(sum, value, next)
    sum = next
  }
  return Number.isFinite(sum) ? sum + c : carefulSum(v, lo, hi)
}

function carefulSum(v: Float64Array, lo: number, hi: number): number {
  let [sum, c] = [0, 0]
  for (let at = lo; at < hi; at++) {
    const value = v[at]!
    const next = sum + value
    c = isInfinite(next) ? 0 : c + lost(sum, value, next)
    sum = next
  }
  return isInfinite(sum) ? sum : sum + c
}

// The mean is the sum by the count, until the sum would be too large for a number; from there on the mean is
// carried along, as in Prometheus.
export function meanOf(v: Float64Array, lo: number, hi: number): number {
  let [sum, c] = [v[lo]!, 0]
  for (let at = lo + 1; at < hi; at++) {
    const value = v[at]!
    const next = sum + value
    c += lost(sum, value, next)
    sum = next
  }
  if (!Number.isFinite(sum)) return carefulMean(v, lo, hi)
  const count = hi - lo
  return sum / count + c / count
}

function carefulMean(v: Float64Array, lo: number, hi: number): number {
  let [sum, c] = [v[lo]!, 0]
  for (let at = lo + 1; at < hi; at++) {
    const value = v[at]!
    const next = sum + value
    if (isInfinite(next)) return carriedMean(v, { at, lo, hi }, sum, c)
    c += lost(sum, value, next)
    sum = next
  }
  const count = hi - lo
  return sum / count + c / count
}

type Rest = Readonly<{ at: number; lo: number; hi: number }>

function carriedMean(v: Float64Array, { at, lo, hi }: Rest, sum: number, c: number): number {
  let count = at - lo
  let mean = sum / count
  let rest = c / count
  for (let each = at; each < hi; each++) {
    count++
    const share = (count - 1) / count
    const [value, before] = [v[each]! / count, share * mean]
    const next = before + value
    rest = isInfinite(next) ? 0 : share * rest + lost(before, value, next)
    mean = next
  }
  return mean + rest
}
