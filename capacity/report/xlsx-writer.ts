// The thread that writes a spreadsheet, from plain cells to the bytes of the file. The only importer of write-excel-file.
// Started by xlsx.ts.
import { parentPort, workerData } from 'node:worker_threads'
import writeExcelFile, { type CellObject } from 'write-excel-file/node'
import type { Cell } from './columns.ts'
import type { PlainSheet } from './xlsx.ts'

const headStyle = { type: String, fontWeight: 'bold', backgroundColor: '#E8EDF0', wrap: true } as const
const formats = { share: '0.0%', whole: '#,##0' } as const
const dayMs = 86_400_000
// Of one cell. What XML has no place for, the library leaves out.
const charsMost = 32_767

function cellOf(cell: Cell, format?: keyof typeof formats): CellObject | null {
  if (cell === null || cell === '') return null
  if (typeof cell === 'string') return { type: String, value: cell.slice(0, charsMost) }
  if (typeof cell === 'object') return { type: Date, value: new Date(cell.day * dayMs), format: 'yyyy-mm-dd' }
  return { type: Number, value: cell, format: format === undefined ? usual(cell) : formats[format] }
}

// Whole numbers and large ones without digits behind the point.
const usual = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1_000 ? '#,##0' : Math.abs(value) >= 10 ? '0.0' : '0.000'

const rowOf = ({ headAt, columns }: PlainSheet, row: readonly Cell[], at: number): (CellObject | null)[] =>
  at === headAt
    ? row.map(cell => ({ ...headStyle, value: String(cell) }))
    : row.map((cell, column) => cellOf(cell, columns[column]?.format))

const sheets = (workerData as readonly PlainSheet[]).map(sheet => ({
  sheet: sheet.name,
  data: sheet.rows.map((row, at) => rowOf(sheet, row, at)),
  columns: sheet.columns.map(({ width }) => ({ width })),
  ...(sheet.headAt === 0 && { stickyRowsCount: 1, stickyColumnsCount: 1 }),
}))
parentPort?.postMessage(new Uint8Array(await writeExcelFile(sheets).toBuffer()))
