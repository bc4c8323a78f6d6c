// How Go's fmt writes one integer, float, text or truth by a verb and its flags; nothing when the verb does not fit.
// Called by format.ts.
import { formatFloat } from './format-float.ts'

export type Flags = {
  sharp: boolean
  zero: boolean
  plus: boolean
  minus: boolean
  space: boolean
  // Of %#v and %+v.
  sharpV: boolean
  plusV: boolean
  width: number | undefined
  precision: number | undefined
}

export const noFlags: Readonly<Flags> = {
  sharp: false,
  zero: false,
  plus: false,
  minus: false,
  space: false,
  sharpV: false,
  plusV: false,
  width: undefined,
  precision: undefined,
}

// Zeros fill to the left only; numbers have put theirs behind the sign before.
export function pad(text: string, { width, minus, zero }: Flags): string {
  if (width === undefined) return text
  const fill = (zero && !minus ? '0' : ' ').repeat(Math.max(0, width - [...text].length))
  return minus ? text + fill : fill + text
}

const padWithSpaces = (text: string, flags: Flags): string => pad(text, { ...flags, zero: false })

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

export function formatInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  if (verb === 'c') return pad(character(value), flags)
  if (verb === 'q') return pad(quoted(character(value), "'", flags.plus), flags)
  if (verb === 'U') return padWithSpaces(codePoint(value, flags), flags)
  const base = bases[verb]
  if (base === undefined) return undefined
  const isNegative = value < 0n
  let digits = (isNegative ? -value : value).toString(base)
  if (verb === 'X') digits = digits.toUpperCase()
  if (flags.precision === 0 && value === 0n) return padWithSpaces('', flags)
  const sign = isNegative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  const fills = flags.precision === undefined && flags.zero && !flags.minus
  digits = digits.padStart(flags.precision ?? (fills ? (flags.width ?? 0) - sign.length : 0), '0')
  return padWithSpaces(sign + prefixOf(verb, digits, flags.sharp) + digits, flags)
}

function prefixOf(verb: string, digits: string, isSharp: boolean): string {
  if (verb === 'O') return '0o'
  if (!isSharp) return ''
  if (verb === 'b') return '0b'
  if (verb === 'o') return digits.startsWith('0') ? '' : '0'
  return verb === 'x' || verb === 'X' ? `0${verb}` : ''
}

function character(value: bigint): string {
  const isOne = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn)
  return isOne ? String.fromCodePoint(Number(value)) : '\ufffd'
}

function codePoint(value: bigint, { precision, sharp }: Flags): string {
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase()
  const code = `U+${digits.padStart(Math.max(4, precision ?? 0), '0')}`
  const isShown = sharp && value >= 0n && value <= 0x10ffffn && printable.test(character(value))
  return isShown ? `${code} '${character(value)}'` : code
}

export function formatNumber(value: number, verb: string, flags: Flags): string | undefined {
  const lower = verb === 'v' ? 'g' : verb.toLowerCase()
  if (lower !== 'e' && lower !== 'f' && lower !== 'g') return undefined
  const precision = flags.precision ?? (lower === 'g' ? undefined : 6)
  let text = formatFloat(value, lower, precision)
  if (verb === 'E' || verb === 'G') text = text.replace('e', 'E')
  const bare = text.replace(/^[+-]/, '')
  const isNumber = Number.isFinite(value)
  let sign = text.startsWith('-') ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  // Go writes +Inf with its sign, but in front of a space that was asked for.
  if (value === Infinity && sign === '') sign = '+'
  const fills = flags.zero && !flags.minus && isNumber
  return fills
    ? sign + bare.padStart((flags.width ?? 0) - sign.length, '0')
    : padWithSpaces(sign + bare, flags)
}

export function formatText(text: string, verb: string, flags: Flags): string | undefined {
  if (verb === 'x' || verb === 'X') return pad(hexadecimal(text, verb, flags), flags)
  const cut = flags.precision === undefined ? text : [...text].slice(0, flags.precision).join('')
  if (verb === 'q' || (verb === 'v' && flags.sharpV)) {
    const canBackquote = flags.sharp && !/[`\ufeff]|[^\t\P{Cc}]/u.test(cut)
    return pad(canBackquote ? `\`${cut}\`` : quoted(cut, '"', flags.plus), flags)
  }
  return verb === 's' || verb === 'v' ? pad(cut, flags) : undefined
}

function hexadecimal(text: string, verb: string, { precision, sharp, space }: Flags): string {
  const bytes = Buffer.from(text)
  const pairs = [...bytes.subarray(0, precision ?? bytes.length)].map(byte => {
    const pair = byte.toString(16).padStart(2, '0')
    return verb === 'X' ? pair.toUpperCase() : pair
  })
  const prefix = sharp ? `0${verb}` : ''
  if (space) return pairs.map(pair => prefix + pair).join(' ')
  return pairs.length === 0 ? '' : prefix + pairs.join('')
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}
export const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

export function quoted(text: string, quote: '"' | "'", isAscii = false): string {
  let inner = ''
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (char === quote) inner += `\\${char}`
    else if (escapes[char] !== undefined) inner += escapes[char]
    else if (printable.test(char) && !(isAscii && code > 0x7e)) inner += char
    else if (code < 0x80) inner += `\\x${code.toString(16).padStart(2, '0')}`
    else inner += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${hex4(code)}`
  }
  return quote + inner + quote
}

const hex4 = (code: number): string => code.toString(16).padStart(4, '0')
