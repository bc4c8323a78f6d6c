// From line protocol to rows: which samples and notes does this block hold, and what is wrong with the lines
// that hold none? Called by whoever receives line protocol; the hottest path of the service.
//
// The figure: durable ingest has 0.5 CPU-s per million values, of which this file may take 0.12 on wide lines
// and 0.3 µs for each line of one value; bench/parse.ts guards it (npm run bench). So a known line makes no
// string and no object: "measurement,tags " is compared with what came after the last line's the time before,
// "field=" with the field at this place of the prefix's last line, and only what differs is hashed.
// A line that brings a new prefix or field is first checked to its end: nothing is interned for a bad line.
import type { NoteRow, RowBuffer } from '../batch.ts'
import { labelsOf, metricName } from '../labels.ts'
import type { Labels } from '../model.ts'
import { refused, type SeriesTable } from '../series.ts'
import { writeStale } from '../stale.ts'
import { ByteKeys } from './byte-keys.ts'
import { FieldLists } from './field-lists.ts'
import { readHead } from './head.ts'
import { type LineError, LineErrors } from './line-errors.ts'
import { isSpecial, nameOf, specialField, specials } from './names.ts'
import { type Precision, units } from './precision.ts'
import { backslash, carriageReturn, comma, failed, hash, newline, quote, Scanner, space } from './scan.ts'
import { anyTime, type Window, windowAt, windowProblem } from './window.ts'

// `cacheBytes` bounds what is remembered of prefixes and fields, apart from the series themselves; what is older than
// `keepMs` is rejected.
export type LineLimits = Readonly<{
  lineBytes: number
  tags: number
  fields?: number
  measurement?: number
  cacheBytes?: number
  keepMs?: number
}>

export const lineLimits = {
  lineBytes: 1 << 20,
  tags: 64,
  fields: 10_000,
  // Each field of a line is named by it, so a long one is walked thousands of times.
  measurement: 1_024,
  cacheBytes: 256 << 20,
  keepMs: Number.POSITIVE_INFINITY,
} as const

// `lines` counts all but comments and blank ones, `values` the samples and notes that were taken, `badTimes` those of
// the rejected lines that are well-formed but for their time, and `refusedSeries` the values for whose series the
// table has no room. `errors` tells of the first ten rejected lines.
export type Decoded = Readonly<{
  lines: number
  values: number
  rejected: number
  badTimes: number
  errors: readonly LineError[]
  refusedSeries: number
}>

// Told of each line of which something was taken, before the next one is read: where it lies in the block without its
// time, the time in milliseconds, and a series of it. Of a line of which only some fields found room, `spans` are
// what to keep of it: its measurement and tags with the blanks behind them, then fields without commas between.
export interface LineCollector {
  whole(from: number, to: number, tMs: number, series: number): void
  partly(spans: readonly number[], tMs: number, series: number): void
}

// `anyTime` leaves out the check of window.ts; of `errorsMax` rejected lines is told what was wrong, with the text
// for so many bytes around it.
export type DecodeOptions = Readonly<{
  precision: Precision
  receivedAtMs: number
  anyTime?: boolean
  lines?: LineCollector | undefined
  errorsMax?: number
  errorBytes?: number
}>

// What a new series is named by.
type Names = Readonly<{ measurement: string; labels: Labels }>

// Instead of a number of a series: there was no room for it.
const noRoom = 0xffffffff
// Set in the number of a field whose strings are samples, so that only these take another turn.
const specialBit = 0x80000000
const none = 0xffffffff

export class LineDecoder {
  readonly #table: Pick<SeriesTable, 'intern'>
  readonly #limits: Required<LineLimits>
  readonly #scan = new Scanner()

  // What is remembered: the prefixes, each with the list of its fields and the prefix that came next.
  readonly #prefixes = new ByteKeys()
  readonly #keys = new ByteKeys()
  readonly #lists = new FieldLists()
  #nexts = new Uint32Array(256)
  #previous = none

  // Of the block under way.
  #precision: Precision = 'ns'
  #window: Window = anyTime
  #receivedAtMs = 0
  #refused = 0
  #badTimes = 0
  #lines: LineCollector | undefined

  // Of the line under way: where it begins, whether its end was seen, its names once they were needed, its
  // strings until the time is known, and what #field found.
  #lineAt = 0
  #isChecked = false
  #names: Names | undefined
  readonly #noteSeries: number[] = []
  readonly #noteTexts: string[] = []
  #fieldAt = 0
  #fieldSeries = 0
  // For the collector: from where to where the fields lie that found no room.
  readonly #leftOut: number[] = []

