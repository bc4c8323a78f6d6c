// The rows in the state: how they are written, and read again. In SQL that both engines understand. Called by
// open-history.ts.
import { createHash } from 'node:crypto'
import { labelsOf } from '#core/labels.ts'
import { inSizes, type Row } from '#core/state/in-sizes.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { CapacityLinesTable } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'
import type { DayRow, Track } from '../history.ts'
import { type Line, lineKey } from '../pool.ts'
import { type DayNumbers, numbersOf } from './day-numbers.ts'

type Statement = Parameters<State['write']>[0][number]
type Db = State['db']

// What has been asked of all samples of a resource: questions (their digest) and days, both ends included. A day among
// them without a row is a gap.
export type Looked = Readonly<{ asked: string; fromDay: number; toDay: number }>

export type LineRow = Readonly<{ id: number; line: Line; version: number; looked: Looked | undefined }>
export type StoredDays = Readonly<{ line: number; track: Track; days: DayNumbers }>

// Enough of SHA-256 that two of a million lines do not share one.
export const lineId = (key: string): number =>
  Number.parseInt(createHash('sha256').update(key).digest('hex').slice(0, 13), 16)

const trackNumbers = { usage: 0, supply: 1 } as const

// All numbers of a day are one text, so that a window of them comes from the state as one value for each line: a fourth of
// the time that rows with columns took (bench/capacity-history.ts). NaN becomes null.
const numbersText = (row: DayRow): string => JSON.stringify(numbersOf(row))

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
  // Those of them that have no day: another process may have brought some since they were looked at.
  dropLines(lines: readonly number[]): Statement[]
  // -1 where there is nothing yet.
  newestVersion(): Promise<number>
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
  const lines = inSizes(many =>
    db
      .deleteFrom('capacity_lines')
      .where('id', 'in', many(0))
      .where(({ exists, not, selectFrom }) =>
        not(
          exists(
            selectFrom('capacity_days')
              .select('line')
              .whereRef('capacity_days.line', '=', 'capacity_lines.id'),
          ),
        ),
      ),
  )
  return {
    dropDays: (ids, beforeDay) =>
      days(
        ids.map(id => [id]),
        [beforeDay],
      ),
    dropLines: ids => lines(ids.map(id => [id])),
  }
}

// Of a hundred thousand reading them would hold everybody up.
const linesAtOnce = 5_000

function lineRow(found: CapacityLinesTable): LineRow {
  const { id, line, version, asked, looked_from_day: fromDay, looked_to_day: toDay } = found
  const isLooked = asked !== null && fromDay !== null && toDay !== null
  return { id, version, line: readLine(line), looked: isLooked ? { asked, fromDay, toDay } : undefined }
}

function readingFrom(db: Db): Pick<Book, 'newestVersion' | 'lines' | 'days' | 'newest'> {
  return {
    async newestVersion() {
      const [found] = await db
        .selectFrom('capacity_lines')
        .select(({ fn }) => fn.max('version').as('version'))
        .execute()
      return Number(found?.version ?? -1)
    },
    async lines(sinceVersion) {
      const all: LineRow[] = []
      for (let after = -1; ; after = all.at(-1)!.id) {
        const found = await db
          .selectFrom('capacity_lines')
          .selectAll()
          .where('version', '>', sinceVersion)
          .where('id', '>', after)
          .orderBy('id')
          .limit(linesAtOnce)
          .execute()
        for (const each of found) all.push(lineRow(each))
        if (found.length < linesAtOnce) return all
      }
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
        // One array for all of them is read in two thirds of the time that one for each day takes.
        days: JSON.parse(`[${numbers.slice(1, -1).replaceAll('],[', ',')}]`) as DayNumbers,
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
