// Samples as a WriteRequest of remote write 1.0, in a buffer that is used again. Called by send.ts.
// prometheus/prompb/remote.proto and types.proto. Hot: 60 ns a sample and a copy of its series' labels
// (bench/prometheus-store.ts), so lengths are reckoned before anything is written.
import type { Rows } from '../../batch.ts'
import { isStale, writeStale } from '../../stale.ts'
import type { LabelBytes } from './label-bytes.ts'

const seriesTag = 10
const sampleTag = 18
const valueTag = 9
const timeTag = 16

export class RequestBytes {
  readonly #labels: LabelBytes
  #bytes = new Uint8Array(65_536)
  #view = new DataView(this.#bytes.buffer)
  #length = 0
  // The time written last, as a varint.
  #tMs = Number.NaN
  readonly #time = new Uint8Array(10)
  #timeBytes = 0

  constructor(labels: LabelBytes) {
    this.#labels = labels
  }

  // Rows from `from` up to `end`, or as many of them as fit into `bytesMax`, at least one. Answers where it ended.
  write(rows: Rows, from: number, end: number, bytesMax: number): number {
    this.#length = 0
    let at = from
    while (at < end && this.#length < bytesMax) {
      const id = rows.series[at]!
      let runEnd = at + 1
      while (runEnd < end && rows.series[runEnd] === id) runEnd++
      this.#run(rows, at, runEnd)
      at = runEnd
    }
    return at
  }

  // Good until the next write().
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #run(rows: Rows, from: number, end: number): void {
    const labels = this.#labels.of(rows.series[from]!)
    if (typeof labels === 'string') throw new Error(`a series that may not be sent: ${labels}`)
    let size = labels.length
    for (let at = from; at < end; at++) size += 2 + this.#sampleBytes(rows.tMs[at]!)
    this.#reserve(size + 16)
    const bytes = this.#bytes
    let to = this.#length
    bytes[to++] = seriesTag
    for (let rest = size; ; rest = Math.floor(rest / 128)) {
      if (rest > 127) bytes[to++] = (rest & 127) | 128
      else {
        bytes[to++] = rest
        break
      }
    }
    bytes.set(labels, to)
    this.#length = to + labels.length
    this.#samples(rows, from, end)
  }

  #samples(rows: Rows, from: number, end: number): void {
    // As words: a stale marker is a NaN whose bits must stay.
    const words = new Uint32Array(rows.values.buffer, rows.values.byteOffset, rows.values.length * 2)
    const bytes = this.#bytes
    const time = this.#time
    let to = this.#length
    for (let at = from; at < end; at++) {
      const size = this.#sampleBytes(rows.tMs[at]!)
      // Its bits may have been changed on the way (core/stale.ts).
      if (isStale(rows.values, at)) writeStale(rows.values, at)
      bytes[to] = sampleTag
      bytes[to + 1] = size
      bytes[to + 2] = valueTag
      this.#view.setUint32(to + 3, words[at * 2]!, true)
      this.#view.setUint32(to + 7, words[at * 2 + 1]!, true)
      bytes[to + 11] = timeTag
      to += 12
      for (let each = 0; each < this.#timeBytes; each++) bytes[to++] = time[each]!
    }
    this.#length = to
  }

  // Most samples have the time of the one before. Times are whole and not negative (the port's own rule).
  #sampleBytes(tMs: number): number {
    if (tMs !== this.#tMs) {
      this.#tMs = tMs
      let size = 0
      for (let rest = tMs; ; rest = Math.floor(rest / 128)) {
        if (rest > 127) this.#time[size++] = (rest % 128) | 128
        else {
          this.#time[size++] = rest
          break
        }
      }
      this.#timeBytes = size
    }
    return 10 + this.#timeBytes
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
