// How wide the columns of a sheet are: as the longest that is shown in them, so that no number becomes ###, within bounds.
// Pure; called by sheet-xml.ts for each cell.
import type { Cell } from '../columns.ts'
import { type Format, usual } from './styles.ts'

// Of the digits of a usual font. What is longer goes on in further lines of its cell.
const [widthLeast, widthMost] = [8, 42]
// What spreadsheets keep free at both sides.
const aside = 2
// Heads are bold and have a button that filters.
const [boldTimes, button] = [1.1, 2]

export type Widths = Readonly<{
  head(nth: number, cell: Cell): void
  cell(nth: number, cell: Cell, format: Format | undefined): void
  list(): readonly number[]
}>

export function openWidths(columns: number): Widths {
  const most = Array<number>(columns).fill(0)
  const take = (nth: number, length: number): void => {
    if (length > most[nth]!) most[nth] = length
  }
  return {
    head: (nth, cell) => take(nth, textLength(String(cell)) * boldTimes + button),
    cell(nth, cell, format) {
      if (typeof cell === 'string') {
        // Most are shorter than what was there, whatever letters they have.
        if (cell.length * 2 > most[nth]!) take(nth, textLength(cell))
      } else if (cell !== null) take(nth, lengthOf(cell, format))
    },
    list: () => most.map(each => Math.min(widthMost, Math.max(widthLeast, Math.ceil(each) + aside))),
  }
}

// More than one: it goes on in further lines of its cell. Words that do not break leave room at the end of lines.
export function linesOf(text: string): number {
  if (text.length * 2 <= widthMost - aside) return 1
  const wide = textLength(text) / (widthMost - aside)
  return wide <= 1 ? 1 : Math.ceil(wide * 1.15)
}

// Chinese characters and their signs take the room of two.
function textLength(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x1100) length++
  return length
}

const dayLength = 10

function lengthOf(cell: Exclude<Cell, string | null>, format: Format | undefined): number {
  if (typeof cell === 'number') return numberLength(cell, format ?? usual(cell))
  return 'day' in cell ? dayLength : numberLength(cell.money, 'money')
}

// The point and what is behind it, and the sign of a share.
const behind: Readonly<Record<Format, number>> = { whole: 0, tenths: 2, thousandths: 4, share: 3, money: 3 }

function numberLength(value: number, format: Format): number {
  const size = Math.abs(format === 'share' ? value * 100 : value)
  const digits = size < 10 || !Number.isFinite(size) ? 1 : Math.floor(Math.log10(size)) + 1
  const groups = format === 'whole' || format === 'money' ? Math.floor((digits - 1) / 3) : 0
  return digits + groups + behind[format] + (value < 0 ? 1 : 0)
}
