// The embedded store itself: a journal that is synced before anyone hears "stored", what is recent in memory,
// and segments of one day each. It decides when to flush, merge and forget. One thread calls it: worker.ts
// (and tests, which run it on a simulated clock).
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../../errors.ts'
import { SteadyClock } from '../steady-clock.ts'
import { copyStore } from './backup.ts'
import { Catalogue, dayMs, dayOf, type Segment } from './catalogue.ts'
import { Damage } from './damage.ts'
import { flush } from './flush.ts'
import { type Forgotten, forget, nothingForgotten } from './forget.ts'
import type { Found, Wanted } from './found.ts'
import type { Append, Definition } from './journal.ts'
import { JournalFolder } from './journal-folder.ts'
import { Lane } from './lane.ts'
import { type LotOptions, Lots } from './lots.ts'
import { Marks } from './marks.ts'
import { fits, merge, nextMerge } from './merge.ts'
import { type Looked, presentSeries } from './present.ts'
import { type FoundNote, readNotes, readSamples } from './read.ts'
import { commitRows, type Recent } from './recent.ts'
import { replayAll } from './replay.ts'
import { DamagedFile } from './segment-read.ts'
import { syncFolder } from './segment-write.ts'
import { SeriesLog } from './series-log.ts'
import type { Size } from './size.ts'
import { Sorter } from './sort.ts'

export type EngineOptions = LotOptions &
  Readonly<{
    folder: string
    // Samples older than this are deleted, a day at a time.
    keepMs: number
  }>

export class Engine {
  readonly #options: EngineOptions
  readonly #segments: Catalogue
  readonly #series: SeriesLog
  readonly #journals: JournalFolder
  readonly #lots: Lots
  #sorter: Sorter | undefined
  // Flushes wait for each other, and so do merges; a merge may be long, so flushes do not wait for merges.
  readonly #flushes = new Lane()
  readonly #merges = new Lane()
  readonly #grewMs = new Map<number, number>()
  // A merge or a backup under way is given up when the store closes.
  readonly #closing = new AbortController()
  readonly #clock: SteadyClock
  // What an operator must hear, taken by whoever tells it.
  readonly #damage = new Damage()

  // What the start has left out.
  readonly forgotten: Forgotten

