// The thread that writes a spreadsheet, from plain cells to the bytes of the file; its rows come in pieces. Started by
// xlsx.ts, which ends it.
import { parentPort } from 'node:worker_threads'
import type { PlainSheet } from './xlsx/sheet-xml.ts'
import { spreadsheetOf } from './xlsx/spreadsheet.ts'
import type { Told } from './xlsx.ts'

type Row = PlainSheet['rows'][number]
const sheets: (Omit<PlainSheet, 'rows'> & { rows: Row[] })[] = []

parentPort?.on('message', (told: Told) => {
  if ('head' in told) sheets.push({ ...told.head, rows: [] })
  else if ('rows' in told) for (const row of told.rows) sheets.at(-1)?.rows.push(row)
  else parentPort?.postMessage(spreadsheetOf(sheets))
})
