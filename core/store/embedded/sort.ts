// Rows in the order of arrival → each series by itself, in the order of writing. A counting sort, since series are
// small numbers: 45 ns a row, most of it waiting for memory, so time and value lie side by side and the room is
// used again (bench/store.ts). Called by flush.ts.
import type { Rows } from '../../batch.ts'
import type { Points } from './block.ts'

export class Sorter {
  // Time, value, time, value …
  #pairs: Float64Array<ArrayBuffer>
  #ends = new Uint32Array(0)
  // Ascending; of ids[n], the rows end before ends[ids[n]].
  ids = new Uint32Array(0)

  // With room for so many rows; it costs memory only where it is used.
  constructor(rows = 0) {
    this.#pairs = new Float64Array(2 * rows)
  }

  // `idsMax` is one more than the highest series that may occur.
  sort({ series, tMs, values }: Rows, idsMax: number): void {
    const { length } = series
    if (this.#pairs.length < 2 * length) this.#pairs = new Float64Array(2 * length)
    if (this.#ends.length < idsMax + 1) this.#ends = new Uint32Array(idsMax + 1)
    const [pairs, next] = [this.#pairs, this.#ends.fill(0)]
    for (let at = 0; at < length; at++) next[series[at]! + 1]!++
    let present = 0
    for (let id = 0; id < idsMax; id++) {
      if (next[id + 1] !== 0) present++
      next[id + 1]! += next[id]!
    }
    this.ids = new Uint32Array(present)
    for (let id = 0, at = 0; id < idsMax; id++) if (next[id] !== next[id + 1]) this.ids[at++] = id
    for (let at = 0; at < length; at++) {
      const to = 2 * next[series[at]!]!++
      pairs[to] = tMs[at]!
      pairs[to + 1] = values[at]!
    }
  }

  count(at: number): number {
    return this.#ends[this.ids[at]!]! - this.#from(at)
  }

  // The rows of ids[at], in the order of writing.
  copy(at: number, into: Points, to: number): void {
    const end = this.#ends[this.ids[at]!]!
    for (let row = this.#from(at), place = to; row < end; row++, place++) {
      into.tMs[place] = this.#pairs[2 * row]!
      into.values[place] = this.#pairs[2 * row + 1]!
    }
  }

  #from(at: number): number {
    return at === 0 ? 0 : this.#ends[this.ids[at - 1]!]!
  }
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
  for (let at = 0; at < order.length; at++) {
    const place = order[at]!
    if (at + 1 < order.length && times[order[at + 1]!] === times[place]) continue
    tMs[left] = times[place]!
    values[left] = before[place]!
    left++
  }
  return left - from
}

// Room for the samples of one series, used again for the next.
export class Room implements Points {
  tMs = new Float64Array(4_096)
  values = new Float64Array(4_096)

  // What was there is lost.
  of(count: number): this {
    if (count <= this.tMs.length) return this
    this.tMs = new Float64Array(2 * count)
    this.values = new Float64Array(2 * count)
    return this
  }

  // Room for so many more behind those that are used.
  keep(used: number, more: number): this {
    if (used + more <= this.tMs.length) return this
    const { tMs, values } = this
    this.of(used + more)
    this.tMs.set(tMs.subarray(0, used))
    this.values.set(values.subarray(0, used))
    return this
  }
}
