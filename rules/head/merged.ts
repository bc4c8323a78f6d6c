// What is in memory of a series and what the store has of it, as one. Called by intake.ts when the head is warmed.
import type { Strips } from './strips.ts'

type Columns = Readonly<{ tMs: Float64Array; values: Float64Array }>

// Both ascend; of two of one time, that of the strip is taken. May be what was given.
export function merged({ tMs, values, begins, ends }: Strips, slot: number, given: Columns): Columns {
  let [at, from] = [begins[slot]!, 0]
  const end = ends[slot]!
  const { length } = given.tMs
  if (at === end) return given
  const all = { tMs: new Float64Array(end - at + length), values: new Float64Array(end - at + length) }
  let to = 0
  while (at < end || from < length) {
    const isOurs = from === length || (at < end && tMs[at]! <= given.tMs[from]!)
    // From column to column, because a stale marker lives in the bits.
    if (isOurs) {
      if (from < length && given.tMs[from] === tMs[at]) from++
      all.tMs[to] = tMs[at]!
      all.values[to++] = values[at++]!
    } else {
      all.tMs[to] = given.tMs[from]!
      all.values[to++] = given.values[from++]!
    }
  }
  return { tMs: all.tMs.subarray(0, to), values: all.values.subarray(0, to) }
}
