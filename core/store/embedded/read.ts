// Samples of some series within a range, out of segments and out of what is not flushed yet. Later written
// wins over earlier. Called by engine.ts.
import { Breath } from '../../breath.ts'
import { Failure } from '../../errors.ts'
import type { Catalogue, Segment } from './catalogue.ts'
import { advance } from './cursor.ts'
import { type Found, FoundPages, type Wanted } from './found.ts'
import { type Gathered, gather } from './gather.ts'
import { uniqueNotes } from './merge.ts'
import { readNewest } from './newest.ts'
import type { Recent } from './recent.ts'
import type { Entry } from './segment.ts'
import type { TimedText } from './segment-write.ts'
import { Room, settle } from './sort.ts'
import { isStopped, stopped } from './stop.ts'

export async function readSamples(
  wanted: Wanted,
  catalogue: Catalogue,
  recents: readonly Recent[],
): Promise<Found[]> {
  if (wanted.onlyNewest === true) return [await readNewest(wanted, catalogue, recents)]
  // What is not flushed is looked at first: a flush that ends meanwhile is then seen twice, never missed.
  const gathered = recents.map(recent => gather(recent, wanted))
  const segments = [...catalogue.within(wanted.fromMs, wanted.toMs)]
  const found = new FoundPages()
  const series = new OneSeries(wanted)
  const breath = new Breath()
  if (isStopped(wanted)) throw stopped()
  for (const segment of segments) segment.users++
  try {
    const cursors = segments.map(segment => ({ segment, place: 0 }))
    for (const [place, id] of wanted.ids.entries()) {
      for (const cursor of cursors) series.block(cursor.segment, advance(cursor, id, 'samples'))
      for (const each of gathered) series.recent(each, place)
      series.ends(id, found)
      // Reading the clock costs as much as reading a short block.
      if (place % 32 !== 31 || !breath.isDue) continue
      await breath.taken()
      if (isStopped(wanted)) throw stopped()
    }
    return found.pages()
  } finally {
    for (const segment of segments) catalogue.release(segment)
  }
}

// What there is of the series at hand, in the order of writing, in memory that is used again for the next.
class OneSeries {
  readonly #wanted: Wanted
  readonly #room = new Room()
  #length = 0

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  block({ reader }: Segment, entry: Entry | undefined): void {
    if (entry === undefined) return
    this.#room.keep(this.#length, entry.count)
    reader.samples(entry, this.#room, this.#length)
    this.#length += entry.count
  }

  recent({ starts, tMs, values }: Gathered, place: number): void {
    const [from, to] = [starts[place]!, starts[place + 1]!]
    if (from === to) return
    const room = this.#room.keep(this.#length, to - from)
    room.tMs.set(tMs.subarray(from, to), this.#length)
    room.values.set(values.subarray(from, to), this.#length)
    this.#length += to - from
  }

  // Puts it in the order of time and cuts it to the range.
  ends(id: number, found: FoundPages): void {
    if (this.#length === 0) return
    const { fromMs, toMs, maxSamples } = this.#wanted
    const { tMs } = this.#room
    let end = settle(this.#room, 0, this.#length)
    let from = 0
    while (from < end && tMs[from]! < fromMs) from++
    while (end > from && tMs[end - 1]! > toMs) end--
    this.#length = 0
    if (end === from) return
    found.add(id, this.#room, from, end)
    if (found.samples <= maxSamples) return
    throw new Failure('too_many_samples', `over ${maxSamples} samples lie in what was asked for`)
  }
}

export type FoundNote = Readonly<{ series: number; tMs: number; text: string }>

// Newest first.
export async function readNotes(
  { ids, fromMs, toMs }: Wanted,
  catalogue: Catalogue,
  recents: readonly Recent[],
  limit: number,
): Promise<FoundNote[]> {
  const isWithin = (note: TimedText): boolean => note.tMs >= fromMs && note.tMs <= toMs
  const bySeries = new Map<number, TimedText[]>()
  for (const id of ids) bySeries.set(id, [])
  for (const recent of recents) {
    for (const [series, tMs, text] of recent.notes) bySeries.get(series)?.push({ tMs, text })
  }
  const segments = [...catalogue.within(fromMs, toMs)]
  const breath = new Breath()
  for (const segment of segments) segment.users++
  try {
    for (const segment of segments) {
      const cursor = { segment, place: 0 }
      for (const id of ids) {
        const entry = advance(cursor, id, 'notes')
        if (entry !== undefined) for (const note of segment.reader.notes(entry)) bySeries.get(id)?.push(note)
        if (breath.isDue) await breath.taken()
      }
    }
  } finally {
    for (const segment of segments) catalogue.release(segment)
  }
  const found = [...bySeries].flatMap(([series, notes]) =>
    uniqueNotes(notes.filter(isWithin)).map(note => ({ series, ...note })),
  )
  return found.sort((a, b) => b.tMs - a.tMs).slice(0, limit)
}
