// Reads what a range selector answers, `{"data":{"result":[{"metric":{…},"values":[[t,"v"],…]},…]}}`, while it comes:
// millions of samples that as objects would take twenty times their place. Called by read.ts.
// Hot: 5 M samples a second, where JSON.parse makes 2 M and arrays of them (bench/prometheus-store.ts), so bytes are
// looked at one by one. Where an item is cut off, it is read again when the rest of it has come.
import { Failure } from '../../errors.ts'
import { labelsOf, metricName } from '../../labels.ts'
import { powersOfTen } from '../../line-protocol/decimal.ts'
import type { Series } from '../../model.ts'
import type { Range, SeriesSamples } from '../../store.ts'

export type MatrixWanted = Range & Readonly<{ samplesMax: number; isWanted: (series: Series) => boolean }>

type State = 'head' | 'series' | 'members' | 'pairs' | 'foreign' | 'tail'

const quote = 34
const comma = 44
const minus = 45
const dot = 46
const zero = 48
const open = 91
const backslash = 92
const close = 93
const openBrace = 123
const closeBrace = 125

// Before the first series stands nothing long.
const headMax = 65_536
const headEnd = '"result":['

export class MatrixReader {
  readonly #wanted: MatrixWanted
  #state: State = 'head'
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  // Within a value that is passed over.
  #depth = 0
  #inText = false

  readonly #found: { series: Series; from: number; end: number }[] = []
  // Of a series that nobody asked for, nothing is kept.
  #series: Series | undefined
  #from = 0
  #length = 0
  #tMs = new Float64Array(4_096)
  #values = new Float64Array(4_096)

  constructor(wanted: MatrixWanted) {
    this.#wanted = wanted
  }

  push(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at)
    this.#bytes =
      rest.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([rest, chunk])
    this.#at = 0
    while (this.#step());
  }

