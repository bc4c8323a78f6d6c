// The double nearest to a decimal of 16 to 18 digits, without making a string of it. Telegraf writes 16 or 17
// digits for most floats, and with Number(text) a value takes 200 ns instead of 120 (bench/parse.ts).
// Called by the scanner.

export const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

// The same, each cut into two halves of 26 bits, whose products are exact (Veltkamp).
const splitter = 2 ** 27 + 1
const highHalf = (a: number): number => splitter * a - (splitter * a - a)
const upper = powersOfTen.map(highHalf)
const lower = powersOfTen.map((power, at) => power - upper[at]!)

// (first · 10^lastDigits + last) / 10^decimals, rounded to the nearest double, or NaN when it is too near to the
// middle of two to be sure. Both parts have at most nine digits, and decimals is at most 18.
//
// The numerator is the exact sum of two doubles: first · 10^9 needs 30 + 21 bits beside its powers of two. It is
// divided in twice the precision (Dekker): the quotient's error is known to 2^-103 of it.
export function nearest(first: number, last: number, lastDigits: number, decimals: number): number {
  const product = first * powersOfTen[lastDigits]!
  const high = product + last
  const low = last - (high - product)
  if (decimals === 0) return high
  const divisor = powersOfTen[decimals]!
  const quotient = high / divisor
  const back = quotient * divisor
  const q1 = highHalf(quotient)
  const q2 = quotient - q1
  const d1 = upper[decimals]!
  const d2 = lower[decimals]!
  const rest = q1 * d1 - back + q1 * d2 + q2 * d1 + q2 * d2
  const correction = (high - back - rest + low) / divisor
  const value = quotient + correction
  const error = correction - (value - quotient)
  // It is the right one when even 2^-96 more or less would not change what the sum is rounded to.
  const doubt = Math.abs(quotient) * 2 ** -96
  return value + (error + doubt) === value && value + (error - doubt) === value ? value : Number.NaN
}
