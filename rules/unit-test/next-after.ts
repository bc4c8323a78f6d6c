// The float64 that comes next: what `fuzzy_compare` of unit tests still takes for equal. Called by mistake.ts.

const value = new Float64Array(1)
const bits = new BigInt64Array(value.buffer)

export function nextAfter(number: number, direction: 1 | -1): number {
  if (!Number.isFinite(number)) return number
  if (number === 0) return direction * Number.MIN_VALUE
  value[0] = number
  // Away from zero, the bits count up.
  bits[0]! += number > 0 === direction > 0 ? 1n : -1n
  return value[0]
}
