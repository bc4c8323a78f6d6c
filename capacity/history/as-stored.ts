// What is to be stored of rows that were taken, by what is there already: all, the sum of both, or what is more. Called by
// open-history.ts in the transaction that writes it, so that nobody writes in between.
import type { DayRow, Track } from '../history.ts'
import { type Line, lineKey } from '../pool.ts'
import { type Book, lineId } from './book.ts'
import { rowsOf } from './day-numbers.ts'
import { mergeRows } from './day-row.ts'

export type Taken = Readonly<{
  line: Line
  track: Track
  rows: readonly DayRow[]
  // Merging adds what was measured elsewhere on the same day; replacing puts a whole day in place of what there was; filling
  // does so unless more values of that day are there, whoever wrote them.
  how: 'replace' | 'merge' | 'fill'
}>

// Asked of the state at one time, so that others get their turn.
export const linesTogether = 64

// By line, track and day.
type Known = Map<string, DayRow>

export async function asStored(all: readonly Taken[], book: Pick<Book, 'days'>): Promise<readonly Taken[]> {
  const known = await rowsThere(all, book)
  return all.map(taken => ({ ...taken, rows: taken.rows.flatMap(row => storedOf(taken, row, known)) }))
}

// Of all lines at once, because who fills takes many.
async function rowsThere(all: readonly Taken[], book: Pick<Book, 'days'>): Promise<Known> {
  const asking = all.filter(({ how, rows }) => how !== 'replace' && rows.length > 0)
  const ids = [...new Set(asking.map(({ line }) => lineId(lineKey(line))))]
  const fromDay = asking
    .flatMap(({ rows }) => rows)
    .reduce((least, { day }) => Math.min(least, day), Number.POSITIVE_INFINITY)
  const known: Known = new Map()
  for (let at = 0; at < ids.length; at += linesTogether) {
    const of = { fromDay, sinceVersion: -1 }
    for (const { line, track, days } of await book.days(ids.slice(at, at + linesTogether), of))
      for (const row of rowsOf(days)) known.set(`${line} ${track} ${row.day}`, row)
  }
  return known
}

// A day without a number leaves what there is.
function storedOf({ line, track, how }: Taken, row: DayRow, known: Known): DayRow[] {
  if (row.count === 0) return []
  if (how === 'replace') return [row]
  const place = `${lineId(lineKey(line))} ${track} ${row.day}`
  const there = known.get(place)
  if (how === 'fill' && there !== undefined && row.count < there.count) return []
  const stored = how === 'merge' && there !== undefined ? mergeRows(there, row) : row
  known.set(place, stored)
  return [stored]
}