  // What came, in the order of the answer.
  end(): SeriesSamples[] {
    if (this.#state !== 'tail') throw unreadable('it ends too early')
    return this.#found.map(({ series, from, end }) => ({
      series,
      tMs: this.#tMs.subarray(from, end),
      values: this.#values.subarray(from, end),
    }))
  }

  // False when more bytes are needed, or nothing follows.
  #step(): boolean {
    if (this.#state === 'head') return this.#head()
    if (this.#state === 'series') return this.#seriesBegins()
    if (this.#state === 'members') return this.#member()
    if (this.#state === 'pairs') return this.#pairs()
    if (this.#state === 'foreign') return this.#foreign()
    this.#at = this.#bytes.length
    return false
  }

  #head(): boolean {
    const text = this.#bytes.toString('latin1', 0, headMax)
    const end = text.indexOf(headEnd)
    if (end < 0) {
      if (text.length === headMax) throw unreadable(`no ${headEnd} in it`)
      return false
    }
    const head = text.slice(0, end)
    // Of a cluster with a node missing: what is not there would look as if it had never been.
    if (/"isPartial":\s*true/.test(head)) throw unreadable('parts of the database did not answer')
    if (!/"resultType":\s*"matrix"/.test(head)) throw unreadable('it is no matrix')
    this.#at = end + headEnd.length
    this.#state = 'series'
    return true
  }

  // Answers the next byte that is no space, without going over it; undefined when there is none.
  #next(): number | undefined {
    while (this.#at < this.#bytes.length && this.#bytes[this.#at]! <= 32) this.#at++
    return this.#bytes[this.#at]
  }

  #seriesBegins(): boolean {
    const byte = this.#next()
    if (byte === undefined) return false
    if (byte === close) this.#state = 'tail'
    else if (byte === openBrace) this.#state = 'members'
    else if (byte !== comma) throw unreadable(`found ${String.fromCharCode(byte)} where a series begins`)
    this.#at++
    return true
  }

  // `"metric":{…}`, `"values":[`, and whatever else a database has to say of a series.
  #member(): boolean {
    const byte = this.#next()
    if (byte === undefined) return false
    if (byte === closeBrace) {
      this.#seriesEnds()
      this.#state = 'series'
      this.#at++
      return true
    }
    if (byte === comma) {
      this.#at++
      return true
    }
    const from = this.#at
    const colon = this.#bytes.indexOf(':', from)
    if (colon < 0) return false
    const name = this.#bytes.toString('latin1', from, colon).trim()
    if (name === '"metric"') return this.#metric(colon + 1)
    this.#at = colon + 1
    if (name !== '"values"') {
      this.#depth = 0
      this.#state = 'foreign'
      return true
    }
    if (this.#next() === undefined) {
      this.#at = from
      return false
    }
    this.#at++
    this.#state = 'pairs'
    return true
  }

  #metric(from: number): boolean {
    let inText = false
    for (let at = from; at < this.#bytes.length; at++) {
      const byte = this.#bytes[at]!
      if (byte === backslash) at++
      else if (byte === quote) inText = !inText
      else if (byte === closeBrace && !inText) {
        const metric = JSON.parse(this.#bytes.toString('utf8', from, at + 1)) as Record<string, string>
        const pairs = Object.entries(metric)
        const name = pairs.find(([label]) => label === metricName)?.[1] ?? ''
        const series = { name, labels: labelsOf(pairs.filter(([label]) => label !== metricName)) }
        this.#series = this.#wanted.isWanted(series) ? series : undefined
        this.#from = this.#length
        this.#at = at + 1
        return true
      }
    }
    return false
  }

  #seriesEnds(): void {
    if (this.#series !== undefined && this.#length > this.#from) {
      this.#found.push({ series: this.#series, from: this.#from, end: this.#length })
    }
    this.#series = undefined
  }

  // Passes over one value.
  #foreign(): boolean {
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at]!
      if (this.#inText) {
        if (byte === backslash) {
          // What is escaped may not have come yet.
          if (this.#at + 1 === this.#bytes.length) return false
          this.#at++
        } else if (byte === quote) this.#inText = false
      } else if (byte === quote) this.#inText = true
      else if (byte === open || byte === openBrace) this.#depth++
      else if (byte === close || byte === closeBrace) {
        if (this.#depth === 0) {
          this.#state = 'members'
          return true
        }
        this.#depth--
      } else if (byte === comma && this.#depth === 0) {
        this.#state = 'members'
        return true
      }
    }
    return false
  }

  // All pairs that are here whole.
  #pairs(): boolean {
    const bytes = this.#bytes
    for (;;) {
      const byte = this.#next()
      if (byte === undefined) return false
      if (byte === close) {
        this.#at++
        this.#state = 'members'
        return true
      }
      if (byte === comma) {
        this.#at++
        continue
      }
      if (byte !== open) throw unreadable(`found ${String.fromCharCode(byte)} where a sample begins`)
      const end = bytes.indexOf(close, this.#at)
      if (end < 0) return false
      this.#pair(this.#at + 1, end)
      this.#at = end + 1
    }
  }

  // `1795229092.005,"0.3"`
  #pair(from: number, end: number): void {
    const bytes = this.#bytes
    let at = from
    let tMs = 0
    for (; at < end; at++) {
      const digit = bytes[at]! - zero
      if (digit < 0 || digit > 9) break
      tMs = tMs * 10 + digit
    }
    tMs *= 1_000
    if (bytes[at] === dot) {
      at++
      for (let weight = 100; weight >= 1 && bytes[at]! >= zero; weight /= 10)
        tMs += (bytes[at++]! - zero) * weight
    }
    // Times that are written otherwise: negative, with an exponent, more exact than a millisecond.
    if (bytes[at] !== comma) {
      const colon = bytes.indexOf(comma, from)
      tMs = Math.round(Number(bytes.toString('latin1', from, colon)) * 1_000)
      at = colon
    }
    at++
    while (at < end && bytes[at]! <= 32) at++
    let last = end
    while (bytes[last - 1]! <= 32) last--
    if (bytes[at] !== quote || bytes[last - 1] !== quote) throw unreadable('a value without quotes')
    this.#sample(tMs, numberIn(bytes, at + 1, last - 1))
  }

  #sample(tMs: number, value: number): void {
    if (this.#series === undefined || tMs < this.#wanted.fromMs || tMs > this.#wanted.toMs) return
    const at = this.#length
    // VictoriaMetrics that does not deduplicate keeps all that were written: the largest, as it chooses itself.
    if (at > this.#from && this.#tMs[at - 1] === tMs) {
      if (value > this.#values[at - 1]!) this.#values[at - 1] = value
      return
    }
    if (at >= this.#wanted.samplesMax) {
      const what = `over ${this.#wanted.samplesMax} samples lie in what was asked for`
      throw new Failure('too_many_samples', what)
    }
    if (at === this.#tMs.length) {
      this.#tMs = doubled(this.#tMs)
      this.#values = doubled(this.#values)
    }
    this.#tMs[at] = tMs
    this.#values[at] = value
    this.#length = at + 1
  }
}

// Up to 15 digits are a whole number that a double holds, divided by a power of ten that it holds too.
function numberIn(bytes: Buffer, from: number, end: number): number {
  const isNegative = bytes[from] === minus
  let mantissa = 0
  let digits = 0
  let decimals = -1
  for (let at = isNegative ? from + 1 : from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === dot && decimals < 0) {
      decimals = 0
      continue
    }
    const digit = byte - zero
    if (digit < 0 || digit > 9 || ++digits > 15) return numberOf(bytes.toString('latin1', from, end))
    mantissa = mantissa * 10 + digit
    if (decimals >= 0) decimals++
  }
  const value = decimals > 0 ? mantissa / powersOfTen[decimals]! : mantissa
  return isNegative ? -value : value
}

function numberOf(text: string): number {
  if (text === 'NaN') return Number.NaN
  const value = Number(text.replace('Inf', 'Infinity'))
  if (Number.isNaN(value)) throw unreadable(`the value ${JSON.stringify(text.slice(0, 50))}`)
  return value
}

const doubled = (column: Float64Array): Float64Array<ArrayBuffer> => {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}

const unreadable = (what: string): Failure =>
  new Failure('store_unavailable', `the answer of the database cannot be read: ${what}`)
