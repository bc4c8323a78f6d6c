// Where in a YAML file does a character of a value stand? Quotes, escapes, indents and folded lines come in between,
// so characters that are not white space are counted on both sides. Called by read.ts, for what other languages say
// of their texts: an expression, a template.

// `from` and `to` are those of the scalar in the file; `style` is yaml's name for how it is written.
export type Form = Readonly<{ from: number; to: number; style: string; value: string }>

export function offsetIn(text: string, { from, to, style, value }: Form, at: number): number {
  const source = text.slice(from, to)
  const end = source.trimEnd().length
  const count = countOf(value.slice(0, at))
  // Behind the last character.
  const isAtEnd = value.slice(at).trim() === ''
  let seen = 0
  let last = startOf(source, style)
  for (const { index, length, isSpace } of units(source, style, last)) {
    if (isSpace) continue
    if (seen === count && !isAtEnd) return from + index
    seen += 1
    last = index + length
    if (seen === count && isAtEnd) return from + last
  }
  return from + Math.min(last, end)
}

const countOf = (text: string): number => [...text.replaceAll(/\s/g, '')].length

// Behind the quote, or behind the line of `|` and `>`.
function startOf(source: string, style: string): number {
  if (style.startsWith('QUOTE')) return 1
  return style.startsWith('BLOCK') ? source.indexOf('\n') + 1 : 0
}

type Unit = Readonly<{ index: number; length: number; isSpace: boolean }>

const patterns: Readonly<Record<string, RegExp>> = {
  QUOTE_DOUBLE: /\\(?:x..|u....|U........|\r\n|[\s\S])|[\s\S]/gu,
  QUOTE_SINGLE: /''|[\s\S]/gu,
}
const escapedSpace = /^\\(?:[\stnr_LPvf]|x(?:09|0a|0d|20|a0)|u00(?:09|0a|0d|20|a0)|u20(?:28|29))$/i

function* units(source: string, style: string, start: number): Iterable<Unit> {
  const pattern = patterns[style] ?? /[\s\S]/gu
  const written = style.startsWith('QUOTE') ? source.slice(start, -1) : source.slice(start)
  for (const { 0: unit, index } of written.matchAll(pattern)) {
    const isSpace = /^\s$/.test(unit) || (style === 'QUOTE_DOUBLE' && isEscapedSpace(unit))
    yield { index: start + index, length: unit.length, isSpace }
  }
}

const isEscapedSpace = (unit: string): boolean => unit.startsWith('\\') && escapedSpace.test(unit)
