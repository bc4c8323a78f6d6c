// The middle and the edges of a heap of numbers. Called by everything here that must not be moved by a few wild days.

// Puts what it is given into another order. By Hoare's selection: O(n), where sorting sixty numbers takes ten times as long.
export function medianOf(numbers: Float64Array): number {
  const count = numbers.length
  if (count === 0) return Number.NaN
  const upper = selectAt(numbers, count >> 1)
  if (count % 2 === 1) return upper
  let lower = numbers[0]!
  for (let at = 1; at < count >> 1; at++) if (numbers[at]! > lower) lower = numbers[at]!
  return (lower + upper) / 2
}

// What would stand there if they were sorted; less stands before it.
function selectAt(numbers: Float64Array, wanted: number): number {
  let from = 0
  let to = numbers.length - 1
  while (from < to) {
    const pivot = numbers[(from + to) >> 1]!
    let left = from
    let right = to
    while (left <= right) {
      while (numbers[left]! < pivot) left++
      while (numbers[right]! > pivot) right--
      if (left > right) break
      const kept = numbers[left]!
      numbers[left++] = numbers[right]!
      numbers[right--] = kept
    }
    if (wanted <= right) to = right
    else if (wanted >= left) from = left
    else break
  }
  return numbers[wanted]!
}

// Between the two nearest. Puts what it is given into another order, as well.
export function quantileOf(numbers: Float64Array, share: number): number {
  const last = numbers.length - 1
  if (last < 0) return Number.NaN
  const at = share * last
  const before = Math.floor(at)
  const low = selectAt(numbers, before)
  if (before === last) return low
  let high = Number.POSITIVE_INFINITY
  for (let above = before + 1; above <= last; above++) if (numbers[above]! < high) high = numbers[above]!
  return low + (high - low) * (at - before)
}
