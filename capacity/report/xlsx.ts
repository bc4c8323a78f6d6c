// A report as a spreadsheet with five sheets: summary, pools, parts, requests, errors. Numbers are numbers and days are
// dates, so that people sort and add them. The file is written by a thread, as that of ten thousand pools takes a second.
// Called by routes.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Breath } from '#core/breath.ts'
import type { Language } from '#core/http/language.ts'
import { threadRoom } from '#core/thread-room.ts'
import { dayText } from '../days.ts'
import { type Words, wordsOf } from '../words.ts'
import {
  type Cell,
  type Column,
  errorColumns,
  type LineRow,
  lineColumns,
  moneyCell,
  poolColumns,
  requestColumns,
} from './columns.ts'
import { byUnit, type Counted, monthName } from './figures.ts'
import { isUrgent, type PoolReport } from './pool-report.ts'
import type { Report } from './report-model.ts'
import type { PlainSheet } from './xlsx/sheet-xml.ts'

export async function reportXlsx(
  report: Report,
  language: Language,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const sheets = sheetsOf(report, language)
  const worker = new Worker(new URL('./xlsx-writer.ts', import.meta.url), {
    resourceLimits: threadRoom,
  })
  // When the caller has gone away, it may still fail before it has ended.
  worker.on('error', () => {})
  try {
    // A fault of the thread comes as an error of it, which ends the wait too.
    const written = once(worker, 'message', signal === undefined ? {} : { signal })
    const [[bytes]] = await Promise.all([written, tell(worker, sheets, signal)])
    return bytes as Uint8Array
  } finally {
    await worker.terminate()
  }
}

// Rows in pieces: a million cells at once would hold up whoever else uses this thread.
async function tell(worker: Worker, sheets: readonly Sheet[], signal?: AbortSignal): Promise<void> {
  const breath = new Breath()
  for (const { rows, ...head } of sheets) {
    worker.postMessage({ head } satisfies Told)
    for (let from = 0; from < rows.count; from += rowsTogether) {
      worker.postMessage({ rows: rows.from(from, Math.min(rows.count, from + rowsTogether)) } satisfies Told)
      if (breath.isDue) await breath.taken()
      if (signal?.aborted) return
    }
  }
  worker.postMessage({ isAll: true } satisfies Told)
}

const rowsTogether = 100

// What the thread is told: of each sheet its head, then its rows, and in the end that this was all.
export type Told =
  | Readonly<{ head: Omit<PlainSheet, 'rows'> }>
  | Readonly<{ rows: PlainSheet['rows'] }>
  | Readonly<{ isAll: true }>

// Its rows are made when they are told.
type Sheet = Omit<PlainSheet, 'rows'> & Readonly<{ rows: Rows }>
type Rows = Readonly<{ count: number; from(first: number, end: number): PlainSheet['rows'] }>

function sheetsOf(report: Report, language: Language): Sheet[] {
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

function sheetOf<Row>(name: string, all: readonly Row[], columns: readonly Column<Row>[]): Sheet {
  const head = columns.map(each => each.head)
  const rowAt = (at: number): readonly Cell[] =>
    at === 0 ? head : columns.map(column => column.of(all[at - 1]!))
  const count = Math.min(rowsMost, all.length) + 1
  return {
    ...{ name, headAt: 0 },
    rows: {
      count,
      from: (first, end) => Array.from({ length: end - first }, (_, nth) => rowAt(first + nth)),
    },
    columns: columns.map(({ format }) => ({ format })),
  }
}

function summarySheet(report: Report, words: Words, language: Language): Sheet {
  const { summary, month, asOfDay, pools } = report
  const { facts: say, head } = words
  const risks = pools.filter(isUrgent).length
  const kept = summary.contradicted.length
  const back = summary.reclaims.map(({ unit, units }) => ({ unit, units: -units }))
  const counted = (what: string, some: readonly Counted[]): Cell[][] =>
    some.length === 0
      ? [[what, 0]]
      : byUnit(some).map(({ unit, units }) => [what + words.parens(unit), units])
  const facts: Cell[][] = [
    [words.title(monthName(month, language))],
    [words.asOf(dayText(asOfDay), String(pools.length))],
    ...counted(say.order, summary.orders),
    ...summary.costs.map(({ amount, currency }) => [
      say.cost + words.parens(currency),
      moneyCell({ amount }),
    ]),
    [say.risk, risks],
    ...counted(say.reclaim, back),
    ...(kept === 0 ? [] : [[say.contradicted, kept]]),
    [],
  ]
  const orders = summary.orders.map(({ name, units, unit, orderByDay, cost }): Cell[] => [
    ...[name, units, unit, orderByDay === null ? null : { day: orderByDay }],
    ...[moneyCell(cost), cost?.currency ?? null],
  ])
  const orderHead = [words.orders, head.units, head.unit, head.orderBy, head.cost, head.currency]
  const rows = [...facts, orderHead, ...orders]
  return {
    ...{ name: words.sheets.summary, headAt: facts.length },
    rows: { count: rows.length, from: (first, end) => rows.slice(first, end) },
    columns: orderHead.map(() => ({ format: 'whole' })),
  }
}
