// A report as CSV for spreadsheets and scripts: a line for each resource and part of every pool, under names that never
// change. Text that a spreadsheet would take for a formula gets a quote before it. Called by routes.
import { csvText } from '#core/csv.ts'
import { dayText } from '../days.ts'
import { type Cell, type LineRow, lineColumns, poolColumns } from './columns.ts'
import type { Report } from './report-model.ts'

// Without it, spreadsheets take UTF-8 for something else.
const mark = '\uFEFF'

export function reportCsv({ pools }: Report): string {
  const ofPools = poolColumns('en').filter(({ name }) => poolNames.includes(name))
  const ofLines = lineColumns('en').slice(1)
  const names = [
    'pool',
    ...ofLines.map(({ name }) => name),
    'decides',
    ...ofPools.map(({ name }) => `pool_${name}`),
  ]
  const rows = pools.flatMap(pool =>
    [...pool.resources, ...pool.parts].map(line => {
      const row: LineRow = { pool, line }
      const cells: Cell[] = [
        pool.name,
        ...ofLines.map(column => column.of(row)),
        line.isBinding ? 1 : 0,
        ...ofPools.map(column => column.of(pool)),
      ]
      return cells.map(csvCell).join(',')
    }),
  )
  return `${mark}${[names.join(','), ...rows].join('\r\n')}\r\n`
}

// What belongs to the pool and not to one of its lines.
const poolNames = [
  'labels',
  'units',
  'unit',
  'order_by',
  'needed_by',
  'cost',
  'currency',
  'days_left_early',
  'risk',
]

export function csvCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  if (typeof cell === 'object') return 'day' in cell ? dayText(cell.day) : String(cell.money)
  return csvText(cell)
}
