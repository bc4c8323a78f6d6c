// Rows in the order of arrival → each series by itself, ascending in time, the last written of equal times.
// A counting sort, since series are small numbers: 25 ns a row (bench/store.ts). Called by flush.ts and read.ts.
import type { Rows } from '../../batch.ts'
import type { Points } from './block.ts'

export type Sorted = Readonly<{
  // Ascending. The samples of ids[n] lie from starts[n] to ends[n].
  ids: Uint32Array
  starts: Uint32Array
  ends: Uint32Array
  points: Points
}>

// `ids` is one more than the highest series that may occur.
export function sortRows({ series, tMs, values }: Rows, ids: number): Sorted {
  const next = new Uint32Array(ids + 1)
  const { length } = series
  for (let at = 0; at < length; at++) next[series[at]! + 1]!++
  let present = 0
  for (let id = 0; id < ids; id++) {
    if (next[id + 1] !== 0) present++
    next[id + 1]! += next[id]!
  }
  const sorted: Sorted = {
    ids: new Uint32Array(present),
    starts: new Uint32Array(present),
    ends: new Uint32Array(present),
    points: { tMs: new Float64Array(length), values: new Float64Array(length) },
  }
  for (let id = 0, at = 0; id < ids; id++) {
    if (next[id] === next[id + 1]) continue
    sorted.ids[at] = id
    sorted.starts[at] = next[id]!
    sorted.ends[at++] = next[id + 1]!
  }
  const { points } = sorted
  for (let at = 0; at < length; at++) {
    const to = next[series[at]!]!++
    points.tMs[to] = tMs[at]!
    points.values[to] = values[at]!
  }
  for (let at = 0; at < present; at++) {
    const from = sorted.starts[at]!
    sorted.ends[at] = from + settle(points, from, sorted.ends[at]!)
  }
  return sorted
}

// Brings the samples of one series, given in the order of writing, into the order of time, in place. Of equal
// times the last stays. Answers how many are left.
export function settle(points: Points, from: number, to: number): number {
  const { tMs } = points
  let at = from + 1
  while (at < to && tMs[at - 1]! < tMs[at]!) at++
  if (at >= to) return to - from
  return reorder(points, from, to)
}

function reorder({ tMs, values }: Points, from: number, to: number): number {
  const times = tMs.slice(from, to)
  const before = values.slice(from, to)
  const order = Uint32Array.from(times.keys())
  order.sort((a, b) => times[a]! - times[b]! || a - b)
  let left = from
  for (const [at, place] of order.entries()) {
    const following = order[at + 1]
    if (following !== undefined && times[following] === times[place]) continue
    tMs[left] = times[place]!
    values[left] = before[place]!
    left++
  }
  return left - from
}
