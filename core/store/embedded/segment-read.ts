// Reads one segment file at random: two small reads for one series, long ones for many in a row. What cannot
// be true of a segment is thrown as DamagedFile. Called by read.ts and merge.ts.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { decodeBlock, type Points } from './block.ts'
import { Bytes } from './bytes.ts'
import { crcOf } from './crc.ts'
import type { Marks } from './marks.ts'
import {
  type Entry,
  entriesPerChunk,
  entryBytes,
  type Footer,
  footerBytes,
  notesBit,
  readFooter,
  sparseBytes,
} from './segment.ts'
import type { TimedText } from './segment-write.ts'

// Neighbours are read together when the way between them is shorter than this.
const windowBytes = 1 << 18

const chunkBytes = entriesPerChunk * entryBytes
// Read at once where the whole index is looked through: twice as fast as one by one.
const checkedChunks = 64

export class DamagedFile extends Error {
  readonly path: string
  constructor(path: string, what: string) {
    super(`${path}: ${what}`)
    this.path = path
  }
}

export class SegmentReader {
  readonly path: string
  readonly footer: Footer
  readonly sizeBytes: number
  // The highest series in it.
  readonly lastSeries: number
  readonly #file: number
  readonly #firsts: Uint32Array
  readonly #crcs: Uint32Array
  #chunk = -1
  #entries: DataView = new DataView(new ArrayBuffer(0))
  #window: Uint8Array = new Uint8Array(0)
  #windowAt = 0
  // What the window lies in, used again.
  #room: Uint8Array = new Uint8Array(0)
  readonly #cursor = new Bytes(this.#window)

  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'r')
    try {
      this.sizeBytes = fstatSync(this.#file).size
      const footer = readFooter(this.#read(this.sizeBytes - footerBytes, footerBytes), crcOf)
      if (footer === undefined) throw new DamagedFile(path, 'it does not end as a segment does')
      this.footer = footer
      const chunks = Math.ceil(footer.entries / entriesPerChunk)
      const bytes = this.#read(footer.indexAt + footer.entries * entryBytes, chunks * sparseBytes)
      if (crcOf(bytes) !== footer.sparseCrc) throw new DamagedFile(path, 'its sparse index is damaged')
      const sparse = new Uint32Array(bytes.slice().buffer)
      this.#firsts = sparse.filter((_, at) => at % 2 === 0)
      this.#crcs = sparse.filter((_, at) => at % 2 === 1)
      this.lastSeries = this.entry(footer.entries - 1)?.series ?? -1
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  // Sees that all of the index is whole, of which reading would find out a piece at a time; and which series it has.
  checkIndex(mentioned: Marks): void {
    const end = this.footer.entries * entryBytes
    const room = new Uint8Array(Math.min(end, checkedChunks * chunkBytes))
    for (let from = 0; from < end; from += room.length) {
      const bytes = this.#read(this.footer.indexAt + from, Math.min(room.length, end - from), room)
      for (let at = 0; at < bytes.length; at += chunkBytes)
        this.#checkChunk((from + at) / chunkBytes, bytes.subarray(at, at + chunkBytes))
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let at = 0; at < bytes.length; at += entryBytes) mentioned.set(view.getUint32(at, true))
    }
  }

  // The place of the first entry of this series or a higher one. Nothing before `from` may be one.
  seek(series: number, from = 0): number {
    const near = this.#ahead(series, from)
    if (near !== undefined) return near
    // In the last chunk that begins before this series, or right behind it.
    const chunk = Math.max(0, lowerBound(this.#firsts.length, at => this.#firsts[at]!, series) - 1)
    const first = chunk * entriesPerChunk
    const count = Math.min(entriesPerChunk, this.footer.entries - first)
    return first + lowerBound(count, at => this.#seriesAt(first + at), series)
  }

  // Undefined behind the last.
  seriesAt(place: number): number | undefined {
    return place < this.footer.entries ? this.#seriesAt(place) : undefined
  }

  entry(place: number): Entry | undefined {
    if (place < 0 || place >= this.footer.entries) return undefined
    this.#load(place)
    const at = (place % entriesPerChunk) * entryBytes
    const count = this.#entries.getUint32(at + 16, true)
    return {
      series: this.#entries.getUint32(at, true),
      kind: count >= notesBit ? 'notes' : 'samples',
      length: this.#entries.getUint32(at + 4, true),
      offset: this.#entries.getFloat64(at + 8, true),
      count: count % notesBit,
      crc: this.#entries.getUint32(at + 20, true),
    }
  }

  samples(entry: Entry, into: Points, at: number): void {
    const begin = this.#bring(entry)
    const count = decodeBlock(this.#cursor.read(this.#window, begin, begin + entry.length), into, at)
    if (count !== entry.count) throw new DamagedFile(this.path, `series ${entry.series} has another length`)
  }

  notes(entry: Entry): TimedText[] {
    const pairs = JSON.parse(Buffer.from(this.bytes(entry)).toString()) as [number, string][]
    return pairs.map(([tMs, text]) => ({ tMs, text }))
  }

  // A view that the next read overwrites.
  bytes(entry: Entry): Uint8Array {
    const begin = this.#bring(entry)
    return this.#window.subarray(begin, begin + entry.length)
  }

  // Gives back what was read, when nobody reads it any more: many open segments must not cost much memory.
  rest(): void {
    this.#room = new Uint8Array(0)
    this.#window = new Uint8Array(0)
    this.#windowAt = 0
  }

  close(): void {
    closeSync(this.#file)
  }

  // Sees that the block is in the window and whole; answers where it begins there.
  #bring({ offset, length, crc, series }: Entry): number {
    const from = offset - this.#windowAt
    if (from < 0 || from + length > this.#window.length) this.#slide(offset, length)
    const begin = offset - this.#windowAt
    if (crcOf(this.#window, begin, begin + length) !== crc) {
      throw new DamagedFile(this.path, `the block of series ${series} is damaged`)
    }
    return begin
  }

  #slide(offset: number, length: number): void {
    const end = this.#windowAt + this.#window.length
    const isNext = offset >= end && offset - end < windowBytes && this.#window.length > 0
    const wanted = isNext ? Math.max(length, windowBytes) : length
    const size = Math.min(wanted, this.footer.indexAt - offset)
    if (this.#room.length < size) this.#room = new Uint8Array(size)
    // Nothing is in it until all is.
    this.#window = this.#room.subarray(0, 0)
    this.#window = this.#read(offset, size, this.#room)
    this.#windowAt = offset
  }

  // Whoever asks for many series finds the next a few entries on: in steps that double, as far as what is loaded goes.
  #ahead(series: number, from: number): number | undefined {
    const first = this.#chunk * entriesPerChunk
    const end = Math.min(first + entriesPerChunk, this.footer.entries)
    if (this.#chunk < 0 || from < first || from >= end) return undefined
    if (this.#seriesAt(from) >= series) return from
    let low = from
    let reach = 1
    while (low + reach < end && this.#seriesAt(low + reach) < series) {
      low += reach
      reach *= 2
    }
    let high = low + reach
    if (high >= end) {
      high = end - 1
      if (this.#seriesAt(high) < series) return end === this.footer.entries ? end : undefined
    }
    // Here the series at low is too low, the one at high is not.
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#seriesAt(middle) < series) low = middle
      else high = middle
    }
    return high
  }

  #seriesAt(place: number): number {
    this.#load(place)
    return this.#entries.getUint32((place % entriesPerChunk) * entryBytes, true)
  }

  #load(place: number): void {
    const chunk = Math.floor(place / entriesPerChunk)
    if (chunk === this.#chunk) return
    const count = Math.min(entriesPerChunk, this.footer.entries - chunk * entriesPerChunk)
    const bytes = this.#read(this.footer.indexAt + chunk * entriesPerChunk * entryBytes, count * entryBytes)
    this.#checkChunk(chunk, bytes)
    this.#entries = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#chunk = chunk
  }

  #checkChunk(chunk: number, bytes: Uint8Array): void {
    if (crcOf(bytes) !== this.#crcs[chunk]) throw new DamagedFile(this.path, 'its index is damaged')
  }

  #read(from: number, length: number, room?: Uint8Array): Uint8Array {
    if (from < 0 || !(length >= 0)) throw new DamagedFile(this.path, 'it is too short')
    const bytes = room?.subarray(0, length) ?? new Uint8Array(length)
    let at = 0
    while (at < length) {
      const got = this.#readSome(bytes.subarray(at), from + at)
      if (got === 0) throw new DamagedFile(this.path, 'it ends too early')
      at += got
    }
    return bytes
  }

  #readSome(into: Uint8Array, from: number): number {
    try {
      return readSync(this.#file, into, 0, into.length, from)
    } catch (error) {
      // The disk has lost what is there.
      if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error
      throw new DamagedFile(this.path, 'it cannot be read')
    }
  }
}

// The first of `count` ascending numbers that is not below the wanted one.
function lowerBound(count: number, at: (place: number) => number, wanted: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (at(middle) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
