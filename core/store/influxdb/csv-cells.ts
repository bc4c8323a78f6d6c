// Times and numbers as InfluxDB writes them, read from bytes: without a string where that
// can be helped. Inner loops of the parser in csv.ts.
import { nearest } from '../../line-protocol/decimal.ts'

const zero = 48
const nine = 57
const dot = 46
const minus = 45

// `2026-11-21T01`
const hourLength = 13

export class CsvTimes {
  #hour = new Uint8Array(hourLength)
  #hourMs = Number.NaN

  // RFC 3339 with up to nine decimals, rounded down to the millisecond.
  read(bytes: Uint8Array, from: number, to: number): number {
    if (!this.#isSameHour(bytes, from)) {
      this.#hour = bytes.slice(from, from + hourLength)
      this.#hourMs = Date.parse(`${Buffer.from(this.#hour).toString('latin1')}:00:00Z`)
    }
    const minutes = (bytes[from + 14]! - zero) * 10 + bytes[from + 15]! - zero
    const seconds = (bytes[from + 17]! - zero) * 10 + bytes[from + 18]! - zero
    let ms = (minutes * 60 + seconds) * 1_000
    if (bytes[from + 19] === dot) {
      let unit = 100
      for (let at = from + 20; at < to && unit >= 1 && bytes[at]! <= nine; at++) {
        ms += (bytes[at]! - zero) * unit
        unit /= 10
      }
    }
    return this.#hourMs + ms
  }

  // The end differs most often.
  #isSameHour(bytes: Uint8Array, from: number): boolean {
    for (let at = hourLength - 1; at >= 0; at--) if (bytes[from + at] !== this.#hour[at]) return false
    return true
  }
}

// Of up to 18 digits without an exponent; others become a string first.
export function readNumber(bytes: Uint8Array, from: number, to: number): number {
  const isNegative = bytes[from] === minus
  let at = isNegative ? from + 1 : from
  // The first nine digits, and the next nine.
  let first = 0
  let last = 0
  let count = 0
  let dotAt = to
  for (; at < to; at++) {
    const c = bytes[at]!
    if (c === dot && dotAt === to) dotAt = at
    else if (c < zero || c > nine) break
    else if (count < 9) {
      first = first * 10 + c - zero
      count++
    } else {
      last = last * 10 + c - zero
      count++
    }
  }
  if (at === to && count > 0 && count <= 18) {
    const decimals = dotAt === to ? 0 : to - dotAt - 1
    const value = nearest(first, last, Math.max(0, count - 9), decimals)
    if (!Number.isNaN(value)) return isNegative ? -value : value
  }
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'))
}
