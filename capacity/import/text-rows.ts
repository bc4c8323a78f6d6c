// Reads a table as text while it comes, line by line: commas, semicolons or tabs, cells in quotes with anything in them,
// CRLF, a byte order mark. Of a file of any size it holds one chunk and one row, and looks at each byte a few times, whatever
// quotes there are. Called by import-file.ts.
import { Failure } from '#core/errors.ts'
import { openDecoder } from './decoded.ts'
import { cellsOf, isOpenAfter, piecesOf, separators } from './quoted.ts'

export type RowPlace = Readonly<{ line: number; text: string; separator: string }>

// Without what stands in quotes, nearly always: 1 GB takes a minute, most of it in numbers and times.
export type OnRow = (cells: readonly string[], place: RowPlace) => void

// Longer ones are no tables.
const lineMax = 1 << 20
// Of a cell that goes on in further lines: more is a quote that nobody closed.
const quotedMax = 1 << 16

export async function readRows(chunks: AsyncIterable<Uint8Array>, onRow: OnRow): Promise<void> {
  const decode = openDecoder()
  const reader = openReader(onRow)
  for await (const chunk of chunks) reader.push(decode(chunk, reader.line))
  reader.push(decode(undefined, reader.line))
  reader.end()
}

function openReader(onRow: OnRow) {
  let rest = ''
  // So much of it holds no end of a line.
  let looked = 0
  let line = 0
  let separator: string | undefined
  // Lines of a row whose last cell is not over, and their length.
  let open: string[] = []
  let openLength = 0
  // Where its last quote was opened.
  let openedLine = 0
  const take = (text: string): void => {
    line++
    if (text.includes('\0')) throw new Failure('bad_import', `line ${line}: wanted text, found a NUL byte`)
    const isInside = open.length > 0
    const hasQuotes = isInside || text.includes('"')
    const stays = hasQuotes ? isOpenAfter(text, { isInside, separator }) : 'no'
    // One that was closed and opened again is another.
    if (stays !== 'no') {
      if (stays === 'anew') openedLine = line
      open.push(text)
      openLength += text.length
      if (openLength > quotedMax) throw neverClosed(openedLine, `nothing within ${quotedMax} characters`)
      return
    }
    const begins = line - open.length
    const whole = isInside ? [...open, text].join('\n') : text
    open = []
    openLength = 0
    row(whole.endsWith('\r') ? whole.slice(0, -1) : whole, begins)
  }
  const row = (text: string, at: number): void => {
    if (text.trim() === '') return
    separator ??= separatorOf(text)
    onRow(cellsOf(text, separator), { line: at, text, separator })
  }
  return {
    get line() {
      return line
    },
    push(text: string): void {
      let from = 0
      const all = rest === '' ? text : rest + text
      for (let end = all.indexOf('\n', looked); end >= 0; end = all.indexOf('\n', from)) {
        take(all.slice(from, end))
        from = end + 1
      }
      rest = all.slice(from)
      looked = rest.length
      if (rest.length > lineMax) throw tooLong(line + 1)
    },
    end(): void {
      if (rest !== '') take(rest)
      if (open.length > 0) throw neverClosed(openedLine, 'the end of the file')
    },
  }
}

const neverClosed = (line: number, found: string): Failure =>
  new Failure('bad_import', `line ${line}: wanted a " that closes the one opened there, found ${found}`)

const tooLong = (line: number): Failure =>
  new Failure('bad_import', `line ${line}: wanted a line of at most 1 MiB`)

// The one that the first line has most of.
function separatorOf(text: string): string {
  const plain = text.replace(/"[^"]*"/g, '')
  const count = (separator: string): number => plain.split(separator).length
  return separators.reduce((most, each) => (count(each) > count(most) ? each : most))
}

// Of the cell, from 1.
export const columnOf = ({ text, separator }: RowPlace, nth: number): number =>
  (piecesOf(text, separator)[nth]?.from ?? text.length) + 1
