// Where in ascending times does something begin? In steps that double, because what is looked for is almost always
// near to where one was. Called once for each series and step, so it makes nothing and calls nothing.

// The first place from `from` on whose time is after `atMs`.
export function firstAfter(tMs: Float64Array, atMs: number, from: number): number {
  const { length } = tMs
  if (from >= length || tMs[from]! > atMs) return from
  let low = from
  let reach = 1
  while (low + reach < length && tMs[low + reach]! <= atMs) {
    low += reach
    reach *= 2
  }
  let high = Math.min(length, low + reach)
  // Here the time at low is not after, the one at high is.
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (tMs[middle]! <= atMs) low = middle
    else high = middle
  }
  return high
}
