// The grammar of line protocol, byte by byte: where does each part of a line end, and what does it say?
// Shared by the decoder of rows (decode.ts) and of points (points.ts), so that both accept the same.
// A whole value, key included, takes 70 ns on a wide line, and 120 ns when it has 16 digits; bench/parse.ts guards
// it. Hence numbers instead of objects: each method answers where its part ends, or `failed`, and leaves what it
// read in fields.
import { isUtf8 } from 'node:buffer'
import { nearest, powersOfTen } from './decimal.ts'
import { type Precision, units } from './precision.ts'

export const failed = -1

const tab = 9
export const newline = 10
export const carriageReturn = 13
export const space = 32
export const quote = 34
export const hash = 35
export const comma = 44
const minus = 45
const dot = 46
const equals = 61
export const backslash = 92
const zero = 48
const smallI = 105
const smallU = 117

// What a byte means where.
const endsMeasurement = 1
const endsKey = 2
const endsBare = 4
const escapableInMeasurement = 8
const escapableInKey = 16

const classes = new Uint8Array(256)
for (let each = 0; each < 32; each++) classes[each] = endsMeasurement | endsKey
classes[127] = endsMeasurement | endsKey
classes[space] = endsMeasurement | endsKey | endsBare | escapableInMeasurement | escapableInKey
classes[comma] = endsMeasurement | endsKey | endsBare | escapableInMeasurement | escapableInKey
classes[equals] = endsKey | escapableInKey
classes[newline]! |= endsBare
classes[carriageReturn]! |= endsBare

export const kinds = ['float', 'int', 'uint', 'bool', 'string'] as const
const float = 0
const int = 1
const uint = 2
const bool = 3
const string = 4

const truths = new Map([
  ['t', 1],
  ['T', 1],
  ['true', 1],
  ['True', 1],
  ['TRUE', 1],
  ['f', 0],
  ['F', 0],
  ['false', 0],
  ['False', 0],
  ['FALSE', 0],
])

const lastInt = '9223372036854775807'
// The last time of 64 bits in nanoseconds, in milliseconds.
const lastMs = 9_223_372_036_854
const lastUint = '18446744073709551615'
const floatForm = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

export class Scanner {
  // Always ends with a newline, so that only strings must look where the end is.
  bytes: Uint8Array = Uint8Array.of(newline)
  end = 1
  // Of the newest scalar: its kind, and its number in number[0].
  kind = float
  readonly number = new Float64Array(1)
  // Of the newest string: what it says.
  string = ''
  // Of the newest time: rounded down to the millisecond; NaN when absent, Infinity when refused for its size.
  readonly timeMs = new Float64Array(1)
  // Of the newest failure: where it was seen, what it was, and from where on a next line is to be looked for.
  problemAt = 0
  problem = ''
  resumeAt = 0
  #buffer: Buffer = Buffer.alloc(0)
  #own = new Uint8Array(0)

  open(block: Uint8Array): void {
    // Always a plain array: code that has seen Buffers too is slower for both.
    const { buffer, byteOffset, length } = block
    const whole =
      block[length - 1] === newline ? new Uint8Array(buffer, byteOffset, length) : this.#ended(block)
    this.bytes = whole
    this.end = whole.length
    this.#buffer = Buffer.from(whole.buffer, whole.byteOffset, whole.length)
  }

