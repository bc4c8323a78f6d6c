// A report as a spreadsheet with five sheets: summary, pools, parts, requests, errors. Numbers are numbers and days are
// dates, so that people sort and add them. The file is written by a thread, as that of ten thousand pools takes seconds.
// Called by routes.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Language } from '#core/http/language.ts'
import { dayText } from '../days.ts'
import { type Words, wordsOf } from '../words.ts'
import {
  type Cell,
  type Column,
  errorColumns,
  type LineRow,
  lineColumns,
  poolColumns,
  requestColumns,
} from './columns.ts'
import { byUnit, type Counted, monthName } from './figures.ts'
import { isUrgent, type PoolReport } from './pool-report.ts'
import type { Report } from './report-model.ts'

// What the thread is told; a row is as long as its head. The first row is the head, unless `headAt` says otherwise.
export type PlainSheet = Readonly<{
  name: string
  rows: readonly (readonly Cell[])[]
  headAt: number
  columns: readonly Readonly<{ width: number; format?: Column<never>['format'] }>[]
}>

export async function reportXlsx(
  report: Report,
  language: Language,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const sheets = sheetsOf(report, language)
  const worker = new Worker(new URL('./xlsx-writer.ts', import.meta.url), { workerData: sheets })
  try {
    // A fault of the thread comes as an error of it, which ends the wait too.
    const [bytes] = (await once(worker, 'message', signal === undefined ? {} : { signal })) as [Uint8Array]
    return bytes
  } finally {
    await worker.terminate()
  }
}

function sheetsOf(report: Report, language: Language): PlainSheet[] {
  const words = wordsOf(language)
  const { sheets } = words
  const linesOf = (of: (pool: PoolReport) => PoolReport['resources']): LineRow[] =>
    report.pools.flatMap(pool => of(pool).map(line => ({ pool, line })))
  const whole = linesOf(({ resources }) => resources)
  const parts = linesOf(({ resources, parts }) => [...resources, ...parts])
  return [
    summarySheet(report, words, language),
    sheetOf(sheets.pools, report.pools, poolColumns(language)),
    sheetOf(sheets.parts, parts, lineColumns(language)),
    sheetOf(sheets.requests, report.requests, requestColumns(language)),
    sheetOf(sheets.errors, whole, errorColumns(language)),
  ]
}

// What a sheet may have, less its head.
const rowsMost = 1_048_575

function sheetOf<Row>(name: string, rows: readonly Row[], columns: readonly Column<Row>[]): PlainSheet {
  const head = columns.map(each => each.head)
  const body = rows.slice(0, rowsMost).map(row => columns.map(column => column.of(row)))
  return {
    ...{ name, rows: [head, ...body], headAt: 0 },
    columns: columns.map(({ width, format }) => ({ width, ...(format && { format }) })),
  }
}

function summarySheet(report: Report, words: Words, language: Language): PlainSheet {
  const { summary, month, asOfDay, pools } = report
  const { tiles, head } = words
  const risks = pools.filter(isUrgent).length
  const kept = summary.contradicted.length
  const back = summary.reclaims.map(({ unit, units }) => ({ unit, units: -units }))
  const counted = (what: string, some: readonly Counted[]): Cell[][] =>
    some.length === 0 ? [[what, 0]] : byUnit(some).map(({ unit, units }) => [`${what} (${unit})`, units])
  const facts: Cell[][] = [
    [words.title(monthName(month, language))],
    [words.asOf(dayText(asOfDay), String(pools.length))],
    ...counted(tiles.order, summary.orders),
    ...summary.costs.map(({ amount, currency }) => [`${tiles.cost} (${currency})`, amount]),
    [tiles.risk(risks), risks],
    ...counted(tiles.reclaim, back),
    ...(kept === 0 ? [] : [[tiles.contradicted(kept), kept]]),
    [],
  ]
  const orders = summary.orders.map(({ name, units, unit, orderByDay, cost }): Cell[] => [
    ...[name, units, unit, orderByDay === null ? null : { day: orderByDay }],
    ...[cost?.amount ?? null, cost?.currency ?? null],
  ])
  const orderHead = [words.orders, head.units, head.unit, head.orderBy, head.cost, head.currency]
  return {
    ...{ name: words.sheets.summary, rows: [...facts, orderHead, ...orders], headAt: facts.length },
    columns: [40, 12, 14, 13, 14, 10].map(width => ({ width, format: 'whole' })),
  }
}
