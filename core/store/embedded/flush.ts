// Turns what came since the last flush into one segment for each day it touches. Called by engine.ts; the
// journal file goes only after all of them are in place, so a crash in between writes them again.
import type { Rows } from '../../batch.ts'
import { Breath } from '../../breath.ts'
import { type Catalogue, dayMs, dayOf, type Place } from './catalogue.ts'
import type { NoteRecord } from './journal.ts'
import type { Recent } from './recent.ts'
import { SegmentWriter, type TimedText } from './segment-write.ts'
import { Room, type Sorter, settle } from './sort.ts'

export type FlushOptions = Readonly<{
  sorter: Sorter
  // One more than the highest series.
  ids: number
  // Days before this one are beyond what is kept.
  fromDay: number
}>

export async function flush(
  recent: Recent,
  catalogue: Catalogue,
  { sorter, ids, fromDay }: FlushOptions,
): Promise<Place[]> {
  sorter.sort(recent.rows(), ids)
  const notes = notesBySeries(recent.notes)
  const places: Place[] = []
  for (const day of daysOf(recent.rows(), recent.notes)) {
    if (day < fromDay) continue
    const place = { day, from: recent.number, to: recent.number }
    await writeDay(catalogue.path(place), day, sorter, notes)
    places.push(place)
  }
  return places
}

const room = new Room()

async function writeDay(
  path: string,
  day: number,
  sorter: Sorter,
  notes: ReadonlyMap<number, readonly TimedText[]>,
): Promise<void> {
  const writer = new SegmentWriter(path)
  const breath = new Breath()
  try {
    for (const [id, at] of seriesOf(sorter, notes)) {
      if (at !== undefined) writeSamples(writer, day, sorter, at)
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

// Those of one day; nearly always all of them.
function writeSamples(writer: SegmentWriter, day: number, sorter: Sorter, at: number): void {
  const count = sorter.count(at)
  const points = room.of(count)
  sorter.copy(at, points, 0)
  const begins = day * dayMs
  let from = 0
  let to = settle(points, 0, count)
  while (from < to && points.tMs[from]! < begins) from++
  while (to > from && points.tMs[to - 1]! >= begins + dayMs) to--
  if (from < to) writer.samples(sorter.ids[at]!, points, from, to)
}

// Every series with samples or notes, ascending, with its place among the sorted.
function* seriesOf(
  { ids }: Sorter,
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
  let begins = Number.POSITIVE_INFINITY
  for (let at = 0; at < tMs.length; at++) {
    const t = tMs[at]!
    if (t >= begins && t < begins + dayMs) continue
    begins = dayOf(t) * dayMs
    days.add(dayOf(t))
  }
  for (const [, at] of notes) days.add(dayOf(at))
  return days
}
