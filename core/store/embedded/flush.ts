// Turns what came since the last flush into one segment for each day it touches. Called by engine.ts; the
// journal file goes only after all of them are in place, so a crash in between writes them again.
import type { Rows } from '../../batch.ts'
import { Breath } from './breath.ts'
import { type Catalogue, dayMs, dayOf, type Place } from './catalogue.ts'
import type { NoteRecord } from './journal.ts'
import type { Recent } from './recent.ts'
import { SegmentWriter, type TimedText } from './segment-write.ts'
import { type Sorted, sortRows } from './sort.ts'

// `ids` is one more than the highest series. Days before `fromDay` are beyond what is kept.
type Scope = Readonly<{ ids: number; fromDay: number }>

export async function flush(recent: Recent, catalogue: Catalogue, { ids, fromDay }: Scope): Promise<Place[]> {
  const sorted = sortRows(recent.rows(), ids)
  const notes = notesBySeries(recent.notes)
  const places: Place[] = []
  for (const day of daysOf(recent.rows(), recent.notes)) {
    if (day < fromDay) continue
    const place = { day, from: recent.number, to: recent.number }
    await writeDay(catalogue.path(place), day, sorted, notes)
    places.push(place)
  }
  return places
}

async function writeDay(
  path: string,
  day: number,
  sorted: Sorted,
  notes: ReadonlyMap<number, readonly TimedText[]>,
): Promise<void> {
  const writer = new SegmentWriter(path)
  const breath = new Breath()
  try {
    for (const [id, at] of seriesOf(sorted, notes)) {
      if (at !== undefined) {
        const [from, to] = within(sorted, at, day)
        if (from < to) writer.samples(id, sorted.points, from, to)
      }
      const texts = (notes.get(id) ?? []).filter(each => dayOf(each.tMs) === day)
      if (texts.length > 0) writer.notes(id, texts)
      if (breath.isDue) await breath.taken()
    }
    writer.finish()
  } catch (error) {
    writer.abandon()
    throw error
  }
}

// Every series with samples or notes, ascending, with its place among the sorted.
function* seriesOf(
  { ids }: Sorted,
  notes: ReadonlyMap<number, unknown>,
): Iterable<readonly [id: number, at: number | undefined]> {
  const onlyNotes = [...notes.keys()].sort((a, b) => a - b)
  let next = 0
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!
    while (next < onlyNotes.length && onlyNotes[next]! < id) yield [onlyNotes[next++]!, undefined]
    if (onlyNotes[next] === id) next++
    yield [id, at]
  }
  while (next < onlyNotes.length) yield [onlyNotes[next++]!, undefined]
}

// The samples of one day; nearly always all of them.
function within({ starts, ends, points }: Sorted, at: number, day: number): [from: number, to: number] {
  const begins = day * dayMs
  let from = starts[at]!
  let to = ends[at]!
  while (from < to && points.tMs[from]! < begins) from++
  while (to > from && points.tMs[to - 1]! >= begins + dayMs) to--
  return [from, to]
}

function notesBySeries(notes: readonly NoteRecord[]): Map<number, TimedText[]> {
  const bySeries = new Map<number, TimedText[]>()
  for (const [series, tMs, text] of notes) {
    const known = bySeries.get(series)
    if (known === undefined) bySeries.set(series, [{ tMs, text }])
    else known.push({ tMs, text })
  }
  return bySeries
}

function daysOf({ tMs }: Rows, notes: readonly NoteRecord[]): Set<number> {
  const days = new Set<number>()
  let last = Number.NaN
  for (let at = 0; at < tMs.length; at++) {
    const day = Math.floor(tMs[at]! / dayMs)
    if (day === last) continue
    last = day
    days.add(day)
  }
  for (const [, at] of notes) days.add(dayOf(at))
  return days
}
