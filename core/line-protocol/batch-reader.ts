// Batches out of the text that crossed a process. Called by the bus for each record; rows and notes are read when
// somebody first asks for them, because a sink that passes text on never does.
import { type Batch, type NoteRow, RowBuffer, type Rows } from '../batch.ts'
import type { SeriesTable } from '../series.ts'
import { LineDecoder, lineLimits } from './decode.ts'

// What the gateway let in is read, whatever its limits were: these are the largest that it can be given.
const limits = { ...lineLimits, lineBytes: Number.POSITIVE_INFINITY, tags: 1_000 }

// More rows than that are room for the largest batches only.
const keptRows = 1 << 18

type Head = Readonly<{ receivedAtMs: number; partition: number }>
type Columns = Readonly<{ rows: Rows; notes: readonly NoteRow[] }>

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
    return { rows, notes }
  }
}
