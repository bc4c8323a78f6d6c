// InfluxDB's answer to a Flux query, read while it arrives: annotated CSV whose rows are a time, a value and what they
// have in common with the others of their table. An inner loop, guarded by bench/influxdb.ts: a row of a known table
// costs its time and its number, 100 ns; the rest of it is as long as in the row before and is passed over.
// Called by ask.ts.
import { Failure } from '../../errors.ts'
import { CsvTimes, readNumber } from './csv-cells.ts'

const newline = 10
const carriageReturn = 13
const quote = 34
const comma = 44
const hash = 35
const letterT = 116

// A table is one field of one series, and one type. `columns` and `cells` are those that are the same in all its rows.
export type Table = Readonly<{
  result: string
  type: string
  columns: readonly string[]
  cells: readonly string[]
}>

export interface Reader {
  table(table: Table): void
  // Rows of the newest table, ascending in time.
  number(tMs: number, value: number): void
  text(tMs: number, text: string): void
  // Rows of tables that have no time: what is listed.
  listed?(value: string, result: string): void
}

// What the rows of all our scripts begin with.
const firstColumns = ['', 'result', 'table', '_time', '_value']

export class AnnotatedCsv {
  readonly #reader: Reader
  readonly #times = new CsvTimes()
  #bytes: Uint8Array = new Uint8Array(0)
  #end = 0
  // Of the block of tables with the same columns.
  #types: readonly string[] = []
  #defaults: readonly string[] = []
  #columns: readonly string[] | undefined
  #isList = false
  // Of the newest table.
  #table = -1
  #type = ''
  #suffixLength = 0

  constructor(reader: Reader) {
    this.#reader = reader
  }

  push(chunk: Uint8Array): void {
    const rest = this.#bytes.length
    const bytes = rest === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    // Always a plain array: code that has seen Buffers too is slower for both.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#end = bytes.length
    let at = 0
    for (;;) {
      const next = this.#row(at)
      if (next < 0) break
      at = next
    }
    this.#bytes = this.#bytes.slice(at)
  }

  // Throws when the last row is not whole.
  finish(): void {
    if (this.#bytes.length > 0)
      throw new Failure('store_unavailable', 'the answer ends in the middle of a row')
  }

  // Answers where the next row begins; -1 when this one is not whole yet.
  #row(at: number): number {
    const bytes = this.#bytes
    const first = bytes[at]
    if (first === comma && this.#columns !== undefined && !this.#isList) {
      const next = this.#data(at)
      if (next !== 0) return next
    }
    const cells: string[] = []
    const next = this.#cells(at, cells)
    if (next < 0) return -1
    if (cells.length === 1 && cells[0] === '') this.#columns = undefined
    else if (first === hash) this.#annotation(cells)
    else if (this.#columns === undefined) this.#header(cells)
    else if (this.#isList)
      this.#reader.listed?.(cells[this.#columns.indexOf('_value')] ?? '', this.#defaults[1] ?? '')
    else throw new Failure('store_unavailable', `InfluxDB broke off: ${cells.join(',').slice(0, 500)}`)
    return next
  }

  #annotation(cells: readonly string[]): void {
    this.#columns = undefined
    if (cells[0] === '#datatype') this.#types = cells
    if (cells[0] === '#default') this.#defaults = cells
  }

  #header(cells: readonly string[]): void {
    this.#columns = cells
    this.#table = -1
    const isUsual = firstColumns.every((name, at) => cells[at] === name)
    this.#isList = !isUsual && this.#reader.listed !== undefined && cells.includes('_value')
    if (!isUsual && !this.#isList && cells[1] !== 'error') {
      throw new Failure(
        'store_unavailable',
        `columns of InfluxDB's answer are not those asked for: ${cells.join(',').slice(0, 200)}`,
      )
    }
  }

  // Zero when it is none of the usual form.
  #data(at: number): number {
    const bytes = this.#bytes
    if (bytes[at + 1] !== comma) return 0
    let from = at + 2
    let table = 0
    while (from < this.#end && bytes[from] !== comma) table = table * 10 + bytes[from++]! - 48
    const timeAt = from + 1
    let timeEnd = timeAt + 20
    while (timeEnd < this.#end && bytes[timeEnd] !== comma) timeEnd++
    const valueAt = timeEnd + 1
    const valueEnd = this.#cellEnd(valueAt)
    if (valueEnd < 0) return -1
    let end = valueEnd + this.#suffixLength
    if (table !== this.#table) {
      const cells: string[] = []
      end = this.#cells(valueEnd + 1, cells)
      if (end < 0) return -1
      this.#open(table, cells, end - valueEnd)
    } else if (end > this.#end) return -1
    else if (bytes[end - 1] !== newline)
      throw new Failure('store_unavailable', 'rows of one table do not end alike')
    const tMs = this.#times.read(bytes, timeAt, timeEnd)
    if (this.#type === 'string') this.#reader.text(tMs, this.#text(valueAt, valueEnd))
    else if (this.#type === 'boolean') this.#reader.number(tMs, bytes[valueAt] === letterT ? 1 : 0)
    else this.#reader.number(tMs, readNumber(bytes, valueAt, valueEnd))
    return end
  }

  #open(table: number, cells: readonly string[], suffixLength: number): void {
    this.#table = table
    this.#suffixLength = suffixLength
    this.#type = this.#types[firstColumns.length - 1] ?? ''
    const columns = this.#columns!.slice(firstColumns.length)
    if (cells.length !== columns.length)
      throw new Failure('store_unavailable', `wanted ${columns.length} columns, found ${cells.length}`)
    this.#reader.table({ result: this.#defaults[1] ?? '', type: this.#type, columns, cells })
  }

  // Where the comma or the end of the line behind this cell is; -1 when that has not come yet.
  #cellEnd(from: number): number {
    const bytes = this.#bytes
    const end = this.#end
    let at = from
    if (bytes[at] === quote) {
      at++
      while (at < end && (bytes[at] !== quote || bytes[at + 1] === quote)) at += bytes[at] === quote ? 2 : 1
      at++
    }
    while (at < end && bytes[at] !== comma && bytes[at] !== newline) at++
    // A quote at the end may be the first of two.
    if (at >= end) return -1
    return bytes[at] === newline && bytes[at - 1] === carriageReturn ? at - 1 : at
  }

  #text(from: number, to: number): string {
    const bytes = this.#bytes
    const isQuoted = bytes[from] === quote
    const [first, last] = isQuoted ? [from + 1, to - 1] : [from, to]
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + first, last - first).toString()
    // InfluxDB's writer of CSV makes every newline two characters, and leaves out carriage returns.
    return isQuoted ? text.replaceAll('""', '"').replaceAll('\r\n', '\n') : text
  }

  // All cells up to the end of the line. Answers where the next line begins.
  #cells(from: number, cells: string[]): number {
    for (let at = from; at < this.#end; ) {
      const to = this.#cellEnd(at)
      if (to < 0) return -1
      cells.push(this.#text(at, to))
      if (this.#bytes[to] === comma) at = to + 1
      else return this.#bytes[to] === newline ? to + 1 : to + 2
    }
    return -1
  }
}
