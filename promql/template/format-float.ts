// How Go writes a float: %e, %f, %g and the shortest form of %v. Rounds half to even on the exact value, which
// JavaScript's own toFixed and toPrecision do not. Called by format-scalar.ts and the humanize functions.

// 0.d1d2d3… × 10^point, without zeros at either end; no digits for zero.
type Decimal = Readonly<{ digits: string; point: number }>

export type FloatVerb = 'e' | 'f' | 'g'

// Without a precision as many digits as tell the number from its neighbours.
export function formatFloat(value: number, verb: FloatVerb, precision?: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size === Infinity) return sign === '' ? '+Inf' : '-Inf'
  return sign + unsigned(size, verb, precision)
}

function unsigned(size: number, verb: FloatVerb, precision: number | undefined): string {
  if (precision === undefined) {
    const decimal = shortest(size)
    if (verb === 'e') return scientific(decimal, Math.max(decimal.digits.length - 1, 0))
    if (verb === 'f') return fixed(decimal, Math.max(decimal.digits.length - decimal.point, 0))
    return general(decimal, { limit: 6, digitsMax: decimal.digits.length })
  }
  if (verb === 'e') return scientific(rounded(size, precision + 1), precision)
  if (verb === 'f') return fixed(roundedBehindPoint(size, precision), precision)
  const wanted = Math.max(precision, 1)
  const decimal = rounded(size, wanted)
  const { digits, point } = decimal
  const limit = wanted > digits.length && digits.length >= point ? digits.length : wanted
  return general(decimal, { limit, digitsMax: Math.min(wanted, digits.length) })
}

// With an exponent when it is below -4, or not below the limit.
function general(decimal: Decimal, { limit, digitsMax }: { limit: number; digitsMax: number }): string {
  const exponent = decimal.point - 1
  if (exponent < -4 || exponent >= limit) return scientific(decimal, Math.max(digitsMax - 1, 0))
  return fixed(decimal, Math.max(decimal.digits.length - decimal.point, 0))
}

function scientific({ digits, point }: Decimal, places: number): string {
  const exponent = digits === '' ? 0 : point - 1
  const behind = digits.slice(1).padEnd(places, '0')
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits[0] ?? '0'}${places > 0 ? `.${behind}` : ''}e${exponent < 0 ? '-' : '+'}${power}`
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (places === 0) return whole
  const behind = point > 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, places)) + digits
  return `${whole}.${behind.slice(0, places).padEnd(places, '0')}`
}

function decimalOf(digits: string, point: number): Decimal {
  const from = /[1-9]/.exec(digits)?.index
  if (from === undefined) return { digits: '', point: 0 }
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return { digits: digits.slice(from, end), point: point - from }
}

// From 1.25e+3.
function read(text: string): Decimal {
  const [mantissa, exponent] = text.split('e')
  return decimalOf(mantissa!.replace('.', ''), Number(exponent) + 1)
}

const shortest = (size: number): Decimal => read(size.toExponential())

// The engine's own rounding is right unless the value stands exactly in the middle. With fewer digits than a float can
// tell apart, the shortest form then shows it: it ends in the 5 that is to go.
const surelyTold = 14

function rounded(size: number, wanted: number): Decimal {
  const { digits } = shortest(size)
  const mayBeTie = digits.length === wanted + 1 && digits.endsWith('5')
  return wanted <= surelyTold && !mayBeTie ? read(size.toExponential(wanted - 1)) : cut(exact(size), wanted)
}

function roundedBehindPoint(size: number, places: number): Decimal {
  const { digits, point } = shortest(size)
  const mayBeTie = digits.length - point === places + 1 && digits.endsWith('5')
  if (point + places > surelyTold || mayBeTie) {
    const whole = exact(size)
    return cut(whole, whole.point + places)
  }
  const [front, behind = ''] = size.toFixed(Math.min(places, 100)).split('.')
  return decimalOf(front! + behind, front!.length)
}

// Every digit of what the bits say.
function exact(size: number): Decimal {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, size)
  const raw = bits.getBigUint64(0)
  const exponentBits = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & 0xfffffffffffffn
  const mantissa = exponentBits === 0 ? fraction : fraction | 0x10000000000000n
  const exponent = Math.max(exponentBits, 1) - 1075
  const whole =
    exponent >= 0
      ? (mantissa << BigInt(exponent)).toString()
      : (mantissa * 5n ** BigInt(-exponent)).toString()
  return decimalOf(whole, exponent >= 0 ? whole.length : whole.length + exponent)
}

function cut({ digits, point }: Decimal, keep: number): Decimal {
  if (keep >= digits.length) return { digits, point }
  if (keep < 0) return { digits: '', point: 0 }
  const kept = digits.slice(0, keep)
  const rest = digits.slice(keep)
  const isTie = /^50*$/.test(rest)
  const isUp = isTie ? Number(kept.at(-1) ?? 0) % 2 === 1 : rest[0]! >= '5'
  if (!isUp) return decimalOf(kept, point)
  const raised = (BigInt(`0${kept}`) + 1n).toString().padStart(keep, '0')
  return decimalOf(raised, point + raised.length - keep)
}
