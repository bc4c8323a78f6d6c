// What a number that was written out means, by Go's rules: 1_000, 0x1F, 0b11, 017, 1e3, 0x1p-2, 'a'. Called by
// parser.ts for literals and by the functions that take numbers as text.
import { unquote } from '../string-literal.ts'
import type { NumberLiteral } from './node.ts'

const intMax = 2n ** 63n - 1n
const uintMax = 2n ** 64n - 1n

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const hexadecimal = /^([+-]?)0x(?=[\da-f.])([\da-f]*)(?:\.([\da-f]*))?p([+-]?\d+)$/i
// Elsewhere than between digits, or behind a prefix.
const misplaced = /(?<![\da-fxo])_|_(?![\da-f])/i

function withoutUnderscores(text: string): string | undefined {
  if (!text.includes('_')) return text
  return misplaced.test(text) ? undefined : text.replaceAll('_', '')
}

// As strconv.ParseFloat does; nothing when the text is no number, and ±Infinity when it is too large for one.
export function readFloat(text: string): number | undefined {
  const special = /^([+-]?)(?:inf|infinity)$/i.exec(text)
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return Number.NaN
  const plain = withoutUnderscores(text)
  if (plain === undefined) return undefined
  if (decimal.test(plain)) return Number(plain)
  const hex = hexadecimal.exec(plain)
  if (hex === null) return undefined
  const [, sign, whole = '', part = '', power] = hex
  const digits = Number(BigInt(`0x${whole}${part}0`)) / 16
  const value = digits * 2 ** (Number(power) - 4 * part.length)
  return sign === '-' ? -value : value
}

// Also the octal of old: 017.
function readInteger(text: string): bigint | undefined {
  const plain = withoutUnderscores(text)
  const parts = /^([+-]?)(0x[\da-f]+|0o[0-7]+|0b[01]+|0[0-7]*|[1-9]\d*)$/i.exec(plain ?? '')
  if (parts === null) return undefined
  const digits = parts[2]!
  const value = BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits)
  return parts[1] === '-' ? -value : value
}

export const isInt = (value: bigint): boolean => value <= intMax && value >= -intMax - 1n

// A text that is no number answers what is wrong with it.
export function numberLiteral(text: string, at: number): NumberLiteral | string {
  const whole = readInteger(text)
  if (whole !== undefined && whole <= uintMax && whole >= -intMax - 1n) {
    const int = isInt(whole) ? whole : undefined
    return { kind: 'number', at, text, int, float: Number(whole), plain: int }
  }
  const float = readFloat(text)
  if (float === undefined) return `${text} is no number`
  if (!/[.eEpP]/.test(text)) return `${text} is too large for an integer`
  if (!Number.isFinite(float)) return `${text} is too large for a number`
  const rounded = Number.isInteger(float) ? BigInt(float) : undefined
  const int = rounded !== undefined && isInt(rounded) ? rounded : undefined
  return { kind: 'number', at, text, int, float, plain: float }
}

export function characterLiteral(text: string, at: number): NumberLiteral | string {
  let inner: string
  try {
    inner = unquote(text)
  } catch (error) {
    return (error as Error).message
  }
  const point = inner.codePointAt(0)
  if (point === undefined || String.fromCodePoint(point) !== inner) return `${text} is not one character`
  const int = BigInt(point)
  return { kind: 'number', at, text, int, float: point, plain: int }
}
