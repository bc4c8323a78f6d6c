// Which segment files there are, and which of them count. A name says what a file is made of:
// `2026-11-20.7-14.seg` holds what the flushes 7 to 14 wrote for that day. A file whose flushes another one
// covers is left over from a crash and is deleted. Called by engine.ts.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DamagedFile, SegmentReader } from './segment-read.ts'

export const dayMs = 86_400_000
export const dayOf = (tMs: number): number => Math.floor(tMs / dayMs)

export type Place = Readonly<{ day: number; from: number; to: number }>
export type Segment = Place & { readonly reader: SegmentReader; users: number; isGone: boolean }

export const segmentName = ({ day, from, to }: Place): string =>
  `${new Date(day * dayMs).toISOString().slice(0, 10)}.${from}-${to}.seg`

const pattern = /^(\d{4}-\d\d-\d\d)\.(\d+)-(\d+)\.seg$/

export function placeOf(name: string): Place | undefined {
  const [, date, from, to] = pattern.exec(name) ?? []
  if (date === undefined) return undefined
  return { day: dayOf(Date.parse(date)), from: Number(from), to: Number(to) }
}

export class Catalogue {
  readonly folder: string
  readonly #days = new Map<number, Segment[]>()
  // Files that cannot be read, with the reason. They are kept, and left out.
  readonly damaged: string[] = []

  constructor(folder: string) {
    this.folder = folder
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.tmp')) rmSync(join(folder, name))
      const place = placeOf(name)
      if (place !== undefined) this.#open(place)
    }
    for (const day of [...this.#days.keys()]) this.#dropCovered(day)
  }

  // A file that has just been finished; what it covers goes.
  add(place: Place): void {
    this.#open(place)
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
    let dropped = 0
    for (const day of this.days()) {
      if ((day + 1) * dayMs > tMs) continue
      for (const segment of this.segments(day)) {
        this.#remove(segment)
        dropped++
      }
      this.#days.delete(day)
    }
    return dropped
  }

  // While someone reads a segment, its file stays open even when its name has gone.
  release(segment: Segment): void {
    segment.users--
    if (segment.isGone && segment.users === 0) segment.reader.close()
  }

  // The highest flush that any file holds.
  lastFlush(): number {
    return Math.max(0, ...this.all().map(each => each.to))
  }

  close(): void {
    for (const segment of this.all()) segment.reader.close()
    this.#days.clear()
  }

  #open(place: Place): void {
    try {
      const segment: Segment = {
        ...place,
        reader: new SegmentReader(this.path(place)),
        users: 0,
        isGone: false,
      }
      const others = (this.#days.get(place.day) ?? []).filter(each => {
        const isSame = each.from === place.from && each.to === place.to
        if (isSame) each.reader.close()
        return !isSame
      })
      this.#days.set(
        place.day,
        [...others, segment].sort((a, b) => a.from - b.from),
      )
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error
      this.damaged.push(error.message)
    }
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
    segment.isGone = true
    rmSync(segment.reader.path, { force: true })
    if (segment.users === 0) segment.reader.close()
  }
}
