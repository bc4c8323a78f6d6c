// The rows in the state: how they are written, and read again. In SQL that both engines understand. Called by
// open-history.ts.
import { createHash } from 'node:crypto'
import { labelsOf } from '#core/labels.ts'
import { inSizes, type Row } from '#core/state/in-sizes.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { State } from '#core/state.ts'
import type { DayRow, Track } from '../history.ts'
import { type Line, lineKey } from '../pool.ts'

type Statement = Parameters<State['write']>[0][number]
type Db = State['db']

// What has been asked of all samples of a resource: questions (their digest) and days, both ends included. A day among
// them without a row is a gap.
export type Looked = Readonly<{ asked: string; fromDay: number; toDay: number }>

export type LineRow = Readonly<{ id: number; line: Line; version: number; looked: Looked | undefined }>
export type StoredDays = Readonly<{ line: number; track: Track; rows: readonly DayRow[] }>

// Enough of SHA-256 that two of a million lines do not share one.
export const lineId = (key: string): number =>
  Number.parseInt(createHash('sha256').update(key).digest('hex').slice(0, 13), 16)

const trackNumbers = { usage: 0, supply: 1 } as const

// All numbers of a day are one text, so that a window of them comes from the state as one value for each line: a fourth of
// the time that rows with columns took (bench/capacity-history.ts). NaN becomes null.
const numbersText = ({ day, count, min, max, sum, last, lastMs, p95, busyHour }: DayRow): string =>
  JSON.stringify([day, count, min, max, sum, last, lastMs, p95, busyHour])

type Numbers = readonly [number, number, ...(number | null)[]]

function rowOf([day, count, ...rest]: Numbers): DayRow {
  const [min, max, sum, last, lastMs, p95, busyHour] = rest.map(each => each ?? Number.NaN) as [
    ...[number, number, number, number],
    ...[number, number, number],
  ]
  return { day, count, min, max, sum, last, lastMs, p95, busyHour }
}

export const dayCells =
  (line: number, track: Track, version: number): ((row: DayRow) => Row) =>
  row => [line, trackNumbers[track], row.day, version, numbersText(row)]

export const lineCells = (line: Line, version: number): Row => {
  const key = lineKey(line)
  return [lineId(key), key, version]
}

export const lookedCells = (line: Line, version: number, { asked, fromDay, toDay }: Looked): Row => [
  ...lineCells(line, version),
  asked,
  fromDay,
  toDay,
]

export interface Book {
  putLines(rows: readonly Row[]): Statement[]
  putLooked(rows: readonly Row[]): Statement[]
  putDays(rows: readonly Row[]): Statement[]
  // Of these lines, days before.
  dropDays(lines: readonly number[], beforeDay: number): Statement[]
  dropLines(lines: readonly number[]): Statement[]
  // Those that have changed since.
  lines(sinceVersion: number): Promise<readonly LineRow[]>
  // Of the lines named: from this day on, and changed since.
  days(
    lines: readonly number[],
    of: Readonly<{ fromDay: number; sinceVersion: number }>,
  ): Promise<readonly StoredDays[]>
  // The newest day of each of the lines named.
  newest(lines: readonly number[]): Promise<ReadonlyMap<number, number>>
}

export const openBook = (db: Db): Book => ({ ...puttingInto(db), ...takingFrom(db), ...readingFrom(db) })

function puttingInto(db: Db): Pick<Book, 'putLines' | 'putLooked' | 'putDays'> {
  const line = { id: 0, line: '', version: 0 }
  const looked = { id: 0, line: '', version: 0, asked: '', looked_from_day: 0, looked_to_day: 0 }
  const day = { line: 0, track: 0, day: 0, version: 0, numbers: '' }
  const lines = inSizes(many =>
    db
      .insertInto('capacity_lines')
      .values(many(line))
      .onConflict(on => on.column('id').doUpdateSet(row => ({ version: row.ref('excluded.version') }))),
  )
  const lookeds = inSizes(many =>
    db
      .insertInto('capacity_lines')
      .values(many(looked))
      .onConflict(on =>
        on.column('id').doUpdateSet(row => ({
          version: row.ref('excluded.version'),
          asked: row.ref('excluded.asked'),
          looked_from_day: row.ref('excluded.looked_from_day'),
          looked_to_day: row.ref('excluded.looked_to_day'),
        })),
      ),
  )
  const days = inSizes(many =>
    db
      .insertInto('capacity_days')
      .values(many(day))
      .onConflict(on =>
        on.columns(['line', 'track', 'day']).doUpdateSet(row => ({
          version: row.ref('excluded.version'),
          numbers: row.ref('excluded.numbers'),
        })),
      ),
  )
  return { putLines: rows => lines(rows), putLooked: rows => lookeds(rows), putDays: rows => days(rows) }
}

function takingFrom(db: Db): Pick<Book, 'dropDays' | 'dropLines'> {
  const days = inSizes(many =>
    db.deleteFrom('capacity_days').where('day', '<', 0).where('line', 'in', many(0)),
  )
  const lines = inSizes(many => db.deleteFrom('capacity_lines').where('id', 'in', many(0)))
  return {
    dropDays: (ids, beforeDay) =>
      days(
        ids.map(id => [id]),
        [beforeDay],
      ),
    dropLines: ids => lines(ids.map(id => [id])),
  }
}

function readingFrom(db: Db): Pick<Book, 'lines' | 'days' | 'newest'> {
  return {
    async lines(sinceVersion) {
      const found = await db
        .selectFrom('capacity_lines')
        .selectAll()
        .where('version', '>', sinceVersion)
        .orderBy('id')
        .execute()
      return found.map(({ id, line, version, asked, looked_from_day: fromDay, looked_to_day: toDay }) => ({
        ...{ id, version, line: readLine(line) },
        looked: asked === null || fromDay === null || toDay === null ? undefined : { asked, fromDay, toDay },
      }))
    },
    async days(lines, { fromDay, sinceVersion }) {
      const found = await db
        .selectFrom('capacity_days')
        .select(({ fn, val }) => [
          'line',
          'track',
          fn.agg<string>('string_agg', ['numbers', val(',')]).as('numbers'),
        ])
        .where('line', 'in', lines)
        .where('day', '>=', fromDay)
        .where('version', '>', sinceVersion)
        .groupBy(['line', 'track'])
        .execute()
      return found.map(({ line, track, numbers }) => ({
        line,
        track: track === 0 ? 'usage' : 'supply',
        rows: (JSON.parse(`[${numbers}]`) as readonly Numbers[]).map(rowOf),
      }))
    },
    async newest(lines) {
      const found = await db
        .selectFrom('capacity_days')
        .select(({ fn }) => ['line', fn.max('day').as('day')])
        .where('line', 'in', lines)
        .groupBy('line')
        .execute()
      return new Map(found.map(({ line, day }) => [line, Number(day)]))
    },
  }
}

// As lineKey() has written it: pool, resource, and names and values of the part.
export function readLine(text: string): Line {
  const isWhole = (found: Partial<readonly string[]>): boolean =>
    Array.isArray(found) &&
    found.length >= 2 &&
    found.length % 2 === 0 &&
    found.every(each => typeof each === 'string')
  const wanted = { at: 'capacity_lines', wanted: 'pool, resource and labels', isWhole }
  const [pool = '', resource = '', ...rest] = readSaved<readonly string[]>(text, wanted)
  const part: [string, string][] = []
  for (let at = 0; at < rest.length; at += 2) part.push([rest[at]!, rest[at + 1]!])
  return { pool, resource, part: labelsOf(part) }
}