  constructor(options: EngineOptions, onSeries: (definition: Definition) => void, nowMs: number) {
    this.#options = options
    const { folder } = options
    const defined: Definition[] = []
    const mentioned = new Marks()
    mkdirSync(join(folder, 'segments'), { recursive: true })
    this.#journals = new JournalFolder(join(folder, 'journal'))
    this.#series = SeriesLog.open(join(folder, 'series.log'), each => defined.push(each))
    this.#segments = new Catalogue(join(folder, 'segments'), mentioned)
    this.#series.keepBelow(this.#segments.idsEnd, mentioned)
    this.#damage.say(this.#series.findings)
    this.#damage.say(this.#segments.findings.map(damaged => `left out, damaged: ${damaged}`))
    const number = Math.max(this.#segments.lastFlush(), ...this.#journals.numbers()) + 1
    this.#lots = new Lots(options, this.#journals, number)
    const parts = { journals: this.#journals, series: this.#series, lots: this.#lots, mentioned }
    const { fresh, findings } = replayAll(parts, nowMs)
    this.#damage.say(findings)
    // Who mends what is damaged finds its series again, and who has taken all segments away.
    const newest = this.#segments.days().at(-1)
    const damages = this.#segments.findings.length + findings.length
    const isWhole = newest !== undefined && damages === 0 && this.#series.isWhole
    this.forgotten = isWhole ? forget({ folder, log: this.#series, defined, mentioned }) : nothingForgotten
    for (const each of defined) if (this.#series.has(each[0])) onSeries(each)
    for (const each of fresh) onSeries(each)
    this.#lots.begin()
    this.#clock = new SteadyClock(nowMs, newest === undefined ? undefined : newest * dayMs)
    if (newest === undefined) for (const each of [folder, dirname(folder)]) syncFolder(each)
  }

  // Numbers below this stand for a series, or must not any more.
  get ids(): number {
    return this.#series.end
  }

  takeFindings(): string[] {
    return this.#damage.take()
  }

  // Durable when it returns.
  append(append: Append, nowMs: number): void {
    if (this.#closing.signal.aborted) throw new Failure('stopping', 'the store is closed')
    this.#lots.append(append, nowMs)
    this.#series.define(append.definitions)
  }

  // Resolves when more may be appended; rejects when the flush that would make room fails.
  async untilRoom(nowMs: number): Promise<void> {
    const lots = this.#lots
    if (!lots.isFull) return
    if (lots.flushing !== undefined) await (lots.writing ?? this.flush(nowMs))
    // Another may have come first, or be full again: then this one goes beyond, by one commit.
    if (lots.isFull && lots.flushing === undefined) lots.rotate()
  }

  select(wanted: Wanted): Promise<Found[]> {
    return this.#damage.metBy(readSamples(wanted, this.#segments, this.#lots.all()))
  }

  present(looked: Looked): Promise<Uint8Array | undefined> {
    return this.#damage.metBy(presentSeries(looked, this.#segments, this.#lots.all()))
  }

  notes(wanted: Wanted, limit: number): Promise<FoundNote[]> {
    return this.#damage.metBy(readNotes(wanted, this.#segments, this.#lots.all(), limit))
  }

  // Flushes what is due; answers whether anything was. Cheap when nothing is. What has failed is tried again by
  // tend(), and by writers when there is no room left.
  async flushIfDue(nowMs: number): Promise<boolean> {
    const lots = this.#lots
    const waits = lots.flushing !== undefined && lots.writing === undefined && !lots.hasFailed
    if (!waits && (lots.flushing !== undefined || !lots.isDue(nowMs))) return false
    await this.#flushes.run(async () => {
      await lots.write(recent => this.#writeSegments(recent, nowMs))
      if (lots.isDue(nowMs)) await this.#flushRecent(nowMs)
    })
    return true
  }

  flush(nowMs: number): Promise<void> {
    return this.#flushes.run(async () => {
      await this.#lots.write(recent => this.#writeSegments(recent, nowMs))
      await this.#flushRecent(nowMs)
    })
  }

  // One merge that is due, or none. Merges run one at a time, beside writes and reads.
  mergeIfDue(nowMs: number): Promise<boolean> {
    return this.#merges.run(async () => {
      for (const day of this.#segments.days()) {
        for (const run of this.#segments.runs(day)) {
          const due = nextMerge(run, this.#grewMs.get(day) ?? 0, nowMs)
          if (due !== undefined && fits(due, this.#segments)) return this.#merge(due)
        }
      }
      return false
    })
  }

  // Everything into one file a day, at once.
  async compact(nowMs: number): Promise<void> {
    await this.flush(nowMs)
    await this.#merges.run(async () => {
      for (const day of this.#segments.days()) {
        const next = () => this.#segments.runs(day).find(run => run.length > 1)
        for (let run = next(); run !== undefined; run = next()) await this.#merge(run)
      }
    })
  }

  // What is due by the clock, and what failed before.
  async tend(nowMs: number): Promise<void> {
    if (this.#clock.isSteady(nowMs)) this.#segments.dropBefore(nowMs - this.#options.keepMs)
    if (this.#lots.hasFailed) await this.flush(nowMs)
    else await this.flushIfDue(nowMs)
  }

  // A consistent copy while writes go on; merges wait.
  async backup(into: string, nowMs: number): Promise<void> {
    await this.flush(nowMs)
    await this.#merges.run(() => {
      const copied = { seriesLog: this.#series.path, segments: this.#segments.all() }
      return copyStore(copied, into, this.#closing.signal)
    })
  }

  size(): Size {
    const all = this.#segments.all()
    return {
      segments: all.length,
      days: this.#segments.days().length,
      samples: all.reduce((sum, { reader }) => sum + reader.footer.samples, 0),
      recentSamples: this.#lots.all().reduce((sum, each) => sum + each.rows().series.length, 0),
      segmentBytes: all.reduce((sum, { reader }) => sum + reader.sizeBytes, 0),
      recentBytes: this.#lots.all().reduce((sum, each) => sum + each.sizeBytes, 0),
      journalBytes: this.#lots.journalBytes,
    }
  }

  // When what is recent cannot be flushed it stays in its journal, and this rejects after everything is closed.
  async close(nowMs: number): Promise<void> {
    this.#closing.abort()
    try {
      await this.flush(nowMs)
    } finally {
      await this.#merges.run(async () => {})
      this.#lots.close()
      this.#series.close()
      this.#segments.close()
    }
  }

  async #flushRecent(nowMs: number): Promise<void> {
    const lots = this.#lots
    // A writer that found no room may have begun the next lot meanwhile.
    if (lots.flushing === undefined) {
      if (lots.recent.isEmpty) return
      lots.rotate()
    }
    await lots.write(recent => this.#writeSegments(recent, nowMs))
  }

  async #writeSegments(recent: Recent, nowMs: number): Promise<void> {
    // Series first: a segment must not name one that is not on the disk.
    this.#series.write()
    const isSteady = this.#clock.isSteady(nowMs)
    const fromDay = isSteady ? dayOf(nowMs - this.#options.keepMs) : Number.NEGATIVE_INFINITY
    const sorter = this.#sorter ?? new Sorter(recent.rows().series.length + commitRows)
    const places = await flush(recent, this.#segments, { sorter, ids: this.#series.end, fromDay })
    for (const place of places) {
      this.#segments.add(place)
      this.#grewMs.set(place.day, nowMs)
    }
    this.#sorter = this.#lots.isLarge(recent) ? sorter : undefined
  }

  // What is damaged is told once and left alone, so that everything else goes on being merged.
  async #merge(segments: readonly Segment[]): Promise<true> {
    try {
      this.#segments.add(await merge(segments, this.#segments, this.#closing.signal))
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error
      const damaged = segments.find(({ reader }) => reader.path === error.path)
      if (damaged === undefined) throw error
      damaged.isDamaged = true
      this.#damage.meet(error)
    }
    return true
  }
}
