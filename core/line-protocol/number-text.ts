// A number as digits in a block, without making a string where that can be helped: 30 ns for a whole number or one of
// up to three decimals, 150 ns for others (bench/text.ts). Called by batch-text.ts and by the gateway.
import { powersOfTen } from './decimal.ts'

const zero = 48
const minus = 45
const dot = 46
const smallI = 105

// The most bytes that one number takes.
export const numberBytes = 32

// Below this whole numbers are written by hand, and a thousandth of them too.
const plainMax = 1e15

// As String() writes it, but for minus zero, which keeps its sign. Finite numbers only.
export function writeFloat(to: Uint8Array, at: number, value: number): number {
  const size = Math.abs(value)
  const isNegative = value < 0 || Object.is(value, -0)
  if (size >= plainMax) return writeAscii(to, at, String(value))
  const whole = Math.floor(size)
  if (whole === size) return writeDigits(to, sign(to, at, isNegative), whole)
  const thousandths = Math.round(size * 1_000)
  // Only when the decimals say the number exactly; a hundredth and less may have an exponent.
  if (thousandths / 1_000 !== size || thousandths >= plainMax) return writeAscii(to, at, String(value))
  const above = Math.floor(thousandths / 1_000)
  const end = writeDigits(to, sign(to, at, isNegative), above)
  return writeDecimals(to, end, thousandths - above * 1_000)
}

// With the `i` of InfluxDB's integers; what is none, or too large for one, stays a float.
export function writeInteger(to: Uint8Array, at: number, value: number): number {
  const size = Math.abs(value)
  if (Math.floor(size) !== size || size >= 2 ** 63) return writeFloat(to, at, value)
  const isNegative = value < 0 || Object.is(value, -0)
  const end =
    size < plainMax
      ? writeDigits(to, sign(to, at, isNegative), size)
      : writeAscii(to, at, BigInt(value).toString())
  to[end] = smallI
  return end + 1
}

// A time in whole milliseconds.
export function writeTime(to: Uint8Array, at: number, tMs: number): number {
  if (tMs >= 0 && tMs < plainMax) return writeDigits(to, at, tMs)
  return writeAscii(to, at, String(tMs))
}

// How many bytes writeTime() takes for it: of today's times 13.
export function timeLength(tMs: number): number {
  return tMs >= 1e12 && tMs < 1e13 ? 13 : String(tMs).length
}

function sign(to: Uint8Array, at: number, isNegative: boolean): number {
  if (!isNegative) return at
  to[at] = minus
  return at + 1
}

// A whole number of up to 15 digits, in two halves that fit into 32 bits.
function writeDigits(to: Uint8Array, at: number, value: number): number {
  const high = Math.floor(value / 1e9)
  if (high === 0) return writeSmall(to, at, value)
  const end = writeSmall(to, at, high) + 9
  let rest = value - high * 1e9
  for (let next = end - 1; next >= end - 9; next--) {
    const tenth = (rest / 10) | 0
    to[next] = zero + rest - tenth * 10
    rest = tenth
  }
  return end
}

function writeSmall(to: Uint8Array, at: number, value: number): number {
  let digits = 1
  while (value >= powersOfTen[digits]!) digits++
  let rest = value | 0
  for (let next = at + digits - 1; next >= at; next--) {
    const tenth = (rest / 10) | 0
    to[next] = zero + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}

// 1 to 999 thousandths, without zeros at the end.
function writeDecimals(to: Uint8Array, at: number, thousandths: number): number {
  to[at] = dot
  const tenths = Math.floor(thousandths / 100)
  const rest = thousandths - tenths * 100
  const hundredths = Math.floor(rest / 10)
  to[at + 1] = zero + tenths
  to[at + 2] = zero + hundredths
  to[at + 3] = zero + rest - hundredths * 10
  if (rest === 0) return at + 2
  return rest === hundredths * 10 ? at + 3 : at + 4
}

function writeAscii(to: Uint8Array, at: number, text: string): number {
  for (let each = 0; each < text.length; each++) to[at + each] = text.charCodeAt(each)
  return at + text.length
}
