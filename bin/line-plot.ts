// Numbers as a line of dots: each sign of a terminal holds two columns of four dots (braille). Called by range-view.ts
// and explain-view.ts.
import type { Paint } from './paint.ts'
import { widthOf } from './table.ts'

// `left` is where the dots begin.
export type Plot = Readonly<{ text: string; left: number }>

const rows = 8
const dotsHigh = rows * 4
const blank = 0x2800
// The dot of a sign, by its row and column.
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const

// Two cells for each sign; NaN is a gap. `unit` stands behind the numbers of the axis.
export function linePlot(cells: readonly number[], paint: Paint, unit = ''): Plot {
  const { min, max } = endsOf(cells)
  const axis = labelsOf([max, (min + max) / 2, min]).map(each => (unit === '' ? each : `${each} ${unit}`))
  const left = Math.max(...axis.map(widthOf)) + 2
  const lines = signsOf(cells, min, max).map((line, row) => {
    const place = { 0: 0, [rows / 2]: 1, [rows - 1]: 2 }[row]
    const text = place === undefined ? '' : axis[place]!
    const mark = place === undefined ? '│' : '┤'
    return `${paint('dim', text.padStart(left - 2) + mark)} ${paint('green', line)}`
  })
  return { text: lines.map(line => `${line}\n`).join(''), left }
}

// Short, but never the same twice.
function labelsOf(values: readonly number[]): string[] {
  const digits = [5, 7, 9, 12, 15].find(
    count => new Set(values.map(each => each.toPrecision(count))).size === 3,
  )
  return values.map(each => String(Number(each.toPrecision(digits ?? 17))))
}

function endsOf(cells: readonly number[]): Readonly<{ min: number; max: number }> {
  const numbers = cells.filter(cell => !Number.isNaN(cell))
  if (numbers.length === 0) return { min: 0, max: 1 }
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)]
  // A level line stands in the middle.
  if (min < max) return { min, max }
  const room = Math.abs(min) / 2 || 1
  return { min: min - room, max: max + room }
}

function signsOf(cells: readonly number[], min: number, max: number): string[] {
  const width = Math.ceil(cells.length / 2)
  const signs = Array.from({ length: rows }, () => new Array<number>(width).fill(blank))
  const heightOf = (value: number): number => Math.round(((max - value) / (max - min)) * (dotsHigh - 1))
  let before: number | undefined
  for (const [column, cell] of cells.entries()) {
    const at = Number.isNaN(cell) ? undefined : heightOf(cell)
    if (at !== undefined) {
      // Up or down from the dot before, so that the line has no holes.
      const from = before === undefined ? at : before + Math.sign(at - before)
      for (let y = Math.min(from, at); y <= Math.max(from, at); y++) {
        signs[y >> 2]![column >> 1]! |= dots[y & 3]![column & 1]!
      }
    }
    before = at
  }
  return signs.map(line => String.fromCharCode(...line).replace(/\u2800+$/, ''))
}