  constructor(table: Pick<SeriesTable, 'intern'>, limits: LineLimits = lineLimits) {
    this.#table = table
    this.#limits = { ...lineLimits, ...limits }
  }

  // Appends to rows and notes. Keeps nothing of the block.
  decode(block: Uint8Array, options: DecodeOptions, rows: RowBuffer, notes: NoteRow[]): Decoded {
    this.#precision = options.precision
    this.#receivedAtMs = options.receivedAtMs
    const { keepMs } = this.#limits
    this.#window = options.anyTime === true ? anyTime : windowAt(options.receivedAtMs, keepMs)
    this.#refused = 0
    this.#badTimes = 0
    this.#lines = options.lines
    const scan = this.#scan
    scan.open(block)
    const { bytes, end } = scan
    const errors = new LineErrors(options.errorsMax, options.errorBytes)
    const before = rows.length + notes.length
    let lines = 0
    let at = 0
    while (at < end) {
      const c = bytes[at]
      if (c === space || c === newline) {
        at++
        continue
      }
      if (c === carriageReturn && bytes[at + 1] === newline) {
        at += 2
        continue
      }
      const next = c === hash ? scan.comment(at) : this.#line(at, rows, notes)
      if (c !== hash || next === failed) lines++
      if (next === failed) errors.add(scan)
      at = next === failed ? bytes.indexOf(newline, scan.resumeAt) + 1 : next
    }
    scan.close()
    this.#lines = undefined
    if (this.#remembered() > this.#limits.cacheBytes) this.#forget()
    const values = rows.length + notes.length - before
    const { count: rejected, first } = errors
    const [badTimes, refusedSeries] = [this.#badTimes, this.#refused]
    return { lines, values, rejected, badTimes, errors: first, refusedSeries }
  }

  // All of a line or nothing. Answers where the next one begins.
  #line(at: number, rows: RowBuffer, notes: NoteRow[]): number {
    const first = rows.length
    const refusedBefore = this.#refused
    this.#lineAt = at
    this.#isChecked = false
    this.#names = undefined
    if (this.#noteSeries.length !== 0) this.#dropNotes()
    if (this.#leftOut.length !== 0) this.#leftOut.length = 0
    const next = this.#prefixed(at, rows)
    if (next === failed) {
      rows.length = first
      this.#refused = refusedBefore
      return failed
    }
    const parsedMs = this.#scan.timeMs[0]!
    const tMs = Number.isNaN(parsedMs) ? this.#receivedAtMs : parsedMs
    const { tMs: times, length } = rows
    for (let row = first; row < length; row++) times[row] = tMs
    for (let note = 0; note < this.#noteSeries.length; note++) {
      notes.push({ series: this.#noteSeries[note]!, tMs, text: this.#noteTexts[note]! })
    }
    if (this.#lines !== undefined) {
      const series = length > first ? rows.series[first] : this.#noteSeries[0]
      if (series !== undefined) this.#collect(at, next, tMs, series)
    }
    return next
  }

  // Hands a good line to the collector.
  #collect(from: number, next: number, tMs: number, series: number): void {
    const { bytes } = this.#scan
    const to = fieldsEnd(bytes, next, !Number.isNaN(this.#scan.timeMs[0]!))
    if (this.#leftOut.length === 0) {
      this.#lines?.whole(from, to, tMs, series)
      return
    }
    let kept = this.#prefixEnd(from)
    while (bytes[kept] === space) kept++
    const spans = [from, kept]
    for (let each = 0; each < this.#leftOut.length; each += 2) {
      const start = this.#leftOut[each]!
      if (start > kept) spans.push(kept, start - 1)
      kept = this.#leftOut[each + 1]! + 1
    }
    if (kept < to) spans.push(kept, to)
    this.#lines?.partly(spans, tMs, series)
  }

  #prefixed(at: number, rows: RowBuffer): number {
    const { bytes } = this.#scan
    const guess = this.#previous === none ? none : this.#nexts[this.#previous]!
    let fieldsAt = guess === none ? failed : this.#prefixes.match(guess, bytes, at)
    if (fieldsAt !== failed) {
      this.#previous = guess
      return this.#fields(guess, fieldsAt, rows)
    }
    fieldsAt = this.#prefixEnd(at)
    let prefix = bytes[fieldsAt - 1] === space ? this.#prefixes.find(bytes, at, fieldsAt) : failed
    const isNew = prefix === failed
    if (isNew) prefix = this.#newPrefix(at)
    if (prefix === failed) return failed
    const next = this.#fields(prefix, fieldsAt, rows)
    // A flood of series that find no room must not drive out those that have one.
    if (isNew && this.#lists.counts[prefix] === 0) {
      this.#lists.used = this.#lists.starts[prefix]!
      this.#prefixes.pop()
      return next
    }
    if (this.#previous !== none) this.#nexts[this.#previous] = prefix
    this.#previous = prefix
    return next
  }

  #fields(prefix: number, from: number, rows: RowBuffer): number {
    const scan = this.#scan
    const { bytes } = scan
    const keys = this.#keys
    const lists = this.#lists
    let at = from
    while (bytes[at] === space) at++
    let count = 0
    for (let field = 0; ; field++) {
      const keyAt = at
      const slot = lists.starts[prefix]! + field
      let valueAt = field < lists.counts[prefix]! ? keys.match(lists.keys[slot]!, bytes, at) : failed
      let series = noRoom
      if (valueAt !== failed) series = lists.series[slot]!
      else {
        valueAt = this.#field(prefix, at, field)
        if (valueAt === failed) return failed
        field = this.#fieldAt
        series = this.#fieldSeries
      }
      if (bytes[valueAt] === quote) {
        at = this.#text(series, valueAt, rows)
        if (at === failed) return failed
        if (series === noRoom) this.#leftOut.push(keyAt, at)
      } else {
        at = scan.scalar(valueAt)
        if (at === failed) return failed
        if (series >= specialBit && series !== noRoom) {
          const number = scan.number[0]!
          if (!this.#isChecked && !this.#check(keyAt)) return failed
          // A number in a field whose strings are specials is of a series of its own.
          series = this.#intern(scan.text(keyAt, valueAt - 1, 'key'))
          scan.number[0] = number
        }
        if (series !== noRoom) {
          const row = rows.length
          if (row === rows.series.length) rows.grow()
          rows.series[row] = series
          rows.values[row] = scan.number[0]!
          rows.length = row + 1
        } else this.#leftOut.push(keyAt, at)
      }
      count++
      if (bytes[at] !== comma) return this.#lineEnd(at, count)
      at++
    }
  }

  // What must hold of the rest of a line with `count` fields; answers where the next line begins.
  #lineEnd(at: number, count: number): number {
    const scan = this.#scan
    const next = scan.time(at, this.#precision)
    const tMs = scan.timeMs[0]!
    if (tMs < this.#window.fromMs || tMs > this.#window.toMs) {
      this.#badTimes++
      while (scan.bytes[at] === space) at++
      const written = Number.parseFloat(scan.ascii(at, at + 40)) / units[this.#precision].perMs
      return scan.fail(at, windowProblem(written, this.#precision, this.#window))
    }
    if (next === failed) return failed
    const { lineBytes, fields } = this.#limits
    if (count > fields) return scan.fail(at, `wanted at most ${fields} fields in a line, found ${count}`)
    const length = next - this.#lineAt
    if (length <= lineBytes) return next
    scan.fail(this.#lineAt, `wanted lines of at most ${lineBytes} bytes, found ${length}`)
    scan.resumeAt = next - 1
    return failed
  }

  // Behind the space that ends the prefix, or behind what should have been one.
  #prefixEnd(from: number): number {
    const { bytes } = this.#scan
    for (let at = from; ; at++) {
      const c = bytes[at]!
      if (c <= space) return at + 1
      if (c === backslash && bytes[at + 1] === space) at++
    }
  }

  // Remembers a prefix that begins a good line, or fails.
  #newPrefix(at: number): number {
    const scan = this.#scan
    const names = this.#readNames(at)
    if (names === undefined || !this.#check(this.#fieldAt)) return failed
    this.#names = names
    if (this.#remembered() > this.#limits.cacheBytes) this.#forget()
    const prefix = this.#prefixes.add(scan.bytes, at, this.#fieldAt)
    this.#lists.open(prefix)
    if (prefix >= this.#nexts.length) {
      const wider = new Uint32Array(this.#nexts.length * 2)
      wider.set(this.#nexts)
      this.#nexts = wider
    }
    this.#nexts[prefix] = none
    return prefix
  }

  // A field that is not the expected one: where its value begins; its place and series are in fields.
  #field(prefix: number, at: number, expected: number): number {
    const scan = this.#scan
    const keyEnd = scan.key(at, 'field')
    if (keyEnd === failed) return failed
    const valueAt = keyEnd + 1
    let key = this.#keys.find(scan.bytes, at, valueAt)
    const known = key === failed ? failed : this.#lists.find(prefix, key, expected)
    if (known !== failed) {
      this.#fieldAt = known
      this.#fieldSeries = this.#lists.series[this.#lists.starts[prefix]! + known]!
      return valueAt
    }
    if (!this.#isChecked && !this.#check(at)) return failed
    const name = scan.text(at, keyEnd, 'key')
    const special = scan.bytes[valueAt] === quote ? specialField(name) : undefined
    const series = this.#intern(special ?? name)
    this.#fieldSeries = special === undefined || series === noRoom ? series : (series | specialBit) >>> 0
    // Not remembered: what found no room, and numbers in a field whose strings would be another series.
    this.#fieldAt = expected - 1
    if (series === noRoom || (special === undefined && specialField(name) !== undefined)) return valueAt
    if (key === failed) key = this.#keys.add(scan.bytes, at, valueAt)
    this.#fieldAt = this.#lists.add(prefix, key, this.#fieldSeries)
    return valueAt
  }

  // The series of a field of the line under way.
  #intern(field: string): number {
    this.#names ??= this.#readNames(this.#lineAt)
    if (this.#names === undefined) throw new Error('a known prefix cannot be read again')
    const { measurement, labels } = this.#names
    const series = this.#table.intern(nameOf(measurement, field), labels)
    if (series !== refused) return series
    this.#refused++
    return noRoom
  }

  // Of the head of a line; leaves in #fieldAt where its fields begin.
  #readNames(at: number): Names | undefined {
    const head = readHead(this.#scan, at, this.#limits.tags)
    if (head === undefined) return undefined
    this.#fieldAt = head.end
    const [{ length }, most] = [head.measurement, this.#limits.measurement]
    if (length > most) {
      this.#scan.fail(at, `wanted a measurement of at most ${most} characters, found ${length}`)
      return undefined
    }
    if (head.tags.every(([name]) => name !== metricName)) {
      return { measurement: head.measurement, labels: labelsOf(head.tags) }
    }
    this.#scan.fail(at, `wanted tags other than ${metricName}, which is the metric's own name`)
    return undefined
  }

  // Reads a line from one of its fields to its end without keeping anything.
  #check(from: number): boolean {
    const scan = this.#scan
    const { bytes } = scan
    let at = from
    while (bytes[at] === space) at++
    for (let count = 1; ; count++) {
      const keyEnd = scan.key(at, 'field')
      if (keyEnd === failed) return false
      const valueEnd = scan.value(keyEnd + 1)
      if (valueEnd === failed) return false
      if (bytes[keyEnd + 1] === quote && !isSpecial(scan.string)) {
        if (specialField(scan.text(at, keyEnd, 'key')) !== undefined) return this.#notSpecial(keyEnd + 1)
      }
      if (bytes[valueEnd] !== comma) {
        this.#isChecked = this.#lineEnd(valueEnd, count) !== failed
        return this.#isChecked
      }
      at = valueEnd + 1
    }
  }

  // A string: a note, or the sample that the protocol cannot write as a number.
  #text(series: number, at: number, rows: RowBuffer): number {
    const end = this.#scan.quoted(at)
    if (end === failed || series === noRoom) return end
    const text = this.#scan.string
    if (series < specialBit) {
      this.#noteSeries.push(series)
      this.#noteTexts.push(text)
      return end
    }
    if (!isSpecial(text)) {
      this.#notSpecial(at)
      return failed
    }
    rows.push(series & ~specialBit, 0, text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number.NaN)
    if (text === 'stale') writeStale(rows.values, rows.length - 1)
    return end
  }

  #dropNotes(): void {
    this.#noteSeries.length = 0
    this.#noteTexts.length = 0
  }

  #notSpecial(at: number): false {
    this.#scan.fail(
      at,
      `wanted one of ${specials.join(', ')} in this field, found ${this.#scan.show(at, at + 20)}`,
    )
    return false
  }

  // Roughly, in bytes.
  #remembered(): number {
    const [prefixes, keys] = [this.#prefixes, this.#keys]
    return prefixes.bytes + keys.bytes + 40 * (prefixes.size + keys.size) + this.#lists.bytes
  }

  #forget(): void {
    this.#prefixes.clear()
    this.#keys.clear()
    this.#lists.clear()
    this.#previous = none
  }
}

// Behind the last field of a good line whose next one begins at `next`.
function fieldsEnd(bytes: Uint8Array, next: number, hasTime: boolean): number {
  let to = next - 1
  if (bytes[to - 1] === carriageReturn) to--
  while (bytes[to - 1] === space) to--
  if (!hasTime) return to
  while (bytes[to - 1] !== space) to--
  while (bytes[to - 1] === space) to--
  return to
}
