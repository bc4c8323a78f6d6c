// The text that a string literal of PromQL stands for, and the literal that stands for a text: Go's escapes between
// quotes, none between backticks. Called by the parser and the printer.

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

const escapes = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-3][0-7]{2})|(.))/gsu

// An escape that is none, and where in the literal it stands.
export class BadEscape extends RangeError {
  readonly at: number
  readonly found: string

  constructor(found: string, at: number) {
    super(`${found} is no escape`)
    this.at = at
    this.found = found
  }
}

// Throws a BadEscape.
export function unquote(literal: string): string {
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner
  if (!inner.includes('\\')) return inner
  // Escapes of bytes may together be one character.
  const parts: Buffer[] = []
  let from = 0
  for (const found of inner.matchAll(escapes)) {
    const bytes = meaning(found, literal.charAt(0))
    if (bytes === undefined) throw new BadEscape(found[0], found.index + 1)
    parts.push(Buffer.from(inner.slice(from, found.index)), bytes)
    from = found.index + found[0].length
  }
  parts.push(Buffer.from(inner.slice(from)))
  return Buffer.concat(parts).toString()
}

function meaning(found: RegExpMatchArray, quote: string): Buffer | undefined {
  const [, hex, short, long, octal, letter] = found
  if (hex !== undefined) return Buffer.of(Number.parseInt(hex, 16))
  if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8))
  const point = Number.parseInt(short ?? long ?? '', 16)
  const isHalf = point >= 0xd800 && point <= 0xdfff
  if (point <= 0x10ffff && !isHalf) return Buffer.from(String.fromCodePoint(point))
  const text = letter === quote ? quote : simple[letter ?? '']
  return text === undefined ? undefined : Buffer.from(text)
}

const named = new Map(Object.entries(simple).map(([letter, text]) => [text, `\\${letter}`]))
const shown = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

// As Go's strconv.Quote writes it.
export function quote(text: string): string {
  let literal = '"'
  for (const each of text) literal += each === '"' ? '\\"' : (named.get(each) ?? plainOrCode(each))
  return `${literal}"`
}

function plainOrCode(character: string): string {
  if (shown.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = (length: number): string => code.toString(16).padStart(length, '0')
  if (code < 0x20 || code === 0x7f) return `\\x${hex(2)}`
  // Half of a pair is no character.
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd'
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`
}
