// A batch as line protocol: what a bus that crosses processes carries of samples that did not come as lines.
// Called by such a bus for each batch, and by the gateway, which asks first how much it will be.
//
// Remote write and OTLP of a whole fleet pass here, so known series make no string and no object
// (bench/text.ts: 0.2 µs a row alone in its line, 0.1 µs beside others). Rows that follow one another and have measurement, labels and time in common become
// one line with several fields, as Telegraf writes them.
import type { Batch, NoteRow, Rows } from '../batch.ts'
import type { SeriesTable } from '../series.ts'
import { cutLines } from './cut-lines.ts'
import { quoted, specialOf } from './encode.ts'
import { specialSuffix } from './names.ts'
import { numberBytes, writeFloat, writeInteger, writeTime } from './number-text.ts'
import { comma, newline, space } from './scan.ts'
import { fieldsMax, SeriesHeads } from './series-heads.ts'

// Beginnings of lines that are remembered for each table.
const cacheBytes = 256 << 20
// Kept from one batch to the next.
const keptBytes = 4 << 20
// What a row takes beside its head and field: `__special="stale"` or a number, a comma, a time, a newline.
const rowBytes = numberBytes + 32
const none = -1
const firstBytes = 64 << 10

const writers = new WeakMap<SeriesTable, TextWriter>()

function writerOf(table: SeriesTable): TextWriter {
  const known = writers.get(table)
  if (known !== undefined) return known
  const writer = new TextWriter(table)
  writers.set(table, writer)
  return writer
}

// Blocks of at most maxBytes; a single longer line stands alone. Text that the batch brings is only cut.
export function textsOf(batch: Batch, table: SeriesTable, maxBytes: number): Uint8Array[] {
  if (batch.text !== undefined) return cutLines(batch.text, maxBytes)
  return writerOf(table).write(batch, maxBytes)
}

// How many bytes these rows may take as text, before any is written: rows of one series repeat its labels each time.
export const textBytes = (rows: Rows, table: SeriesTable): number => writerOf(table).measure(rows)

class TextWriter {
  readonly #heads: SeriesHeads
  #out = new Uint8Array(firstBytes)
  #buffer = Buffer.from(this.#out.buffer)
  #at = 0
  #blocks: Uint8Array[] = []
  // Of the line under way: its number, where it begins, and what it has in common.
  #line = 0
  #lineAt = 0
  #head = none
  #tMs = 0
  // By field: the line that had it last. A line must not have it twice.
  readonly #lastLines = new Float64Array(fieldsMax)

  constructor(table: SeriesTable) {
    this.#heads = new SeriesHeads(table, cacheBytes)
  }

  write({ rows, notes }: Batch, maxBytes: number): Uint8Array[] {
    this.#heads.bound()
    this.#blocks = []
    this.#at = 0
    this.#lineAt = 0
    this.#head = none
    for (let row = 0; row < rows.series.length; row++) this.#row(rows, row, maxBytes)
    if (this.#head !== none) this.#endLine(maxBytes)
    for (const note of notes) this.#note(note, maxBytes)
    if (this.#at > 0) this.#blocks.push(this.#out.slice(0, this.#at))
    const blocks = this.#blocks
    this.#blocks = []
    if (this.#out.length > keptBytes) this.#use(new Uint8Array(firstBytes))
    return blocks
  }

  measure({ series }: Rows): number {
    this.#heads.bound()
    let bytes = 0
    for (let row = 0; row < series.length; row++) {
      const head = this.#heads.head(series[row]!)
      bytes += this.#heads.heads.lengthOf(head) + this.#fieldBytes(this.#heads.field(series[row]!))
    }
    return bytes
  }

  #row({ series, tMs, values }: Rows, row: number, maxBytes: number): void {
    const id = series[row]!
    const time = tMs[row]!
    const head = this.#heads.head(id)
    const field = this.#heads.field(id)
    const bytes = this.#fieldBytes(field)
    const goesOn =
      head === this.#head &&
      time === this.#tMs &&
      this.#lastLines[field >>> 1] !== this.#line &&
      this.#at - this.#lineAt + bytes <= maxBytes
    if (goesOn) {
      this.#reserve(bytes)
      this.#out[this.#at++] = comma
    } else {
      if (this.#head !== none) this.#endLine(maxBytes)
      this.#beginLine(head, time, bytes)
    }
    this.#lastLines[field >>> 1] = this.#line
    const at = this.#heads.fields.write(field >>> 1, this.#out, this.#at)
    const value = values[row]!
    if (!Number.isFinite(value)) {
      // In place of the `=`.
      this.#at = this.#ascii(`${specialSuffix}="${specialOf(values, row)}"`, at - 1)
    } else
      this.#at = (field & 1) === 1 ? writeInteger(this.#out, at, value) : writeFloat(this.#out, at, value)
  }

  #note({ series, tMs, text }: NoteRow, maxBytes: number): void {
    const head = this.#heads.head(series)
    const field = this.#heads.field(series)
    const bytes = Buffer.from(quoted(text))
    this.#beginLine(head, tMs, this.#fieldBytes(field) + bytes.length)
    const at = this.#heads.fields.write(field >>> 1, this.#out, this.#at)
    this.#out.set(bytes, at)
    this.#at = at + bytes.length
    this.#endLine(maxBytes)
  }

  // With room for `bytes` more.
  #beginLine(head: number, tMs: number, bytes: number): void {
    this.#reserve(this.#heads.heads.lengthOf(head) + bytes)
    this.#line++
    this.#head = head
    this.#tMs = tMs
    this.#at = this.#heads.heads.copy(head, this.#buffer, this.#at)
  }

  // What came before this line is a block of its own when both together are too long.
  #endLine(maxBytes: number): void {
    const out = this.#out
    out[this.#at] = space
    const end = writeTime(out, this.#at + 1, this.#tMs)
    out[end] = newline
    this.#at = end + 1
    this.#head = none
    if (this.#at > maxBytes && this.#lineAt > 0) {
      this.#blocks.push(out.slice(0, this.#lineAt))
      out.copyWithin(0, this.#lineAt, this.#at)
      this.#at -= this.#lineAt
    }
    this.#lineAt = this.#at
  }

  #fieldBytes(field: number): number {
    return this.#heads.fields.lengthOf(field >>> 1) + rowBytes
  }

  #ascii(text: string, from: number): number {
    let at = from
    for (let each = 0; each < text.length; each++) this.#out[at++] = text.charCodeAt(each)
    return at
  }

  #use(out: Uint8Array<ArrayBuffer>): void {
    this.#out = out
    this.#buffer = Buffer.from(out.buffer)
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#out.length) return
    const larger = new Uint8Array(Math.max(this.#at + bytes, this.#out.length * 2))
    larger.set(this.#out)
    this.#use(larger)
  }
}
