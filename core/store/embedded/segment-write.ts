// Writes one segment file: series in ascending order, each once; nothing is seen under its name before all of
// it is on the disk. Called by flush.ts and merge.ts.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { encodeBlock, type Points } from './block.ts'
import { Bytes } from './bytes.ts'
import { crcOf } from './crc.ts'
import { type BlockKind, entriesPerChunk, entryBytes, notesBit, sparseBytes, writeFooter } from './segment.ts'

// Blocks gather here before they go to the file.
const bufferBytes = 1 << 20

export type TimedText = Readonly<{ tMs: number; text: string }>

export class SegmentWriter {
  readonly #path: string
  readonly #file: number
  #isOpen = true
  readonly #out = new Bytes(new Uint8Array(bufferBytes + (1 << 16)))
  readonly #index = new Bytes()
  #entries = new DataView(this.#index.data.buffer)
  #written = 0
  #samples = 0
  #minMs = Number.POSITIVE_INFINITY
  #maxMs = Number.NEGATIVE_INFINITY
  #lastSeries = -1

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(`${path}.tmp`, 'w')
  }

  // The samples from..to of one series, ascending in time, one for each time.
  samples(series: number, points: Points, from: number, to: number): void {
    const begin = this.#out.length
    encodeBlock(this.#out, points, from, to)
    this.#covers(points.tMs[from]!, points.tMs[to - 1]!)
    this.#blockEnds(series, 'samples', begin, to - from)
  }

  notes(series: number, notes: readonly TimedText[]): void {
    const begin = this.#out.length
    this.#out.append(Buffer.from(JSON.stringify(notes.map(({ tMs, text }) => [tMs, text]))))
    for (const { tMs } of notes) this.#covers(tMs, tMs)
    this.#blockEnds(series, 'notes', begin, notes.length)
  }

  // A block of another segment, taken over as it is.
  copy(series: number, block: Readonly<{ kind: BlockKind; bytes: Uint8Array; count: number }>): void {
    const begin = this.#out.length
    this.#out.append(block.bytes)
    this.#blockEnds(series, block.kind, begin, block.count)
  }

  // What copied blocks cover, which only their own segment knows.
  covers(minMs: number, maxMs: number): void {
    this.#covers(minMs, maxMs)
  }

  // Puts the file in place; whoever reads the folder after this finds it whole.
  finish(): void {
    const entries = this.#index.length / entryBytes
    const indexAt = this.#written + this.#out.length
    this.#drain()
    this.#write(this.#index.written())
    const sparse = this.#sparse(entries)
    this.#write(sparse)
    const [minMs, maxMs, samples] = [this.#minMs, this.#maxMs, this.#samples]
    this.#write(writeFooter({ indexAt, entries, minMs, maxMs, samples, sparseCrc: crcOf(sparse) }, crcOf))
    fsyncSync(this.#file)
    this.#close()
    renameSync(`${this.#path}.tmp`, this.#path)
    syncFolder(dirname(this.#path))
  }

  // Leaves nothing behind.
  abandon(): void {
    this.#close()
    rmSync(`${this.#path}.tmp`, { force: true })
  }

  // Once: by the second time another thread may have a file of this number.
  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#file)
  }

  #covers(minMs: number, maxMs: number): void {
    if (minMs < this.#minMs) this.#minMs = minMs
    if (maxMs > this.#maxMs) this.#maxMs = maxMs
  }

  #blockEnds(series: number, kind: BlockKind, begin: number, count: number): void {
    if (series < this.#lastSeries) throw new Error(`series ${series} after ${this.#lastSeries}`)
    this.#lastSeries = series
    if (kind === 'samples') this.#samples += count
    this.#index.reserve(entryBytes)
    if (this.#entries.buffer !== this.#index.data.buffer)
      this.#entries = new DataView(this.#index.data.buffer)
    const at = this.#index.length
    this.#entries.setUint32(at, series, true)
    this.#entries.setUint32(at + 4, this.#out.length - begin, true)
    this.#entries.setFloat64(at + 8, this.#written + begin, true)
    this.#entries.setUint32(at + 16, kind === 'notes' ? count + notesBit : count, true)
    this.#entries.setUint32(at + 20, crcOf(this.#out.data, begin, this.#out.length), true)
    this.#index.length += entryBytes
    if (this.#out.length >= bufferBytes) this.#drain()
  }

  #sparse(entries: number): Uint8Array {
    const chunks = Math.ceil(entries / entriesPerChunk)
    const sparse = new DataView(new ArrayBuffer(chunks * sparseBytes))
    const index = this.#index.written()
    for (let chunk = 0; chunk < chunks; chunk++) {
      const from = chunk * entriesPerChunk * entryBytes
      const bytes = index.subarray(from, from + entriesPerChunk * entryBytes)
      sparse.setUint32(
        chunk * sparseBytes,
        new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true),
        true,
      )
      sparse.setUint32(chunk * sparseBytes + 4, crcOf(bytes), true)
    }
    return new Uint8Array(sparse.buffer)
  }

  #drain(): void {
    this.#write(this.#out.written())
    this.#out.length = 0
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
    this.#written += bytes.length
  }
}

// Makes names that were created or renamed in a folder durable.
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
