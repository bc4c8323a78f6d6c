// Which value has a share q of all values below it? As Prometheus: between two values in proportion, NaN before all
// others. Called by quantile, quantile_over_time and mad_over_time.

// The values are sorted in place.
export function quantileOf(q: number, values: Float64Array): number {
  const count = values.length
  if (count === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  values.sort()
  // They come last here.
  let nans = 0
  while (nans < count && Number.isNaN(values[count - 1 - nans]!)) nans++
  const at = (rank: number): number => (rank < nans ? Number.NaN : values[rank - nans]!)
  const rank = q * (count - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(count - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return at(lower) * (1 - weight) + at(upper) * weight
}
