// Several segments of one day → one, and the decision when. Few files make quick reads: while a day is being
// written, eight of a size become one; when it has rested for an hour, all of it becomes one. Called by engine.ts.
import { Breath } from '../../breath.ts'
import { type Catalogue, dayMs, type Place, type Segment } from './catalogue.ts'
import { hasRoom, refuseReserve } from './reserve.ts'
import type { Entry } from './segment.ts'
import { SegmentWriter, type TimedText } from './segment-write.ts'
import { Room, settle } from './sort.ts'

const fanIn = 8
const restMs = 3_600_000

// Sizes a factor of eight apart are of different classes, whatever the flushes held.
const classOf = ({ reader }: Segment): number =>
  Math.floor(Math.log(reader.footer.samples + 1) / Math.log(fanIn))

// The next segments that should become one; they lie side by side. `restedSinceMs` is when the day last grew.
export function nextMerge(
  segments: readonly Segment[],
  restedSinceMs: number,
  nowMs: number,
): readonly Segment[] | undefined {
  const [first] = segments
  if (first === undefined || segments.length === 1) return undefined
  const hasRested = (first.day + 1) * dayMs + restMs <= nowMs && restedSinceMs + restMs <= nowMs
  if (hasRested) return segments
  for (let at = segments.length - fanIn; at >= 0; at--) {
    const run = segments.slice(at, at + fanIn)
    const classes = run.map(classOf)
    // A file larger than those behind it waits until they have grown to its size.
    if (Math.max(...classes) <= (classes.at(-1) ?? 0) + 1 && new Set(classes).size <= 2) return run
  }
  return undefined
}

// Beside themselves: they go when the new file is there.
export const fits = (segments: readonly Segment[], { folder }: Catalogue): boolean =>
  hasRoom(folder, sizeOf(segments))

const sizeOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { reader }) => sum + reader.sizeBytes, 0)

export async function merge(
  segments: readonly Segment[],
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<Place> {
  const [first, last] = [segments[0], segments.at(-1)]
  if (first === undefined || last === undefined) throw new Error('nothing to merge')
  refuseReserve(catalogue.folder, sizeOf(segments))
  const place = { day: first.day, from: first.from, to: last.to }
  const writer = new SegmentWriter(catalogue.path(place))
  const breath = new Breath()
  for (const segment of segments) segment.users++
  try {
    for (const parts of bySeries(segments)) {
      signal.throwIfAborted()
      mergeSeries(writer, parts)
      if (breath.isDue) await breath.taken()
    }
    for (const { reader } of segments) writer.covers(reader.footer.minMs, reader.footer.maxMs)
    writer.finish()
  } catch (error) {
    writer.abandon()
    throw error
  } finally {
    for (const segment of segments) catalogue.release(segment)
  }
  return place
}

type Part = Readonly<{ segment: Segment; entry: Entry }>

// All blocks of one series and kind, in the order of writing; series ascending, samples before notes.
function* bySeries(segments: readonly Segment[]): Iterable<readonly Part[]> {
  const places = segments.map(() => 0)
  const heads = segments.map(({ reader }) => reader.entry(0))
  for (;;) {
    let next: Entry | undefined
    for (const head of heads) {
      if (head !== undefined && (next === undefined || isBefore(head, next))) next = head
    }
    if (next === undefined) return
    const parts: Part[] = []
    for (let at = 0; at < heads.length; at++) {
      const entry = heads[at]
      if (entry === undefined || entry.series !== next.series || entry.kind !== next.kind) continue
      parts.push({ segment: segments[at]!, entry })
      heads[at] = segments[at]!.reader.entry(++places[at]!)
    }
    yield parts
  }
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.series < b.series || (a.series === b.series && a.kind === 'samples' && b.kind === 'notes')

const room = new Room()

function mergeSeries(writer: SegmentWriter, parts: readonly Part[]): void {
  const [{ segment, entry }] = parts as [Part]
  if (parts.length === 1) {
    const { kind, count } = entry
    writer.copy(entry.series, { kind, bytes: segment.reader.bytes(entry), count })
  } else if (entry.kind === 'notes') {
    writer.notes(entry.series, mergeNotes(parts))
  } else {
    let count = 0
    for (const each of parts) count += each.entry.count
    const points = room.of(count)
    let at = 0
    for (const each of parts) {
      each.segment.reader.samples(each.entry, points, at)
      at += each.entry.count
    }
    writer.samples(entry.series, points, 0, settle(points, 0, count))
  }
}

// A note written twice, because its sender repeated a batch, is one note.
function mergeNotes(parts: readonly Part[]): TimedText[] {
  const notes = parts.flatMap(({ segment, entry }) => segment.reader.notes(entry))
  return uniqueNotes(notes)
}

export function uniqueNotes(notes: readonly TimedText[]): TimedText[] {
  const seen = new Map(notes.map(note => [`${note.tMs} ${note.text}`, note]))
  return [...seen.values()].sort((a, b) => a.tMs - b.tMs)
}
