// Where may a block of lines be cut? Behind a newline that ends a line, which one inside a quoted string does not.
// Called by batch-text.ts for text that is larger than a record may be; the lines have been found good before.
import { backslash, comma, newline, quote, space } from './scan.ts'

const equals = 61

// Pieces of at most maxBytes, views of the text; a longer line stands alone.
export function cutLines(text: Uint8Array, maxBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  while (text.length - from > maxBytes) {
    const to = cutAt(text, from, from + maxBytes)
    pieces.push(text.subarray(from, to))
    from = to
  }
  if (from < text.length) pieces.push(text.subarray(from))
  return pieces
}

// Behind the last line that ends before `limit`, or behind the first one. Only lines with a quote are read.
function cutAt(text: Uint8Array, from: number, limit: number): number {
  let at = from
  for (;;) {
    const quoted = text.subarray(at, limit).indexOf(quote)
    const plainEnd = quoted < 0 ? limit : at + quoted
    if (plainEnd > at) at = Math.max(at, text.lastIndexOf(newline, plainEnd - 1) + 1)
    if (plainEnd === limit && at > from) return at
    // The line at `at` holds the quote, or is longer than the limit.
    const end = lineEnd(text, at)
    if (end > limit) return at > from ? at : end
    at = end
  }
}

// Behind the newline that ends the line at `at`.
function lineEnd(text: Uint8Array, at: number): number {
  let to = at
  while (to < text.length && text[to] !== space) {
    to += text[to] === backslash && text[to + 1] === space ? 2 : 1
  }
  // Fields: `key=value,key="text" time`.
  while (to < text.length) {
    while (to < text.length && text[to] !== equals && text[to] !== newline) {
      to += text[to] === backslash && text[to + 1] === equals ? 2 : 1
    }
    if (text[to] === equals && text[to + 1] === quote) to = stringEnd(text, to + 2)
    while (to < text.length && text[to] !== comma && text[to] !== newline) to++
    if (text[to] === newline) return to + 1
  }
  return text.length
}

function stringEnd(text: Uint8Array, at: number): number {
  let to = at
  while (to < text.length && text[to] !== quote) to += text[to] === backslash ? 2 : 1
  return to
}
