// What came since the last flush, in memory, in the order of writing. Called by lots.ts; read by flush.ts and
// read.ts.
import type { RowBuffer, Rows } from '../../batch.ts'
import { Chains, type Lane } from './chains.ts'
import type { NoteRecord } from './journal.ts'

// Of so many rows at a time the earliest and the latest are known, so that who reads the last hour skips the rest.
const stretchRows = 8_192

export type Span = Readonly<{ fromMs: number; toMs: number }>

export const nowhere: Span = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY }

export const wider = (one: Span, other: Span): Span => ({
  fromMs: Math.min(one.fromMs, other.fromMs),
  toMs: Math.max(one.toMs, other.toMs),
})

export type Stretch = Readonly<{ from: number; to: number }>

// One commit takes at most this many rows, unless a single batch has more; the rest waits for the next.
export const commitRows = 262_144

export class Recent {
  readonly #rows: RowBuffer
  readonly #chains: Chains
  readonly #firstMs: number[] = []
  readonly #lastMs: number[] = []
  readonly notes: NoteRecord[] = []
  #noteBytes = 0
  // When the first of it came; undefined while it is empty.
  sinceMs: number | undefined
  // Which journal file holds it.
  readonly number: number

  // In a buffer that another lot has left, or in a new one of full size: it costs memory only where it is written.
  constructor(number: number, rows: RowBuffer) {
    this.number = number
    this.#rows = rows
    rows.length = 0
    this.#chains = new Chains(rows.series.length)
  }

  add(rows: Rows, notes: readonly NoteRecord[], nowMs: number): void {
    this.sinceMs ??= nowMs
    const from = this.#rows.length
    this.#rows.append(rows)
    this.#cover(from)
    this.#chains.link(rows.series, from)
    for (const note of notes) {
      this.notes.push(note)
      this.#noteBytes += note[2].length + 40
    }
  }

  rows(): Rows {
    return this.#rows.rows()
  }

  // Rows that may lie within the range; in the order of writing.
  *stretches(fromMs: number, toMs: number): Iterable<Stretch> {
    for (const [at, firstMs] of this.#firstMs.entries()) {
      if (firstMs > toMs || this.#lastMs[at]! < fromMs) continue
      const from = at * stretchRows
      yield { from, to: Math.min(from + stretchRows, this.#rows.length) }
    }
  }

  // From the oldest to the newest of it.
  get span(): Span {
    let { fromMs, toMs } = nowhere
    for (const tMs of this.#firstMs) fromMs = Math.min(fromMs, tMs)
    for (const tMs of this.#lastMs) toMs = Math.max(toMs, tMs)
    for (const [, tMs] of this.notes) {
      fromMs = Math.min(fromMs, tMs)
      toMs = Math.max(toMs, tMs)
    }
    return { fromMs, toMs }
  }

  // Before this row nothing is that late.
  floorOf(fromMs: number): number {
    const stretch = this.#lastMs.findIndex(lastMs => lastMs >= fromMs)
    return stretch < 0 ? this.#rows.length : stretch * stretchRows
  }

  // The rows of some series from `floor` on.
  follow(ids: Uint32Array, floor: number, lanes: readonly Lane[]): void {
    this.#chains.follow(ids, floor, lanes)
  }

  // For the next lot, once nobody reads this one.
  get buffer(): RowBuffer {
    return this.#rows
  }

  // Rows and notes, weighed as memory.
  get sizeBytes(): number {
    return this.#rows.length * 20 + this.#noteBytes
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0 && this.notes.length === 0
  }

  // Hot: every row passes here.
  #cover(begin: number): void {
    const { tMs, length } = this.#rows
    for (let from = begin; from < length; ) {
      const stretch = Math.floor(from / stretchRows)
      const to = Math.min((stretch + 1) * stretchRows, length)
      let first = this.#firstMs[stretch] ?? Number.POSITIVE_INFINITY
      let last = this.#lastMs[stretch] ?? Number.NEGATIVE_INFINITY
      for (let at = from; at < to; at++) {
        const t = tMs[at]!
        if (t < first) first = t
        if (t > last) last = t
      }
      this.#firstMs[stretch] = first
      this.#lastMs[stretch] = last
      from = to
    }
  }
}
