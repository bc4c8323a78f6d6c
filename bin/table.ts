// Aligned columns for people, CSV for spreadsheets, and lines of a bearable length. Called by the commands that
// print lists.
import { csvQuoted, csvText } from '#core/csv.ts'
import { shown } from '#core/shown.ts'

export type Column = Readonly<{ title: string; right?: boolean }>
type Cells = readonly string[]

// Signs of Chinese, Japanese and Korean take two places on a terminal.
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{RI}|\p{Emoji_Presentation}/gu
const joining = /[\p{Mn}\p{Cf}]/gu

export const widthOf = (text: string): number =>
  [...text.replaceAll(joining, '')].length + (text.match(wide)?.length ?? 0)

// The last column is not padded; nothing is cut off, for what is cut off is always what was looked for.
export function tableText(columns: readonly Column[], rows: readonly Cells[]): string {
  const titles = columns.map(({ title }) => title)
  const lines = [titles, ...rows.map(cells => cells.map(shown))]
  const widths = columns.map((_, at) =>
    lines.reduce((most, cells) => Math.max(most, widthOf(cells[at] ?? '')), 0),
  )
  const line = (cells: Cells): string =>
    columns
      .map(({ right }, at) => {
        const cell = cells[at] ?? ''
        const space = ' '.repeat((widths[at] ?? 0) - widthOf(cell))
        return right ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return `${lines.map(line).join('\n')}\n`
}

export function csvTable(columns: readonly Column[], rows: readonly Cells[]): string {
  const line = (cells: Cells): string =>
    cells.map((cell, at) => (columns[at]?.right === true ? csvQuoted(cell) : csvText(cell))).join(',')
  return [columns.map(({ title }) => title), ...rows].map(cells => `${line(cells)}\r\n`).join('')
}

export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line]
}
