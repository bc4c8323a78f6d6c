// Which segment files there are, and which of them count. A name says what a file is made of:
// `2026-11-20.7-14.seg` holds what the flushes 7 to 14 wrote for that day. A file whose flushes another one
// covers is left over from a crash and is deleted. Called by engine.ts.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Marks } from './marks.ts'
import { DamagedFile, SegmentReader } from './segment-read.ts'

export const dayMs = 86_400_000
export const dayOf = (tMs: number): number => Math.floor(tMs / dayMs)

export type Place = Readonly<{ day: number; from: number; to: number }>
// `isGone`: it no longer counts, and closes with its last user. `isDamaged`: a merge found it so, and leaves it alone.
export type Segment = Place & {
  readonly reader: SegmentReader
  users: number
  isGone: boolean
  isDamaged: boolean
}

export const segmentName = ({ day, from, to }: Place): string =>
  `${new Date(day * dayMs).toISOString().slice(0, 10)}.${from}-${to}.seg`

const pattern = /^(\d{4}-\d\d-\d\d)\.(\d+)-(\d+)\.seg$/

export function placeOf(name: string): Place | undefined {
  const [, date, from, to] = pattern.exec(name) ?? []
  if (date === undefined || Number.isNaN(Date.parse(date))) return undefined
  return { day: dayOf(Date.parse(date)), from: Number(from), to: Number(to) }
}

// A file that is left out. The highest series in it is -1 where nobody can tell.
type Damaged = Place & Readonly<{ lastSeries: number }>

export class Catalogue {
  readonly folder: string
  readonly #days = new Map<number, Segment[]>()
  // Files that cannot be read, and why. They are left out, and kept as long as their day.
  #damaged: Damaged[] = []
  readonly findings: string[] = []

  // Marks every series of which it finds anything.
  constructor(folder: string, mentioned = new Marks()) {
    this.folder = folder
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.tmp')) rmSync(join(folder, name))
      const place = placeOf(name)
      if (place !== undefined) this.#openFound(place, mentioned)
    }
    for (const day of [...this.#days.keys()]) this.#dropCovered(day)
  }

  // A file that has just been finished; what it covers goes.
  add(place: Place): void {
    this.#open(place, new SegmentReader(this.path(place)))
    this.#dropCovered(place.day)
  }

  path(place: Place): string {
    return join(this.folder, segmentName(place))
  }

  // Ascending, so that of two samples of one time the later written comes later.
  segments(day: number): readonly Segment[] {
    return this.#days.get(day) ?? []
  }

  days(): number[] {
    return [...this.#days.keys()].sort((a, b) => a - b)
  }

  all(): Segment[] {
    return this.days().flatMap(day => this.segments(day))
  }

  // The segments of a day in runs that may be merged: a merged file would cover what lies between, and what is
  // damaged there must not go when somebody has mended it.
  runs(day: number): Segment[][] {
    const gaps = this.#damaged.filter(each => each.day === day)
    const runs: Segment[][] = [[]]
    let last: Segment | undefined
    for (const segment of this.segments(day)) {
      const lies = (gap: Place): boolean => last !== undefined && gap.from > last.to && gap.to < segment.from
      if (segment.isDamaged || gaps.some(lies)) runs.push([])
      if (!segment.isDamaged) runs.at(-1)?.push(segment)
      last = segment
    }
    return runs
  }

  // Days that touch the range, each with what may hold something of it.
  *within(fromMs: number, toMs: number): Iterable<Segment> {
    for (const day of this.days()) {
      if (day < dayOf(fromMs) || day > dayOf(toMs)) continue
      for (const segment of this.segments(day)) {
        if (segment.reader.footer.maxMs >= fromMs && segment.reader.footer.minMs <= toMs) yield segment
      }
    }
  }

  // Deletes the files of days that ended before then.
  dropBefore(tMs: number): number {
    const isOver = (day: number): boolean => (day + 1) * dayMs <= tMs
    let dropped = 0
    for (const day of this.days()) {
      if (!isOver(day)) continue
      for (const segment of this.segments(day)) {
        this.#remove(segment)
        dropped++
      }
      this.#days.delete(day)
    }
    const damaged = this.#damaged.filter(({ day }) => isOver(day))
    for (const place of damaged) rmSync(this.path(place), { force: true })
    this.#damaged = this.#damaged.filter(({ day }) => !isOver(day))
    return dropped + damaged.length
  }

  // While someone reads a segment, its file stays open even when its name has gone.
  release(segment: Segment): void {
    segment.users--
    if (segment.users > 0) return
    if (segment.isGone) segment.reader.close()
    else segment.reader.rest()
  }

  // The highest flush that any file holds, damaged ones too: no other file may get their names.
  lastFlush(): number {
    return [...this.all(), ...this.#damaged].reduce((last, { to }) => Math.max(last, to), 0)
  }

  // One more than the highest series that any file holds, damaged ones too: who mends one finds its series again.
  get idsEnd(): number {
    const readers = this.all().map(({ reader }) => reader)
    return [...readers, ...this.#damaged].reduce((end, { lastSeries }) => Math.max(end, lastSeries + 1), 0)
  }

  close(): void {
    for (const segment of this.all()) this.#leave(segment)
    this.#days.clear()
  }

  #openFound(place: Place, mentioned: Marks): void {
    let lastSeries = -1
    try {
      const reader = new SegmentReader(this.path(place))
      lastSeries = reader.lastSeries
      checkWhole(reader, mentioned)
      this.#open(place, reader)
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error
      this.#damaged.push({ ...place, lastSeries })
      this.findings.push(error.message)
    }
  }

  #open(place: Place, reader: SegmentReader): void {
    const segment: Segment = { ...place, reader, users: 0, isGone: false, isDamaged: false }
    const others = this.segments(place.day).filter(each => {
      const isSame = each.from === place.from && each.to === place.to
      if (isSame) this.#leave(each)
      return !isSame
    })
    const sorted = [...others, segment].sort((a, b) => a.from - b.from)
    this.#days.set(place.day, sorted)
  }

  #dropCovered(day: number): void {
    const segments = this.#days.get(day) ?? []
    const isCovered = (one: Segment): boolean =>
      segments.some(each => each !== one && each.from <= one.from && each.to >= one.to)
    for (const segment of segments.filter(isCovered)) this.#remove(segment)
    this.#days.set(
      day,
      segments.filter(each => !each.isGone),
    )
  }

  #remove(segment: Segment): void {
    rmSync(segment.reader.path, { force: true })
    this.#leave(segment)
  }

  #leave(segment: Segment): void {
    segment.isGone = true
    if (segment.users === 0) segment.reader.close()
  }
}

// Its index is read to the end, 1 ms for a megabyte (40 thousand series): damage there would else be met by whoever
// reads it first, and end what he does, the start itself among it.
function checkWhole(reader: SegmentReader, mentioned: Marks): void {
  try {
    reader.checkIndex(mentioned)
  } catch (error) {
    reader.close()
    throw error
  }
}
