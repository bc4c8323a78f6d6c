// Good lines on their way to the bus: for each partition the text that the sender wrote, with times in milliseconds.
// Filled by the decoder of line protocol while it reads, emptied by intake.ts and ingest.ts. Lines are copied, never
// written anew, which costs 0.13 µs a line beside the parser's work (bench/text.ts): what came and what goes lie in one
// array, because copying within it takes a third of the time of copying to another one.
import type { LineCollector } from '#core/line-protocol/decode.ts'
import { timeLength, writeTime } from '#core/line-protocol/number-text.ts'
import { partitionOf, partitions } from '#core/partition.ts'
import type { SeriesTable } from '#core/series.ts'

export type PartitionText = Readonly<{ partition: number; text: Uint8Array }>

const space = 32
const newline = 10
const separator = Uint8Array.of(44)

// Kept for the next body, in bytes and in lines.
const keptBytes = 8 << 20
const keptLines = 1 << 17

export class GatheredLines implements LineCollector {
  readonly #table: Pick<SeriesTable, 'partition'>
  #bytes = new Uint8Array(64 << 10)
  #came = 0
  // Where the block that is being decoded begins, and the partition of its series that name neither host nor instance.
  #blockAt = 0
  #source = 0
  // Of each line: from where to where it lies in what came, its time and its partition.
  #count = 0
  #from = new Uint32Array(1_024)
  #to = new Uint32Array(1_024)
  #tMs = new Float64Array(1_024)
  #partitions = new Uint8Array(1_024)
  // What each partition will hold.
  readonly #sizes = new Uint32Array(partitions)

  constructor(table: Pick<SeriesTable, 'partition'>) {
    this.#table = table
  }

  get roomBytes(): number {
    return this.#bytes.length
  }

  // What is decoded next, and who sent it. What was gathered before stays.
  enter(block: Uint8Array, source: string): void {
    this.#blockAt = this.#append(block)
    this.#source = partitionOf(source)
  }

  whole(from: number, to: number, tMs: number, series: number): void {
    this.#line(this.#blockAt + from, this.#blockAt + to, tMs, series)
  }

  // What is kept of the line is put together behind what came.
  partly(spans: readonly number[], tMs: number, series: number): void {
    const from = this.#came
    for (let each = 0; each < spans.length; each += 2) {
      if (each > 2) this.#append(separator)
      this.#append(this.#bytes.slice(this.#blockAt + spans[each]!, this.#blockAt + spans[each + 1]!))
    }
    this.#line(from, this.#came, tMs, series)
  }

  // All that was gathered, ascending by partition. Begins anew.
  take(): PartitionText[] {
    const next = new Uint32Array(partitions)
    let end = this.#came
    for (const [partition, size] of this.#sizes.entries()) {
      next[partition] = end
      end += size
    }
    this.#reserve(end)
    this.#place(next)
    const texts: PartitionText[] = []
    for (const [partition, size] of this.#sizes.entries()) {
      const to = next[partition]!
      if (size > 0) texts.push({ partition, text: this.#bytes.slice(to - size, to) })
    }
    this.clear()
    return texts
  }

  clear(): void {
    this.#came = 0
    this.#count = 0
    this.#sizes.fill(0)
    if (this.#bytes.length > keptBytes) this.#bytes = new Uint8Array(keptBytes)
    if (this.#from.length > keptLines) this.#growLines(keptLines)
  }

  #line(from: number, to: number, tMs: number, series: number): void {
    const at = this.#count
    if (at === this.#from.length) this.#growLines(at * 2)
    const partition = this.#table.partition(series, this.#source)
    this.#from[at] = from
    this.#to[at] = to
    this.#tMs[at] = tMs
    this.#partitions[at] = partition
    this.#sizes[partition]! += to - from + timeLength(tMs) + 2
    this.#count = at + 1
  }

  // Each line behind the last one of its partition.
  #place(next: Uint32Array): void {
    const bytes = this.#bytes
    for (let line = 0; line < this.#count; line++) {
      const partition = this.#partitions[line]!
      const [from, to] = [this.#from[line]!, this.#to[line]!]
      let at = next[partition]!
      bytes.copyWithin(at, from, to)
      at += to - from
      bytes[at] = space
      at = writeTime(bytes, at + 1, this.#tMs[line]!)
      bytes[at] = newline
      next[partition] = at + 1
    }
  }

  // Answers where it begins.
  #append(bytes: Uint8Array): number {
    const at = this.#came
    this.#reserve(at + bytes.length)
    this.#bytes.set(bytes, at)
    this.#came = at + bytes.length
    return at
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, Math.min(this.#bytes.length * 2, keptBytes)))
    larger.set(this.#bytes.subarray(0, this.#came))
    this.#bytes = larger
  }

  #growLines(room: number): void {
    const [from, to, tMs, owners] = [this.#from, this.#to, this.#tMs, this.#partitions]
    this.#from = new Uint32Array(room)
    this.#to = new Uint32Array(room)
    this.#tMs = new Float64Array(room)
    this.#partitions = new Uint8Array(room)
    this.#from.set(from.subarray(0, this.#count))
    this.#to.set(to.subarray(0, this.#count))
    this.#tMs.set(tMs.subarray(0, this.#count))
    this.#partitions.set(owners.subarray(0, this.#count))
  }
}
