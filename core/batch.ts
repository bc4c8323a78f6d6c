// Samples on their way: what the gateway hands to the bus and the bus to its readers. Columns, because
// millions a second pass here: an object per sample would cost five times the parser.
// A row names its series by its number in the process's SeriesTable.
import { partitionOf, partitions } from './partition.ts'
import type { SeriesTable } from './series.ts'

export type Rows = Readonly<{
  series: Uint32Array
  tMs: Float64Array
  values: Float64Array
}>

export type NoteRow = Readonly<{ series: number; tMs: number; text: string }>

// All of one partition, stamped once when it came. Whoever handles it is done with the arrays when its
// promise resolves: the publisher uses them again.
export type Batch = Readonly<{
  receivedAtMs: number
  partition: number
  rows: Rows
  notes: readonly NoteRow[]
  // The same as lines of line protocol with times in milliseconds, each ending in a newline: as the sender wrote them,
  // where he wrote lines. Only where the bus carries text.
  text?: Uint8Array
  // Lines of the text that are not among the rows and notes, or not with all of their fields: because the table had no
  // room for their series, or because they are none.
  unread?: readonly Uint8Array[]
}>

export const noRows: Rows = {
  series: new Uint32Array(0),
  tMs: new Float64Array(0),
  values: new Float64Array(0),
}

// Rows that are still being written. Grows by doubling; rows() is a view, not a copy.
export class RowBuffer {
  length = 0
  series: Uint32Array
  tMs: Float64Array
  values: Float64Array

  constructor(capacity = 1_024) {
    this.series = new Uint32Array(capacity)
    this.tMs = new Float64Array(capacity)
    this.values = new Float64Array(capacity)
  }

  // The stale marker may be pushed as staleNaN: it stays one, whatever the engine makes of its bits.
  push(series: number, tMs: number, value: number): void {
    const at = this.length
    if (at === this.series.length) this.grow()
    this.series[at] = series
    this.tMs[at] = tMs
    this.values[at] = value
    this.length = at + 1
  }

  append({ series, tMs, values }: Rows): void {
    const at = this.length
    while (at + series.length > this.series.length) this.grow()
    this.series.set(series, at)
    this.tMs.set(tMs, at)
    this.values.set(values, at)
    this.length = at + series.length
  }

  rows(): Rows {
    return slice(this, 0, this.length)
  }

  // Doubles the room; large buffers gain a quarter, so that no more than that lies idle. Columns taken before are
  // no longer the buffer's.
  grow(): void {
    const { length } = this.series
    const larger = new RowBuffer(length < 1 << 20 ? Math.max(16, length * 2) : Math.floor(length * 1.25))
    larger.series.set(this.series)
    larger.tMs.set(this.tMs)
    larger.values.set(this.values)
    this.series = larger.series
    this.tMs = larger.tMs
    this.values = larger.values
  }
}

// `source` names the sender: the owner of series that name neither host nor instance.
type Cut = Readonly<{ source: string; receivedAtMs: number; rows: Rows; notes: readonly NoteRow[] }>

// One batch for each partition that occurs, rows in their order. The common case, one host, copies nothing; else
// the parts lie in `sorted`, which must stay alone as long as they are used.
export function cutByPartition(
  { source, receivedAtMs, rows, notes }: Cut,
  table: SeriesTable,
  sorted = new RowBuffer(0),
): Batch[] {
  const sources = partitionOf(source)
  const counts = new Uint32Array(partitions)
  const owners = new Uint8Array(rows.series.length)
  // Rows of one host come one behind the other, so counts are carried in a local as long as the owner stays.
  let [last, run] = [0, 0]
  for (let at = 0; at < owners.length; at++) {
    const owner = table.partition(rows.series[at]!, sources)
    owners[at] = owner
    if (owner === last) run++
    else {
      counts[last]! += run
      last = owner
      run = 1
    }
  }
  counts[last]! += run
  const noted = Map.groupBy(notes, note => table.partition(note.series, sources))
  const occurring = [...counts.keys()].filter(each => counts[each] !== 0 || noted.has(each))
  const parts = occurring.length > 1 ? scatter(rows, owners, counts, sorted) : undefined
  return occurring.map(partition => ({
    receivedAtMs,
    partition,
    rows: parts?.[partition] ?? rows,
    notes: noted.get(partition) ?? [],
  }))
}

// A counting sort: 13 ns a row together with the counting (bench/parse.ts), so inner loops are plain ones.
function scatter(rows: Rows, owners: Uint8Array, counts: Uint32Array, sorted: RowBuffer): Rows[] {
  while (sorted.series.length < owners.length) sorted.grow()
  const { series, tMs, values } = sorted
  const next = new Uint32Array(partitions)
  for (let each = 1; each < partitions; each++) next[each] = next[each - 1]! + counts[each - 1]!
  let last = owners[0]!
  let to = next[last]!
  for (let at = 0; at < owners.length; at++) {
    const owner = owners[at]!
    if (owner !== last) {
      next[last] = to
      last = owner
      to = next[owner]!
    }
    series[to] = rows.series[at]!
    tMs[to] = rows.tMs[at]!
    values[to] = rows.values[at]!
    to++
  }
  next[last] = to
  return [...next].map((end, each) => slice(sorted, end - counts[each]!, end))
}

const slice = ({ series, tMs, values }: Rows, from: number, to: number): Rows => ({
  series: series.subarray(from, to),
  tMs: tMs.subarray(from, to),
  values: values.subarray(from, to),
})
