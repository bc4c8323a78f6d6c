// The rows of one sheet as the XML of a spreadsheet. Pure; called by spreadsheet.ts.
//
// Hot: the million cells of ten thousand pools in 0.6 s (bench/capacity-xlsx.ts). Each cell is one text; a library that made an
// object and a key of its style for each took seven times as long for the whole file.
import type { Cell } from '../columns.ts'
import { type Format, styles, usual } from './styles.ts'
import { linesOf, openWidths } from './widths.ts'

// A row is as long as its head or shorter. What stands above the head at `headAt` is no part of the table.
export type PlainSheet = Readonly<{
  name: string
  rows: readonly (readonly Cell[])[]
  headAt: number
  columns: readonly Readonly<{ format?: Format | undefined }>[]
}>

// Each text stands once in the file, and cells name its place.
export type Texts = Map<string, number>

const spaceName = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const rowsTogether = 1_000

export function sheetXml(sheet: PlainSheet, texts: Texts): Uint8Array {
  const { rows, headAt, columns } = sheet
  const letters = columns.map((_, nth) => lettersOf(nth))
  const widths = openWidths(columns.length)
  const pieces: Uint8Array[] = []
  for (let from = 0; from < rows.length; from += rowsTogether) {
    let text = ''
    for (let at = from; at < Math.min(rows.length, from + rowsTogether); at++) {
      let [cells, lines] = ['', 1]
      for (const [nth, cell] of rows[at]!.entries()) {
        const place = `${letters[nth]}${at + 1}`
        const format = columns[nth]?.format
        if (at === headAt) widths.head(nth, cell)
        // A title above a table may reach beyond its column.
        else if (at > headAt || rows[at]!.length > 1) {
          widths.cell(nth, cell, format)
          if (typeof cell === 'string') lines = Math.max(lines, linesOf(cell))
        }
        cells += at === headAt ? headCell(cell, place, texts) : cellXml(cell, place, texts, format)
      }
      text += `<row r="${at + 1}"${lines === 1 ? '' : heightOf(lines)}>${cells}</row>`
    }
    pieces.push(Buffer.from(text))
  }
  return Buffer.concat([
    Buffer.from(beforeRows(sheet, widths.list())),
    ...pieces,
    Buffer.from(afterRows(sheet)),
  ])
}

// In points; not every program finds it out by itself.
const [lineHeight, heightMost] = [15, 409]
const heightOf = (lines: number): string =>
  ` ht="${Math.min(heightMost, lines * lineHeight)}" customHeight="1"`

function beforeRows({ headAt }: PlainSheet, widths: readonly number[]): string {
  const columns = widths.map(
    (width, nth) => `<col min="${nth + 1}" max="${nth + 1}" width="${width}" customWidth="1"/>`,
  )
  const frozen =
    headAt === 0
      ? '<sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
      : ''
  return `<worksheet xmlns="${spaceName}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>${frozen}<cols>${columns.join('')}</cols><sheetData>`
}

// The order of these is that of the format. Paper is A4 across, as wide as the table, as many pages long as it takes.
const afterRows = (sheet: PlainSheet): string =>
  `</sheetData><autoFilter ref="${tableOf(sheet)}"/><pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/><headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter></worksheet>`

// `A1:V21`: the head and what is below it.
export function tableOf({ rows, headAt, columns }: PlainSheet, mark = ''): string {
  const last = lettersOf(columns.length - 1)
  return `${mark}A${mark}${headAt + 1}:${mark}${last}${mark}${Math.max(rows.length, headAt + 1)}`
}

const headCell = (cell: Cell, place: string, texts: Texts): string =>
  `<c r="${place}" s="${styles.head}" t="s"><v>${textAt(String(cell), texts)}</v></c>`

// 1970-01-01 as spreadsheets count days.
const firstDay = 25_569

function cellXml(cell: Cell, place: string, texts: Texts, format: Format | undefined): string {
  if (cell === null || cell === '') return ''
  if (typeof cell === 'string') {
    const look = linesOf(cell) > 1 ? ` s="${styles.long}"` : ''
    return `<c r="${place}"${look} t="s"><v>${textAt(cell, texts)}</v></c>`
  }
  if (typeof cell === 'object') return lookedCell(cell, place)
  if (!Number.isFinite(cell)) return ''
  return `<c r="${place}" s="${styles[format ?? usual(cell)]}"><v>${cell}</v></c>`
}

// Days and money look the same in every column.
const lookedCell = (cell: Exclude<Cell, string | number | null>, place: string): string =>
  'day' in cell
    ? `<c r="${place}" s="${styles.day}"><v>${cell.day + firstDay}</v></c>`
    : `<c r="${place}" s="${styles.money}"><v>${cell.money}</v></c>`

function textAt(text: string, texts: Texts): number {
  const known = texts.get(text)
  if (known !== undefined) return known
  texts.set(text, texts.size)
  return texts.size - 1
}

// Of one cell.
const charsMost = 32_767

export const textsXml = (texts: Texts): Uint8Array =>
  Buffer.from(
    `<sst xmlns="${spaceName}">${Array.from(texts.keys(), text => `<si><t xml:space="preserve">${escaped(text.slice(0, charsMost))}</t></si>`).join('')}</sst>`,
  )

// What XML has no place for is left out: control characters, halves of a pair.
const noXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu
const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export const escaped = (text: string): string =>
  text.replace(noXml, '').replace(/[&<>"]/g, found => marks[found]!)

// A, B … Z, AA.
function lettersOf(nth: number): string {
  const last = String.fromCharCode(65 + (nth % 26))
  return nth < 26 ? last : lettersOf(Math.floor(nth / 26) - 1) + last
}
