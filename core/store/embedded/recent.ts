// What came since the last flush, in memory, in the order of writing. Called by engine.ts; read by flush.ts
// and read.ts.
import type { RowBuffer, Rows } from '../../batch.ts'
import type { NoteRecord } from './journal.ts'

export class Recent {
  readonly #rows: RowBuffer
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
  }

  add(rows: Rows, notes: readonly NoteRecord[], nowMs: number): void {
    this.sinceMs ??= nowMs
    this.#rows.append(rows)
    for (const note of notes) {
      this.notes.push(note)
      this.#noteBytes += note[2].length + 40
    }
  }

  rows(): Rows {
    return this.#rows.rows()
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
}
