// The samples of some series within a range, out of one lot of what is not flushed yet. All of them at once, before
// anything else gets a turn: the lot may be flushed meanwhile, and its memory used again. 40 ns a sample (bench/store.ts).
// Called by read.ts; hot, so the loops are plain ones.
import type { Rows } from '../../batch.ts'
import type { Points } from './block.ts'
import { type Lane, newLane } from './chains.ts'
import type { Wanted } from './found.ts'
import type { Recent } from './recent.ts'

// Of ids[n] those from starts[n] to starts[n + 1], in the order of writing.
export type Gathered = Points & Readonly<{ starts: Uint32Array }>

export function gather(recent: Recent, wanted: Wanted): Gathered {
  const { ids } = wanted
  // Most reads are of few series and their last minutes.
  const room = Math.min(4_096, 16 * ids.length)
  const gathered = { ...emptyPoints(room), starts: new Uint32Array(ids.length + 1) }
  const floor = recent.floorOf(wanted.fromMs)
  const from = { rows: recent.rows(), wanted }
  let length = 0
  for (let first = 0; first < ids.length; first += lanes.length) {
    const some = ids.subarray(first, first + lanes.length)
    recent.follow(some, floor, lanes)
    for (let each = 0; each < some.length; each++) {
      length = take(gathered, length, lanes[each]!, from)
      gathered.starts[first + each + 1] = length
    }
  }
  // What was needed for once is not kept.
  for (let each = 0; each < lanes.length; each++)
    if (lanes[each]!.rows.length > 4_096) lanes[each] = newLane()
  return gathered
}

// Used again from read to read: a short one would spend a tenth of its time on making them.
const lanes = Array.from({ length: 16 }, newLane)

type From = Readonly<{ rows: Rows; wanted: Wanted }>

function take(into: Points, length: number, { rows, count }: Lane, from: From): number {
  const { tMs, values } = from.rows
  const { fromMs, toMs } = from.wanted
  if (length + count > into.tMs.length) enlarge(into, length, length + count)
  let to = length
  for (let each = count - 1; each >= 0; each--) {
    const row = rows[each]!
    const t = tMs[row]!
    if (t < fromMs || t > toMs) continue
    into.tMs[to] = t
    into.values[to++] = values[row]!
  }
  return to
}

const emptyPoints = (count: number): Points => ({
  tMs: new Float64Array(count),
  values: new Float64Array(count),
})

function enlarge(points: Points, used: number, atLeast: number): void {
  const { tMs, values } = emptyPoints(Math.max(atLeast, points.tMs.length * 2))
  tMs.set(points.tMs.subarray(0, used))
  values.set(points.values.subarray(0, used))
  points.tMs = tMs
  points.values = values
}
