// The embedded store itself: a journal that is synced before anyone hears "stored", what is recent in memory,
// and segments of one day each. It decides when to flush, merge and forget. One thread calls it: worker.ts
// (and tests, which run it on a simulated clock).
import { copyFileSync, linkSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { RowBuffer } from '../../batch.ts'
import { Catalogue, dayOf, type Segment } from './catalogue.ts'
import { flush } from './flush.ts'
import type { Append, Definition, Journal } from './journal.ts'
import { JournalFolder } from './journal-folder.ts'
import { Lane } from './lane.ts'
import { merge, nextMerge } from './merge.ts'
import type { Size } from './messages.ts'
import { commitRows } from './messages.ts'
import { type Found, type FoundNote, readNotes, readSamples, type Wanted } from './read.ts'
import { Recent } from './recent.ts'
import { SeriesLog } from './series-log.ts'
import { Sorter } from './sort.ts'

export type EngineOptions = Readonly<{
  folder: string
  // Samples older than this are deleted, a day at a time.
  keepMs: number
  // What may wait in memory before it is flushed; a second such lot may fill while the first is written.
  recentBytes: number
  // What is recent is flushed at this age even when it is little.
  flushMs: number
}>

export class Engine {
  readonly #options: EngineOptions
  readonly #segments: Catalogue
  readonly #series: SeriesLog
  // Not in series.log yet; each is in the journal of `#recent` or `#flushing`.
  readonly #pending = new Map<number, Definition>()
  #ids = 0
  readonly #journals: JournalFolder
  #journal: Journal
  #recent: Recent
  // Being flushed, or failed to and to be tried again. Still readable, still in its journal.
  #flushing: Recent | undefined
  #writing: Promise<void> | undefined
  #spare: RowBuffer | undefined
  #sorter: Sorter | undefined
  // Flushes wait for each other, and so do merges; a merge may be long, so flushes do not wait for merges.
  readonly #flushes = new Lane()
  readonly #merges = new Lane()
  readonly #grewMs = new Map<number, number>()
  // A merge under way is given up when the store closes: it would be begun again anyway.
  readonly #closing = new AbortController()
  // What an operator must hear at the start.
  readonly findings: string[] = []

  constructor(options: EngineOptions, onSeries: (definition: Definition) => void, nowMs: number) {
    this.#options = options
    const { folder } = options
    mkdirSync(join(folder, 'segments'), { recursive: true })
    this.#journals = new JournalFolder(join(folder, 'journal'))
    this.#series = SeriesLog.open(join(folder, 'series.log'), definition => {
      this.#ids = Math.max(this.#ids, definition[0] + 1)
      onSeries(definition)
    })
    this.#segments = new Catalogue(join(folder, 'segments'))
    for (const damaged of this.#segments.damaged) this.findings.push(`left out, damaged: ${damaged}`)
    this.#recent = this.#replayAll(onSeries, nowMs)
    this.#journal = this.#journals.create(this.#recent.number)
  }

  // Durable when it returns.
  append(append: Append, nowMs: number): void {
    this.#journal.append(append)
    this.#define(append.definitions)
    this.#recent.add(append.rows, append.notes, nowMs)
  }

  // Resolves when more may be appended; rejects when the flush that would make room fails.
  async untilRoom(nowMs: number): Promise<void> {
    if (this.#recent.sizeBytes < this.#options.recentBytes) return
    if (this.#flushing !== undefined) await (this.#writing ?? this.flush(nowMs))
  }

  select(wanted: Wanted): Promise<Found> {
    return readSamples(wanted, this.#segments, this.#recents())
  }

  notes(wanted: Wanted, limit: number): Promise<FoundNote[]> {
    return readNotes(wanted, this.#segments, this.#recents(), limit)
  }

  // Flushes what is due. Cheap when nothing is.
  async flushIfDue(nowMs: number): Promise<void> {
    const { sinceMs, sizeBytes } = this.#recent
    const isOld = sinceMs !== undefined && nowMs - sinceMs >= this.#options.flushMs
    if (isOld || sizeBytes >= this.#options.recentBytes) await this.flush(nowMs)
  }

  flush(nowMs: number): Promise<void> {
    return this.#flushes.run(async () => {
      if (this.#flushing !== undefined) await this.#write(this.#flushing, nowMs)
      if (this.#recent.isEmpty) return
      const recent = this.#recent
      const journal = this.#journals.create(recent.number + 1)
      this.#journal.close()
      this.#journal = journal
      this.#recent = new Recent(recent.number + 1, this.#spare ?? this.#newBuffer())
      this.#spare = undefined
      this.#flushing = recent
      await this.#write(recent, nowMs)
    })
  }

  // One merge that is due, or none. Merges run one at a time, beside writes and reads.
  mergeIfDue(nowMs: number): Promise<boolean> {
    return this.#merges.run(async () => {
      for (const day of this.#segments.days()) {
        const due = nextMerge(this.#segments.segments(day), this.#grewMs.get(day) ?? 0, nowMs)
        if (due !== undefined) return this.#merge(due)
      }
      return false
    })
  }

  // Everything into one file a day, at once.
  async compact(nowMs: number): Promise<void> {
    await this.flush(nowMs)
    await this.#merges.run(async () => {
      for (const day of this.#segments.days()) {
        const segments = this.#segments.segments(day)
        if (segments.length > 1) await this.#merge(segments)
      }
    })
  }

  forget(nowMs: number): number {
    return this.#segments.dropBefore(nowMs - this.#options.keepMs)
  }

  // A consistent copy while writes go on: segments never change, so a link is a copy.
  async backup(into: string, nowMs: number): Promise<void> {
    await this.flush(nowMs)
    await this.#merges.run(async () => {
      mkdirSync(join(into, 'segments'), { recursive: true })
      mkdirSync(join(into, 'journal'), { recursive: true })
      for (const { reader } of this.#segments.all()) {
        linkOrCopy(reader.path, join(into, 'segments', basename(reader.path)))
      }
      copyFileSync(join(this.#options.folder, 'series.log'), join(into, 'series.log'))
    })
  }

  size(): Size {
    const all = this.#segments.all()
    return {
      segments: all.length,
      days: this.#segments.days().length,
      samples: all.reduce((sum, { reader }) => sum + reader.footer.samples, 0),
      recentSamples: this.#recents().reduce((sum, each) => sum + each.rows().series.length, 0),
      segmentBytes: all.reduce((sum, { reader }) => sum + reader.sizeBytes, 0),
      recentBytes: this.#recents().reduce((sum, each) => sum + each.sizeBytes, 0),
      journalBytes: this.#journal.sizeBytes,
    }
  }

  async close(nowMs: number): Promise<void> {
    this.#closing.abort()
    await this.flush(nowMs)
    await this.#merges.run(async () => {})
    this.#journal.close()
    this.#series.close()
    this.#segments.close()
  }

  #recents(): readonly Recent[] {
    return this.#flushing === undefined ? [this.#recent] : [this.#flushing, this.#recent]
  }

  async #write(recent: Recent, nowMs: number): Promise<void> {
    this.#writing = this.#writeSegments(recent, nowMs)
    try {
      await this.#writing
    } finally {
      this.#writing = undefined
    }
  }

  async #writeSegments(recent: Recent, nowMs: number): Promise<void> {
    // Series first: a segment must not name one that is not on the disk.
    this.#series.append([...this.#pending.values()])
    this.#pending.clear()
    const fromDay = dayOf(nowMs - this.#options.keepMs)
    const sorter = this.#sorter ?? new Sorter()
    const places = await flush(recent, this.#segments, { sorter, ids: this.#ids, fromDay })
    for (const place of places) {
      this.#segments.add(place)
      this.#grewMs.set(place.day, nowMs)
    }
    this.#flushing = undefined
    // Under load the next lot is as large as this one; when it is quiet, memory goes back.
    const isLarge = recent.sizeBytes >= this.#options.recentBytes
    this.#spare = isLarge ? recent.buffer : undefined
    this.#sorter = isLarge ? sorter : undefined
    this.#journals.dropUpTo(recent.number)
  }

  async #merge(segments: readonly Segment[]): Promise<true> {
    this.#segments.add(await merge(segments, this.#segments, this.#closing.signal))
    return true
  }

  #define(definitions: readonly Definition[]): void {
    for (const definition of definitions) {
      const [id] = definition
      if (id >= this.#ids) this.#ids = id + 1
      if (!this.#series.has(id)) this.#pending.set(id, definition)
    }
  }

  // As if it had just come. The files go with the next flush.
  #replayAll(onSeries: (definition: Definition) => void, nowMs: number): Recent {
    const number = Math.max(this.#segments.lastFlush(), ...this.#journals.numbers()) + 1
    const recent = new Recent(number, this.#newBuffer())
    const lost = this.#journals.replay(({ definitions, rows, notes }) => {
      for (const definition of definitions) {
        if (!this.#series.has(definition[0]) && !this.#pending.has(definition[0])) onSeries(definition)
      }
      this.#define(definitions)
      recent.add(rows, notes, nowMs)
    })
    this.findings.push(...lost)
    return recent
  }

  // With room for one commit more, which may come when it is all but full.
  #newBuffer(): RowBuffer {
    return new RowBuffer(this.#options.recentBytes / 20 + commitRows)
  }
}

// A link where the file system can, else a copy.
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}
