// The cells of a row, some of them in quotes. A quote opens a cell only where the cell begins, so that one that strays in a
// number spoils its own cell and nothing else. Pure; called by text-rows.ts.

export const separators: readonly string[] = [',', ';', '\t']

type Line = Readonly<{ isInside: boolean; separator: string | undefined }>

// Whether a cell is open at the end of the line: the one that was before it, or anew. Each character is looked at once or
// twice. Until it is known which one separates, all do.
export function isOpenAfter(text: string, { isInside, separator }: Line): 'no' | 'still' | 'anew' {
  let isAnew = !isInside
  let inside = isInside
  for (let at = 0; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0) {
      if (!inside) return 'no'
      return isAnew ? 'anew' : 'still'
    }
    if (inside && text[quote + 1] === '"') {
      at = quote + 2
      continue
    }
    if (inside) inside = false
    else if (beginsAt(text, quote, { from: at, separator })) {
      inside = true
      isAnew = true
    }
    at = quote + 1
  }
}

// Nothing but spaces between the separator, or the beginning of the line, and the quote.
function beginsAt(
  text: string,
  quote: number,
  { from, separator }: Readonly<{ from: number; separator: string | undefined }>,
): boolean {
  let at = quote - 1
  while (at >= from && text[at] === ' ') at--
  if (at < from) return from === 0
  return separator === undefined ? separators.includes(text[at]!) : text[at] === separator
}

export function cellsOf(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator)
  return piecesOf(text, separator).map(({ from, to }) => unquoted(text.slice(from, to)))
}

const unquoted = (cell: string): string => {
  const trimmed = cell.trim()
  return trimmed.startsWith('"') ? trimmed.replace(/^"|"$/g, '').replaceAll('""', '"') : cell
}

// A separator within quotes parts nothing.
export function piecesOf(text: string, separator: string): { from: number; to: number }[] {
  const pieces: { from: number; to: number }[] = []
  for (let from = 0; ; ) {
    const end = text.indexOf(separator, closedAt(text, from))
    pieces.push({ from, to: end < 0 ? text.length : end })
    if (end < 0) return pieces
    from = end + 1
  }
}

// Behind the quotes that the cell begins with, if it does.
function closedAt(text: string, from: number): number {
  let at = from
  while (text[at] === ' ') at++
  if (text[at] !== '"') return from
  for (at = text.indexOf('"', at + 1); at >= 0 && text[at + 1] === '"'; ) at = text.indexOf('"', at + 2)
  return at < 0 ? text.length : at + 1
}
