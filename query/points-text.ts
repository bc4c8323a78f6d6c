// The points of a range as JSON, digit by digit into bytes: a large answer is little else, and an ordinary decimal takes
// a third of what a text of its own takes (bench/query.ts). Whatever is no short decimal, number-text.ts writes. Called
// by answer-json.ts; hot, so the loops are plain ones.
import { sampleText, timeText } from './number-text.ts'

const [zero, minus, point, comma, quote, open, close] = [48, 45, 46, 44, 34, 91, 93]

// One point needs less: two numbers of at most 25 characters.
const pointMax = 80
// A decimal of no more digits than this has is the only one that stands for its number, and so the shortest.
const exact = 1e15

export class PointsText {
  readonly #bytes: Buffer
  #length = 0

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size + pointMax)
  }

  // Whether it must be taken before more is written.
  get isFull(): boolean {
    return this.#length + pointMax > this.#bytes.length
  }

  // What was written since the last time.
  take(): string {
    const text = this.#bytes.toString('latin1', 0, this.#length)
    this.#length = 0
    return text
  }

  add(tMs: number, value: number, isFirst: boolean): void {
    const bytes = this.#bytes
    let at = this.#length
    if (!isFirst) bytes[at++] = comma
    bytes[at++] = open
    at = writeTime(bytes, at, tMs)
    bytes[at++] = comma
    bytes[at++] = quote
    at = writeValue(bytes, at, value)
    bytes[at++] = quote
    bytes[at++] = close
    this.#length = at
  }
}

// Each of these answers where it has come to.

function writeTime(bytes: Buffer, at: number, tMs: number): number {
  if (!(tMs >= 0 && tMs < exact && Math.floor(tMs) === tMs)) return writeText(bytes, at, timeText(tMs))
  const seconds = Math.floor(tMs / 1_000)
  const rest = tMs - seconds * 1_000
  const end = writeWhole(bytes, at, seconds)
  if (rest === 0) return end
  bytes[end] = point
  return writeDigits(bytes, end + 1, rest | 0, 3)
}

function writeValue(bytes: Buffer, at: number, value: number): number {
  const size = Math.abs(value)
  const millionths = Math.round(size * 1e6)
  if (millionths > 0 && millionths < exact && millionths / 1e6 === size) {
    return writeMillionths(bytes, writeSign(bytes, at, value), millionths)
  }
  if (size > 0 && size < exact && Math.floor(size) === size) {
    return writeWhole(bytes, writeSign(bytes, at, value), size)
  }
  return writeText(bytes, at, sampleText(value))
}

function writeSign(bytes: Buffer, at: number, value: number): number {
  if (value > 0) return at
  bytes[at] = minus
  return at + 1
}

// As a decimal without noughts at its end.
function writeMillionths(bytes: Buffer, at: number, millionths: number): number {
  const whole = Math.floor(millionths / 1e6)
  let rest = (millionths - whole * 1e6) | 0
  const end = writeWhole(bytes, at, whole)
  if (rest === 0) return end
  let count = 6
  for (let next = (rest / 10) | 0; next * 10 === rest; next = (rest / 10) | 0) {
    rest = next
    count--
  }
  bytes[end] = point
  return writeDigits(bytes, end + 1, rest, count)
}

function writeWhole(bytes: Buffer, at: number, whole: number): number {
  if (whole < 1e8) return writeDigits(bytes, at, whole | 0, digitsOf(whole))
  const high = Math.floor(whole / 1e8)
  const middle = writeDigits(bytes, at, high | 0, digitsOf(high))
  return writeDigits(bytes, middle, (whole - high * 1e8) | 0, 8)
}

function digitsOf(whole: number): number {
  let digits = 1
  for (let power = 10; power <= whole; power *= 10) digits++
  return digits
}

// Below 2³¹, where a division by ten costs little.
function writeDigits(bytes: Buffer, at: number, whole: number, count: number): number {
  let rest = whole
  for (let place = at + count - 1; place >= at; place--) {
    const next = (rest / 10) | 0
    bytes[place] = zero + rest - next * 10
    rest = next
  }
  return at + count
}

function writeText(bytes: Buffer, at: number, text: string): number {
  for (let each = 0; each < text.length; each++) bytes[at + each] = text.charCodeAt(each)
  return at + text.length
}
