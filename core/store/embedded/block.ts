// The samples of one series as bytes, and back: times as steps, values as decimal steps where they are
// decimals. Hot: every sample passes here when it is flushed, merged and read, so the loops are plain ones
// (12 ns a sample to write, 6 ns to read, 1 to 3 bytes; bench/store.ts guards it). Called by segment-*.ts.
//
//   byte     what follows
//   0        low half: how times are written, high half: how values are
//   varint   number of samples
//   float64  first time; then, by kind: the one step, or a varint for each change of step
//   …        values, by kind
import type { Bytes } from './bytes.ts'

export type Points = { tMs: Float64Array; values: Float64Array }

const steady = 0 // times: one step for all
const steps = 1 // times: a varint for each change of step

const constant = 0 // values: one float64
const decimal = 1 // values: a power of ten, then varints of differences
const xored = 2 // values: what differs from the last, by bytes
const raw = 3 // values: float64

// Beyond this, differences of two could lose their last bit.
const exact = 2 ** 51
const powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

export function encodeBlock(out: Bytes, { tMs, values }: Points, from: number, to: number): void {
  const times = isSteady(tMs, from, to) ? steady : steps
  const exponent = isConstant(values, from, to) ? -1 : decimalExponent(values, from, to)
  const kind = exponent === -1 ? constant : exponent === undefined ? xored : decimal
  const start = out.length
  out.byte(times | (kind << 4))
  out.varint(to - from)
  out.float64(tMs[from]!)
  if (times === steps) encodeSteps(out, tMs, from, to)
  else if (to - from > 1) out.signed(tMs[from + 1]! - tMs[from]!)
  if (kind === constant) out.float64s(values, from, from + 1)
  else if (kind === decimal) encodeDecimals(out, to - from, exponent!)
  else encodeXored(out, values, [from, to, start])
}

export function decodeBlock(bytes: Bytes, into: Points, at: number): number {
  const kinds = bytes.takeByte()
  const count = bytes.takeVarint()
  const end = at + count
  decodeTimes(bytes, into.tMs, [at, end, kinds & 15])
  const { values } = into
  const kind = kinds >> 4
  if (kind === constant) decodeConstant(bytes, values, at, end)
  else if (kind === decimal) decodeDecimals(bytes, values, at, end)
  else if (kind === xored) decodeXored(bytes, values, at, end)
  else bytes.takeFloat64s(values, at, end)
  return count
}

function decodeConstant(bytes: Bytes, values: Float64Array, at: number, end: number): void {
  if (end === at) return
  bytes.takeFloat64s(values, at, at + 1)
  // By copying, as the bits of a NaN must not pass through a number.
  for (let done = 1; done < end - at; done *= 2)
    values.copyWithin(at + done, at, Math.min(at + done, end - done))
}

function isSteady(tMs: Float64Array, from: number, to: number): boolean {
  const step = tMs[from + 1]! - tMs[from]!
  for (let at = from + 2; at < to; at++) if (tMs[at]! - tMs[at - 1]! !== step) return false
  return true
}

function encodeSteps(out: Bytes, tMs: Float64Array, from: number, to: number): void {
  let last = tMs[from]!
  let lastStep = 0
  for (let at = from + 1; at < to; at++) {
    const t = tMs[at]!
    const step = t - last
    out.signed(step - lastStep)
    last = t
    lastStep = step
  }
}

function decodeTimes(
  bytes: Bytes,
  tMs: Float64Array,
  [at, end, kind]: readonly [number, number, number],
): void {
  if (end === at) return
  let t = bytes.takeFloat64()
  tMs[at] = t
  if (kind === steady) {
    const step = end - at > 1 ? bytes.takeSigned() : 0
    for (let each = at + 1; each < end; each++) {
      t += step
      tMs[each] = t
    }
    return
  }
  decodeSteps(bytes, tMs, at, end)
}

function decodeSteps(bytes: Bytes, tMs: Float64Array, from: number, end: number): void {
  const { data, length } = bytes
  let { at } = bytes
  let t = tMs[from]!
  let step = 0
  for (let each = from + 1; each < end; each++) {
    if (at + 1 < length && data[at]! < 128) {
      const low = data[at++]!
      step += (low >>> 1) ^ -(low & 1)
    } else {
      bytes.at = at
      step += bytes.takeSigned()
      at = bytes.at
    }
    t += step
    tMs[each] = t
  }
  bytes.at = at
}

// NaN is a constant too, if its bits are; and 0 is not -0.
function isConstant(values: Float64Array, from: number, to: number): boolean {
  const first = values[from]!
  if (Number.isNaN(first) || first === 0) return isConstantByBits(values, from, to)
  for (let at = from + 1; at < to; at++) if (values[at] !== first) return false
  return true
}

function isConstantByBits(values: Float64Array, from: number, to: number): boolean {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const low = words[2 * from]
  const high = words[2 * from + 1]
  for (let at = from + 1; at < to; at++) {
    if (words[2 * at] !== low || words[2 * at + 1] !== high) return false
  }
  return true
}

// The whole numbers of the block at hand, and the largest of them.
let wholes = new Float64Array(1_024)
let largest = 0