  // Lets go of the caller's bytes.
  close(): void {
    this.bytes = Uint8Array.of(newline)
    this.end = 1
    this.#buffer = Buffer.alloc(0)
    if (this.#own.length > 1 << 20) this.#own = new Uint8Array(0)
  }

  fail(at: number, problem: string): typeof failed {
    this.problemAt = at
    this.resumeAt = at
    this.problem = problem
    return failed
  }

  // A comment, to behind its newline. Like the rest of a line it may hold no control characters but tabs.
  comment(at: number): number {
    const { bytes } = this
    let to = at
    while ((bytes[to]! >= space && bytes[to] !== 127) || bytes[to] === tab) to++
    const next = this.lineEnd(to)
    return next === failed ? this.fail(to, `wanted text in this comment, found ${this.found(to)}`) : next
  }

  measurement(at: number): number {
    const to = this.#token(at, endsMeasurement, escapableInMeasurement)
    if (to === failed) return failed
    if (to === at) return this.fail(at, `wanted a measurement, found ${this.found(at)}`)
    return to
  }

  // The key of a tag or field, up to its `=`.
  key(at: number, what: 'tag' | 'field'): number {
    const to = this.#token(at, endsKey, escapableInKey)
    if (to === failed) return failed
    if (to === at) return this.fail(at, `wanted a ${what} key, found ${this.found(at)}`)
    if (this.bytes[to] === equals) return to
    return this.fail(to, `wanted = after the ${what} key ${this.show(at, to)}, found ${this.found(to)}`)
  }

  tagValue(at: number): number {
    const to = this.#token(at, endsKey, escapableInKey)
    if (to === failed) return failed
    if (to === at) return this.fail(at, `wanted a tag value, found ${this.found(at)}`)
    return to
  }

  // A field's value that is not a string. Numbers of up to 18 digits are finished here, the rest by #oddScalar.
  scalar(at: number): number {
    const bytes = this.bytes
    let to = at
    const isNegative = bytes[to] === minus
    if (isNegative) to++
    const from = to
    let first = 0
    let last = 0
    let digit = bytes[to]! - zero
    for (; digit >>> 0 <= 9 && to < from + 9; digit = bytes[++to]! - zero) first = (first * 10 + digit) | 0
    for (; digit >>> 0 <= 9; digit = bytes[++to]! - zero) last = (Math.imul(last, 10) + digit) | 0
    const whole = to - from
    let digits = whole
    if (digit === dot - zero) {
      digit = bytes[++to]! - zero
      for (; digit >>> 0 <= 9 && to <= from + 9; digit = bytes[++to]! - zero) first = (first * 10 + digit) | 0
      for (; digit >>> 0 <= 9; digit = bytes[++to]! - zero) last = (Math.imul(last, 10) + digit) | 0
      digits = to - from - 1
    }
    if (digits > 18 || digits === 0) return this.#oddScalar(at)
    let kind = float
    if ((classes[bytes[to]!]! & endsBare) === 0) {
      kind = bytes[to] === smallI ? int : bytes[to] === smallU && !isNegative ? uint : float
      to++
      if (kind === float || to !== from + whole + 1) return this.#oddScalar(at)
      if ((classes[bytes[to]!]! & endsBare) === 0) return this.#oddScalar(at)
    }
    let value = first
    if (digits > 15) value = nearest(first, last, digits - 9, digits - whole)
    else if (digits > 9) value = (first * powersOfTen[digits - 9]! + last) / powersOfTen[digits - whole]!
    else if (digits > whole) value = first / powersOfTen[digits - whole]!
    if (Number.isNaN(value)) return this.#oddScalar(at)
    this.number[0] = isNegative ? -value : value
    this.kind = kind
    return to
  }

  // A quoted string from its opening quote. Newlines are allowed in it.
  quoted(at: number): number {
    const bytes = this.bytes
    let to = at + 1
    let isPlain = true
    let c = 0
    for (; to < this.end; to++) {
      c = bytes[to]!
      if (c === quote) break
      if (c !== backslash) continue
      isPlain = false
      to++
    }
    if (to >= this.end) return this.fail(at, 'wanted a closing quote for this string, found the end')
    const after = bytes[to + 1]!
    if ((classes[after]! & endsBare) === 0) {
      // Where such a string ends is anyone's guess, so the next line is looked for inside it.
      this.fail(to + 1, `wanted a comma, a space or the end after the string, found ${this.found(to + 1)}`)
      this.resumeAt = at
      return failed
    }
    if (!isUtf8(bytes.subarray(at + 1, to)))
      return this.fail(at, 'wanted UTF-8 in the string, found other bytes')
    const text = this.#buffer.toString('utf8', at + 1, to)
    this.string = isPlain ? text : text.replace(/\\([\\"nrt])/g, (_, escaped: string) => meaning[escaped]!)
    this.kind = string
    return to + 1
  }

  value(at: number): number {
    return this.bytes[at] === quote ? this.quoted(at) : this.scalar(at)
  }

  // Behind the last field: spaces, perhaps a time, and the end of the line, whose newline is passed.
  // Today's times, of 10 to 19 digits, are finished here, others by #longTime.
  time(at: number, precision: Precision): number {
    const bytes = this.bytes
    let to = at
    while (bytes[to] === space) to++
    const from = to
    let high = 0
    let low = 0
    let digit = bytes[to]! - zero
    for (; digit >>> 0 <= 9 && to < from + 9; digit = bytes[++to]! - zero) high = (high * 10 + digit) | 0
    for (; digit >>> 0 <= 9 && to < from + 18; digit = bytes[++to]! - zero) low = (low * 10 + digit) | 0
    const { drop, times } = units[precision]
    const ignored = to - from - 9
    if (digit >>> 0 <= 9) to++
    const kept = to - from - 9 - drop
    if (bytes[to] !== newline || kept < 0 || kept > 9 || high >= 900_000_000) {
      return this.#longTime(from, precision)
    }
    const ms = (high * powersOfTen[kept]! + Math.floor(low / powersOfTen[ignored - kept]!)) * times
    if (ms > lastMs) return this.#longTime(from, precision)
    this.timeMs[0] = ms
    return to + 1
  }

  // Behind the newline at `at`, which may follow a carriage return, or failed.
  lineEnd(at: number): number {
    const c = this.bytes[at]
    if (c === newline) return at + 1
    return c === carriageReturn && this.bytes[at + 1] === newline ? at + 2 : failed
  }

  text(from: number, to: number, part: 'measurement' | 'key'): string {
    const text = this.#buffer.toString('utf8', from, to)
    if (!text.includes('\\')) return text
    return text.replace(part === 'measurement' ? /\\([ ,])/g : /\\([ ,=])/g, '$1')
  }

  ascii(from: number, to: number): string {
    return this.#buffer.toString('latin1', from, to)
  }

  // A byte for people.
  found(at: number): string {
    const c = this.bytes[at]!
    if (c === newline || at >= this.end) return 'the end of the line'
    if (c === space) return 'a space'
    return c > 32 && c < 127 ? String.fromCharCode(c) : `byte 0x${c.toString(16).padStart(2, '0')}`
  }

  show(from: number, to: number): string {
    const text = this.#buffer.toString('utf8', from, Math.min(to, from + 40))
    return JSON.stringify(to - from > 40 ? `${text}…` : text)
  }

  #ended(block: Uint8Array): Uint8Array {
    if (this.#own.length < block.length + 1) this.#own = new Uint8Array(block.length + 1)
    this.#own.set(block)
    this.#own[block.length] = newline
    return this.#own.subarray(0, block.length + 1)
  }

  #token(at: number, ends: number, escapable: number): number {
    const bytes = this.bytes
    let to = at
    let bits = 0
    for (;;) {
      const c = bytes[to]!
      if ((classes[c]! & ends) !== 0) break
      bits |= c
      to += c === backslash && (classes[bytes[to + 1]!]! & escapable) !== 0 ? 2 : 1
    }
    if (bits < 128 || isUtf8(bytes.subarray(at, to))) return to
    return this.fail(at, `wanted UTF-8, found other bytes in ${this.show(at, to)}`)
  }

  // Booleans, long or unusual numbers, and everything that is none.
  #oddScalar(at: number): number {
    const bytes = this.bytes
    let to = at
    while ((classes[bytes[to]!]! & endsBare) === 0) to++
    if (to === at) return this.fail(at, `wanted a value, found ${this.found(at)}`)
    const suffix = bytes[to - 1]
    if (suffix === smallI || suffix === smallU) return this.#integer(at, to, suffix === smallI ? int : uint)
    const text = to - at < 2_000 ? this.ascii(at, to) : ''
    const truth = truths.get(text)
    this.kind = truth === undefined ? float : bool
    const value = truth ?? (floatForm.test(text) ? Number(text) : Number.NaN)
    this.number[0] = value
    if (Number.isFinite(value)) return to
    const wanted = Number.isNaN(value)
      ? 'a number, true, false or a quoted string'
      : 'a number that a double can hold'
    return this.fail(at, `wanted ${wanted}, found ${this.show(at, to)}`)
  }

  #integer(at: number, to: number, kind: number): number {
    const bytes = this.bytes
    const isNegative = bytes[at] === minus && kind === int
    const from = isNegative ? at + 1 : at
    const value = wholeNumber(bytes, from, to - 1)
    if (value < 0)
      return this.fail(
        at,
        `wanted ${kind === int ? 'an integer' : 'an unsigned integer'}, found ${this.show(at, to)}`,
      )
    this.kind = kind
    this.number[0] = isNegative ? -value : value
    if (value < 1e18) return to
    const digits = this.ascii(from, to - 1).replace(/^0+/, '')
    const limit = kind === uint ? lastUint : isNegative ? '9223372036854775808' : lastInt
    this.number[0] = Number(isNegative ? `-${digits}` : digits)
    if (digits.length < limit.length || (digits.length === limit.length && digits <= limit)) return to
    return this.fail(at, `wanted an integer of 64 bits, found ${this.show(at, to)}`)
  }

  #longTime(from: number, precision: Precision): number {
    const bytes = this.bytes
    const first = bytes[from] === minus ? from + 1 : from
    let last = first
    while (bytes[last]! >= zero && bytes[last]! <= zero + 9) last++
    this.timeMs[0] = Number.NaN
    let to = last
    while (bytes[to] === space) to++
    const next = this.lineEnd(to)
    if (next === failed) {
      const wanted =
        last === from || last === to ? 'a time or the end of the line' : 'the end of the line after the time'
      return this.fail(to, `wanted ${wanted}, found ${this.found(to)}`)
    }
    if (from === last) return next
    if (first === last) return this.fail(from, 'wanted digits after the minus of the time, found none')
    const { drop, times } = units[precision]
    const cut = Math.max(first, last - drop)
    const ms = cut === first ? 0 : wholeNumber(bytes, first, cut) * times
    if (ms > lastMs || (last - first > 18 && this.#isBeyond(from, first, last))) {
      this.timeMs[0] = Infinity
      return this.fail(
        from,
        `wanted a time of 64 bits in nanoseconds, found ${this.show(from, last)} as ${precision}`,
      )
    }
    this.timeMs[0] = first === from ? ms : -ms - (this.#hasMore(cut, last) ? 1 : 0)
    return next
  }

  // Whether what is cut off a time before 1970 is not just zeros: then rounding down goes one further.
  #hasMore(from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (this.bytes[at] !== zero) return true
    return false
  }

  #isBeyond(from: number, first: number, last: number): boolean {
    const digits = this.ascii(first, last).replace(/^0+/, '')
    const limit = from === first ? lastInt : '9223372036854775808'
    return digits.length > 19 || (digits.length === 19 && digits > limit)
  }
}

const meaning: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n', r: '\r', t: '\t' }

// The digits as a number, exact up to 18 of them; -1 when there are none or others among them.
function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  let high = 0
  let at = from
  for (;;) {
    const stop = Math.min(to, at + 9)
    const start = at
    let low = 0
    for (; at < stop; at++) {
      const digit = bytes[at]! - zero
      if (digit < 0 || digit > 9) return -1
      low = (Math.imul(low, 10) + digit) | 0
    }
    high = high * powersOfTen[at - start]! + low
    if (at >= to) return from === to ? -1 : high
  }
}
