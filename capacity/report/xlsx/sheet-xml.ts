// The rows of one sheet as the XML of a spreadsheet. Pure; called by spreadsheet.ts.
//
// Hot: the million cells of ten thousand pools in 0.6 s (bench/capacity-xlsx.ts). Each cell is one text; a library that made an
// object and a key of its style for each took seven times as long for the whole file.
import type { Cell } from '../columns.ts'
import { type Format, styles } from './styles.ts'

// A row is as long as its head or shorter. The first row is the head, unless `headAt` says otherwise.
export type PlainSheet = Readonly<{
  name: string
  rows: readonly (readonly Cell[])[]
  headAt: number
  columns: readonly Readonly<{ width: number; format?: Format | undefined }>[]
}>

// Each text stands once in the file, and cells name its place.
export type Texts = Map<string, number>

const spaceName = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const rowsTogether = 1_000

export function sheetXml({ rows, headAt, columns }: PlainSheet, texts: Texts): Uint8Array {
  const letters = columns.map((_, nth) => lettersOf(nth))
  const widths = columns.map(
    ({ width }, nth) => `<col min="${nth + 1}" max="${nth + 1}" width="${width}" customWidth="1"/>`,
  )
  const frozen =
    headAt === 0
      ? '<sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
      : ''
  const pieces = [
    Buffer.from(`<worksheet xmlns="${spaceName}">${frozen}<cols>${widths.join('')}</cols><sheetData>`),
  ]
  for (let from = 0; from < rows.length; from += rowsTogether) {
    let text = ''
    for (let at = from; at < Math.min(rows.length, from + rowsTogether); at++) {
      text += `<row r="${at + 1}">`
      for (const [nth, cell] of rows[at]!.entries()) {
        const place = `${letters[nth]}${at + 1}`
        text +=
          at === headAt ? headCell(cell, place, texts) : cellXml(cell, place, texts, columns[nth]?.format)
      }
      text += '</row>'
    }
    pieces.push(Buffer.from(text))
  }
  pieces.push(Buffer.from('</sheetData></worksheet>'))
  return Buffer.concat(pieces)
}

const headCell = (cell: Cell, place: string, texts: Texts): string =>
  `<c r="${place}" s="${styles.head}" t="s"><v>${textAt(String(cell), texts)}</v></c>`

// 1970-01-01 as spreadsheets count days.
const firstDay = 25_569

function cellXml(cell: Cell, place: string, texts: Texts, format: Format | undefined): string {
  if (cell === null || cell === '') return ''
  if (typeof cell === 'string') return `<c r="${place}" t="s"><v>${textAt(cell, texts)}</v></c>`
  if (typeof cell === 'object') return `<c r="${place}" s="${styles.day}"><v>${cell.day + firstDay}</v></c>`
  if (!Number.isFinite(cell)) return ''
  return `<c r="${place}" s="${styles[format ?? usual(cell)]}"><v>${cell}</v></c>`
}

// Whole numbers and large ones without digits behind the point.
const usual = (value: number): Format =>
  Number.isInteger(value) || Math.abs(value) >= 1_000
    ? 'whole'
    : Math.abs(value) >= 10
      ? 'tenths'
      : 'thousandths'

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
