// Batches out of the text that crossed a process. Called by the bus for each record; rows and notes are read when
// somebody first asks for them, because a sink that passes text on never does.
import { type Batch, type NoteRow, RowBuffer, type Rows } from '../batch.ts'
import type { SeriesTable } from '../series.ts'
import { cutLines } from './cut-lines.ts'
import { type LineCollector, LineDecoder, lineLimits } from './decode.ts'
import { newline, space } from './scan.ts'

// What the gateway let in is read, whatever its limits were: these are the largest that it can be given.
const most = Number.POSITIVE_INFINITY
const limits = { ...lineLimits, lineBytes: most, measurement: most, tags: 1_000 }

// More rows than that are room for the largest batches only.
const keptRows = 1 << 18

type Head = Readonly<{ receivedAtMs: number; partition: number }>
type Columns = Readonly<{ rows: Rows; notes: readonly NoteRow[]; unread: readonly Uint8Array[] }>

export class BatchReader {
  // Values that were left out because the table has no room for their series, and lines that are none.
  refusedSeries = 0
  rejectedLines = 0
  readonly #decoder: LineDecoder
  #rows = new RowBuffer()

  constructor(table: SeriesTable) {
    this.#decoder = new LineDecoder(table, limits)
  }

  // Keeps the text as long as the batch lives.
  read(text: Uint8Array, { receivedAtMs, partition }: Head): Batch {
    let columns: Columns | undefined
    const decoded = (): Columns => {
      columns ??= this.#decode(text, receivedAtMs)
      return columns
    }
    return {
      receivedAtMs,
      partition,
      get rows() {
        return decoded().rows
      },
      get notes() {
        return decoded().notes
      },
      get unread() {
        return decoded().unread
      },
      text,
    }
  }

  // Into a buffer of all batches first, so that each one keeps no more than it holds.
  #decode(text: Uint8Array, receivedAtMs: number): Columns {
    const buffer = this.#rows
    buffer.length = 0
    const notes: NoteRow[] = []
    const options = { precision: 'ms', receivedAtMs, anyTime: true } as const
    const { refusedSeries, rejected } = this.#decoder.decode(text, options, buffer, notes)
    this.refusedSeries += refusedSeries
    this.rejectedLines += rejected
    const { series, tMs, values } = buffer.rows()
    const rows = { series: series.slice(), tMs: tMs.slice(), values: values.slice() }
    if (buffer.series.length > keptRows) this.#rows = new RowBuffer()
    const isWhole = refusedSeries + rejected === 0
    return { rows, notes, unread: isWhole ? [] : this.#unread(text, receivedAtMs) }
  }

  // Whatever lies between the lines that were taken whole; read once more, since this is rare.
  #unread(text: Uint8Array, receivedAtMs: number): Uint8Array[] {
    const found: Uint8Array[] = []
    let at = 0
    const between = (end: number): void => {
      for (const line of cutLines(text.subarray(at, end), 1)) if (!isBlank(line)) found.push(line)
    }
    const lines: LineCollector = {
      whole(from, to) {
        between(from)
        const end = text.indexOf(newline, to)
        at = end < 0 ? text.length : end + 1
      },
      partly: () => {},
    }
    this.#decoder.decode(text, { precision: 'ms', receivedAtMs, anyTime: true, lines }, new RowBuffer(), [])
    between(text.length)
    return found
  }
}

const isBlank = (line: Uint8Array): boolean => line.every(byte => byte <= space)
