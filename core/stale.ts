// What marks the end of a series: a NaN of Prometheus' own, told from other NaNs by its bits only. Whoever
// writes or reads the marker does it here, because JavaScript does not promise to keep a NaN's bits in a number.

const high = 0x7ff00000
// Of those that are passed as numbers, V8 14 sets this bit in some and leaves the others.
const quiet = 0x00080000
const low = 2
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
const [lowAt, highAt] = littleEndian ? [0, 1] : [1, 0]

const words = (values: Float64Array, at: number): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset + at * 8, 2)

export function writeStale(values: Float64Array, at: number): void {
  const bits = words(values, at)
  bits[lowAt] = low
  bits[highAt] = high
}

export function isStale(values: Float64Array, at: number): boolean {
  const value = values[at]!
  // Almost every value is no NaN, and then needs no view.
  if (!Number.isNaN(value)) return false
  const bits = words(values, at)
  return bits[lowAt] === low && (bits[highAt]! & ~quiet) === high
}

// The marker as a number: any arithmetic on it may turn it into an ordinary NaN.
export const staleNaN = (() => {
  const values = new Float64Array(1)
  writeStale(values, 0)
  return values[0]!
})()

// For numbers that come one by one.
const one = new Float64Array(1)

export function isStaleNumber(value: number): boolean {
  if (!Number.isNaN(value)) return false
  one[0] = value
  return isStale(one, 0)
}
