// Samples of some series within a range, out of segments and out of what is not flushed yet. Later written
// wins over earlier. Called by engine.ts.
import { Breath } from '../../breath.ts'
import { Failure } from '../../errors.ts'
import type { Points } from './block.ts'
import type { Catalogue, Segment } from './catalogue.ts'
import { advance } from './cursor.ts'
import type { Found } from './found.ts'
import { uniqueNotes } from './merge.ts'
import { readNewest } from './newest.ts'
import type { Recent } from './recent.ts'
import { scan, type Wanted } from './scan.ts'
import type { Entry } from './segment.ts'
import type { TimedText } from './segment-write.ts'
import { Sorter, settle } from './sort.ts'
import { isStopped, stopped } from './stop.ts'

export async function readSamples(
  wanted: Wanted,
  catalogue: Catalogue,
  recents: readonly Recent[],
): Promise<Found> {
  if (wanted.onlyNewest === true) return readNewest(wanted, catalogue, recents)
  // What is not flushed is looked at first: a flush that ends meanwhile is then seen twice, never missed.
  const sorted = recents.map(recent => {
    const sorter = new Sorter()
    sorter.sort(scan(recent, wanted), wanted.ids.length)
    return sorter
  })
  const segments = [...catalogue.within(wanted.fromMs, wanted.toMs)]
  const found = new FoundBuffer(wanted)
  const breath = new Breath()
  if (isStopped(wanted)) throw stopped()
  for (const segment of segments) segment.users++
  try {
    const cursors = segments.map(segment => ({ segment, place: 0 }))
    const recentAt = sorted.map(() => 0)
    for (const [place, id] of wanted.ids.entries()) {
      for (const cursor of cursors) {
        const entry = advance(cursor, id, 'samples')
        if (entry !== undefined) found.block(cursor.segment, entry)
      }
      for (const [which, each] of sorted.entries()) {
        if (each.ids[recentAt[which]!] === place) found.recent(each, recentAt[which]!++)
      }
      found.seriesEnds(id)
      // Reading the clock costs as much as reading a short block.
      if (place % 32 !== 31 || !breath.isDue) continue
      await breath.taken()
      if (isStopped(wanted)) throw stopped()
    }
    return found.found()
  } finally {
    for (const segment of segments) catalogue.release(segment)
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

class FoundBuffer {
  readonly #wanted: Wanted
  readonly #ids: number[] = []
  readonly #starts: number[] = [0]
  #points: Points = { tMs: new Float64Array(4_096), values: new Float64Array(4_096) }
  #length = 0

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  block({ reader }: Segment, entry: Entry): void {
    this.#reserve(entry.count)
    reader.samples(entry, this.#points, this.#length)
    this.#length += entry.count
  }

  recent(sorter: Sorter, at: number): void {
    const count = sorter.count(at)
    this.#reserve(count)
    sorter.copy(at, this.#points, this.#length)
    this.#length += count
  }

  // Puts what came for one series in order and cuts it to the range.
  seriesEnds(id: number): void {
    const start = this.#starts.at(-1)!
    if (this.#length === start) return
    const { tMs, values } = this.#points
    let end = start + settle(this.#points, start, this.#length)
    let from = start
    while (from < end && tMs[from]! < this.#wanted.fromMs) from++
    while (end > from && tMs[end - 1]! > this.#wanted.toMs) end--
    tMs.copyWithin(start, from, end)
    values.copyWithin(start, from, end)
    this.#length = start + end - from
    if (this.#length === start) return
    this.#ids.push(id)
    this.#starts.push(this.#length)
    if (this.#length > this.#wanted.maxSamples) {
      throw new Failure(
        'too_many_samples',
        `over ${this.#wanted.maxSamples} samples lie in what was asked for`,
      )
    }
  }

  found(): Found {
    return {
      ids: Uint32Array.from(this.#ids),
      starts: Uint32Array.from(this.#starts),
      tMs: this.#points.tMs.slice(0, this.#length),
      values: this.#points.values.slice(0, this.#length),
    }
  }

  #reserve(more: number): void {
    const { tMs, values } = this.#points
    if (this.#length + more <= tMs.length) return
    const size = Math.max(tMs.length * 2, this.#length + more)
    const larger = { tMs: new Float64Array(size), values: new Float64Array(size) }
    larger.tMs.set(tMs.subarray(0, this.#length))
    larger.values.set(values.subarray(0, this.#length))
    this.#points = larger
  }
}
