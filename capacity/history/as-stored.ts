// What is to be stored of rows that were taken, by what is there already: all, the sum of both, or what is more. Called by
// open-history.ts before it writes.
import type { DayRow, Track } from '../history.ts'
import { lineKey } from '../pool.ts'
import { type Book, lineId } from './book.ts'
import { mergeRows } from './day-row.ts'
import type { Taken } from './open-history.ts'

export async function asStored(all: readonly Taken[], book: Book): Promise<readonly Taken[]> {
  const there = await countsThere(all, book)
  const taken: Taken[] = []
  for (const each of all) taken.push(each.how === 'fill' ? fuller(each, there) : await merged(each, book))
  return taken
}

const firstOf = (rows: readonly DayRow[]): number =>
  rows.reduce((least, { day }) => Math.min(least, day), Number.POSITIVE_INFINITY)

// By line and track, how many values each day has. Of all lines at once, because who fills takes many.
async function countsThere(taken: readonly Taken[], book: Book): Promise<ReadonlyMap<string, number>> {
  const filling = taken.filter(({ how, rows }) => how === 'fill' && rows.length > 0)
  if (filling.length === 0) return new Map()
  const ids = [...new Set(filling.map(({ line }) => lineId(lineKey(line))))]
  const fromDay = Math.min(...filling.map(({ rows }) => firstOf(rows)))
  const stored = await book.days(ids, { fromDay, sinceVersion: -1 })
  return new Map(
    stored.flatMap(({ line, track, rows }) =>
      rows.map(({ day, count }) => [placeOf(line, track, day), count]),
    ),
  )
}

const placeOf = (line: number, track: Track, day: number): string => `${line} ${track} ${day}`

const fuller = (taken: Taken, there: ReadonlyMap<string, number>): Taken => {
  const id = lineId(lineKey(taken.line))
  const isFuller = ({ day, count }: DayRow): boolean =>
    count >= (there.get(placeOf(id, taken.track, day)) ?? 1)
  return { ...taken, rows: taken.rows.filter(isFuller) }
}

// A day without a number leaves what there is.
async function merged(taken: Taken, book: Book): Promise<Taken> {
  const rows = taken.rows.filter(({ count }) => count > 0)
  if (taken.how !== 'merge' || rows.length === 0) return { ...taken, rows }
  const stored = await book.days([lineId(lineKey(taken.line))], { fromDay: firstOf(rows), sinceVersion: -1 })
  const before = stored.find(({ track }) => track === taken.track)?.rows ?? []
  const known = new Map(before.map(row => [row.day, row]))
  for (const row of rows) {
    const there = known.get(row.day)
    known.set(row.day, there === undefined ? row : mergeRows(there, row))
  }
  return { ...taken, rows: [...new Set(rows.map(({ day }) => day))].map(day => known.get(day)!) }
}
