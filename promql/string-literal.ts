// The text that a string literal of PromQL stands for: Go's escapes between quotes, none between backticks.
// Called by selector.ts.

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
}

const escapes = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-3][0-7]{2})|(.))/gsu

// Throws a RangeError that names the escape which is none.
export function unquote(literal: string): string {
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner
  if (!inner.includes('\\')) return inner
  // Escapes of bytes may together be one character.
  const parts: Buffer[] = []
  let from = 0
  for (const found of inner.matchAll(escapes)) {
    parts.push(Buffer.from(inner.slice(from, found.index)), meaning(found))
    from = found.index + found[0].length
  }
  parts.push(Buffer.from(inner.slice(from)))
  return Buffer.concat(parts).toString()
}

function meaning([whole, hex, short, long, octal, letter]: RegExpMatchArray): Buffer {
  if (hex !== undefined) return Buffer.of(Number.parseInt(hex, 16))
  if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8))
  const point = short ?? long
  if (point !== undefined && Number.parseInt(point, 16) <= 0x10ffff) {
    return Buffer.from(String.fromCodePoint(Number.parseInt(point, 16)))
  }
  const text = letter === undefined ? undefined : simple[letter]
  if (text === undefined) throw new RangeError(`${whole} is no escape`)
  return Buffer.from(text)
}