// The smallest power of ten that makes every value a whole number from which it can be had back exactly; leaves
// those numbers in `wholes`.
function decimalExponent(values: Float64Array, from: number, to: number): number | undefined {
  if (wholes.length < to - from) wholes = new Float64Array(2 * (to - from))
  let exponent = 0
  let power = 1
  let most = 0
  for (let at = from; at < to; at++) {
    const value = values[at]!
    let whole = Math.round(value * power)
    while (whole / power !== value) {
      if (++exponent === powers.length) return undefined
      // What fitted before still does, with a nought behind it.
      for (let each = 0; each < at - from; each++) wholes[each]! *= 10
      most *= 10
      power = powers[exponent]!
      whole = Math.round(value * power)
    }
    if (whole === 0 && Object.is(value, -0)) return undefined
    wholes[at - from] = whole
    if (whole > most) most = whole
    else if (-whole > most) most = -whole
    if (most >= exact) return undefined
  }
  largest = most
  return exponent
}

function encodeDecimals(out: Bytes, count: number, exponent: number): void {
  out.byte(exponent)
  if (largest < 2 ** 29) encodeSmall(out, count)
  else encodeLarge(out, count)
}

function encodeLarge(out: Bytes, count: number): void {
  let last = 0
  for (let at = 0; at < count; at++) {
    const whole = wholes[at]!
    out.signed(whole - last)
    last = whole
  }
}

// Differences of 31 bits: a third of the time.
function encodeSmall(out: Bytes, count: number): void {
  out.reserve(count * 5)
  const { data } = out
  let to = out.length
  let last = 0
  for (let at = 0; at < count; at++) {
    const whole = wholes[at]! | 0
    const step = (whole - last) | 0
    last = whole
    let rest = (step << 1) ^ (step >> 31)
    while (rest >= 128) {
      data[to++] = (rest & 127) | 128
      rest >>>= 7
    }
    data[to++] = rest
  }
  out.length = to
}

// Most differences are one byte to four; whatever else comes, and the last bytes of the block, Bytes reads. Each length
// by itself: half the time of a loop over bytes.
function decodeDecimals(bytes: Bytes, values: Float64Array, from: number, end: number): void {
  const power = powers[bytes.takeByte()] ?? 1
  const { data, length } = bytes
  let { at } = bytes
  let whole = 0
  for (let each = from; each < end; each++) {
    let code = at + 4 < length ? data[at]! : -1
    if (code >= 0 && code < 128) at++
    else if (code >= 0 && data[at + 1]! < 128) {
      code = (code & 127) | (data[at + 1]! << 7)
      at += 2
    } else if (code >= 0 && data[at + 2]! < 128) {
      code = (code & 127) | ((data[at + 1]! & 127) << 7) | (data[at + 2]! << 14)
      at += 3
    } else if (code >= 0 && data[at + 3]! < 128) {
      code =
        (code & 127) | ((data[at + 1]! & 127) << 7) | ((data[at + 2]! & 127) << 14) | (data[at + 3]! << 21)
      at += 4
    } else {
      bytes.at = at
      whole += bytes.takeSigned()
      at = bytes.at
      values[each] = whole / power
      continue
    }
    whole += (code >>> 1) ^ -(code & 1)
    values[each] = whole / power
  }
  bytes.at = at
}

type Span = readonly [from: number, to: number, start: number]

// A control byte (zero bytes in front, then bytes that follow) and the bytes that are left. Where that is no
// shorter than the values themselves, the values themselves, and the block's first byte says so.
function encodeXored(out: Bytes, values: Float64Array, [from, to, start]: Span): void {
  const begin = out.length
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const scratch = new Uint8Array(8)
  const both = new Uint32Array(scratch.buffer)
  for (let at = from; at < to; at++) {
    const before = at === from ? undefined : 2 * (at - 1)
    both[0] = words[2 * at]! ^ (before === undefined ? 0 : words[before]!)
    both[1] = words[2 * at + 1]! ^ (before === undefined ? 0 : words[before + 1]!)
    let low = 0
    let high = 8
    while (low < 8 && scratch[low] === 0) low++
    while (high > low && scratch[high - 1] === 0) high--
    out.byte((low << 4) | (high - low))
    for (let each = low; each < high; each++) out.byte(scratch[each]!)
  }
  if (out.length - begin < (to - from) * 8) return
  out.length = begin
  out.data[start] = (out.data[start]! & 15) | (raw << 4)
  out.float64s(values, from, to)
}

function decodeXored(bytes: Bytes, values: Float64Array, at: number, end: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const scratch = new Uint8Array(8)
  const both = new Uint32Array(scratch.buffer)
  let low = 0
  let high = 0
  for (let each = at; each < end; each++) {
    const control = bytes.takeByte()
    scratch.fill(0)
    const first = control >> 4
    const last = first + (control & 15)
    for (let byte = first; byte < last; byte++) scratch[byte] = bytes.takeByte()
    low ^= both[0]!
    high ^= both[1]!
    words[2 * each] = low
    words[2 * each + 1] = high
  }
}
