// Reads a table as text while it comes, line by line: commas, semicolons or tabs, quotes with anything in them, CRLF, a byte
// order mark. Of a file of any size it holds one chunk and one line. Called by import-file.ts.
import { Failure } from '#core/errors.ts'

export type RowPlace = Readonly<{ line: number; text: string; separator: string }>

// Without what stands in quotes, nearly always: 1 GB takes a minute, most of it in numbers and times.
export type OnRow = (cells: readonly string[], place: RowPlace) => void

// Longer ones are no tables.
const lineMax = 1 << 20

export async function readRows(chunks: AsyncIterable<Uint8Array>, onRow: OnRow): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const reader = openReader(onRow)
  for await (const chunk of chunks) reader.push(decoded(decoder, chunk, reader.line))
  reader.push(decoded(decoder, undefined, reader.line))
  reader.end()
}

function decoded(
  decoder: InstanceType<typeof TextDecoder>,
  chunk: Uint8Array | undefined,
  line: number,
): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch {
    throw new Failure('bad_import', `behind line ${line}: wanted text in UTF-8, found other bytes`)
  }
}

function openReader(onRow: OnRow) {
  let rest = ''
  let line = 0
  let separator: string | undefined
  // A line whose quotes are open goes on in the next.
  let open = ''
  let openLines = 0
  const take = (text: string): void => {
    openLines++
    const whole = open === '' ? text : `${open}\n${text}`
    if (whole.length > lineMax) throw tooLong(line + 1)
    if (whole.includes('"') && isOpen(whole)) {
      open = whole
      return
    }
    const plain = whole.endsWith('\r') ? whole.slice(0, -1) : whole
    const place = { line: line + 1, text: plain, separator: separator ?? ',' }
    line += openLines
    open = ''
    openLines = 0
    if (plain.trim() === '') return
    separator ??= separatorOf(plain)
    onRow(cellsOf(plain, separator), { ...place, separator })
  }
  return {
    get line() {
      return line
    },
    push(text: string): void {
      let from = 0
      const all = rest === '' ? text : rest + text
      for (let end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', from)) {
        take(all.slice(from, end))
        from = end + 1
      }
      rest = all.slice(from)
      if (rest.length > lineMax) throw tooLong(line + 1)
    },
    end(): void {
      if (rest !== '') take(rest)
      if (open !== '')
        throw new Failure('bad_import', `line ${line + 1}: wanted a closing ", found the end of the file`)
    },
  }
}

const tooLong = (line: number): Failure =>
  new Failure('bad_import', `line ${line}: wanted a line of at most 1 MiB; is a " left open before it?`)

function isOpen(text: string): boolean {
  let quotes = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++
  return quotes % 2 === 1
}

// The one that the first line has most of.
function separatorOf(text: string): string {
  const plain = text.replace(/"[^"]*"/g, '')
  const count = (separator: string): number => plain.split(separator).length
  return [',', ';', '\t'].reduce((most, each) => (count(each) > count(most) ? each : most))
}

function cellsOf(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator)
  return piecesOf(text, separator).map(({ from, to }) => unquoted(text.slice(from, to)))
}

const unquoted = (cell: string): string => {
  const trimmed = cell.trim()
  return trimmed.startsWith('"') ? trimmed.replace(/^"|"$/g, '').replaceAll('""', '"') : cell
}

// A separator within quotes parts nothing.
function piecesOf(text: string, separator: string): { from: number; to: number }[] {
  const pieces: { from: number; to: number }[] = []
  let from = 0
  let inQuotes = false
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '"') inQuotes = !inQuotes
    if (at < text.length && (inQuotes || text[at] !== separator)) continue
    pieces.push({ from, to: at })
    from = at + 1
  }
  return pieces
}

// Of the cell, from 1.
export const columnOf = ({ text, separator }: RowPlace, nth: number): number =>
  (piecesOf(text, separator)[nth]?.from ?? text.length) + 1
