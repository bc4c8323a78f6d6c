// The store of one machine: nothing but files in the data folder, kept by a thread of its own (embedded/engine.ts).
// This is the caller's side: it looks series up in the table, and asks the thread for the rest.
import type { Batch } from '../batch.ts'
import type { Clock, Timer } from '../clock.ts'
import { Failure } from '../errors.ts'
import { labelsOf } from '../labels.ts'
import type { Log } from '../log.ts'
import type { Matcher, Note, Sample, Series } from '../model.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { SeriesTable } from '../series.ts'
import type { Range, SeriesSamples, Store, StoreHealth } from '../store.ts'
import { Commits } from './embedded/commits.ts'
import type { Forgotten } from './embedded/forget.ts'
import type { Found } from './embedded/found.ts'
import { labelNamesIn, labelValuesIn } from './embedded/lists.ts'
import type { Opened } from './embedded/messages.ts'
import type { Size } from './embedded/size.ts'
import { stoppable } from './embedded/stop.ts'
import { StoreThread } from './embedded/thread.ts'

export type EmbeddedOptions = Readonly<{
  folder: string
  table: SeriesTable
  clock: Clock
  keepMs: number
  // For what is recent, while it is sorted and written as a segment, and while segments are merged.
  memoryBytes?: number
  // The most samples that one answer may hold, and the most series.
  maxSamples?: number
  maxSeries?: number
  own?: OwnMetrics
  log?: Log
}>

const tendMs = 60_000
// So many findings of a damaged disk in one line of the log, and the count of the rest.
const toldMax = 20

export type EmbeddedStore = Store &
  Readonly<{
    compact(): Promise<void>
    backup(into: string): Promise<void>
    size(): Promise<Size>
  }>

export async function openEmbeddedStore(options: EmbeddedOptions): Promise<EmbeddedStore> {
  const { folder, keepMs, memoryBytes = 128_000_000, clock } = options
  // Two lots of recent samples, a sorted copy of one, and room for the rest.
  const recentBytes = memoryBytes / 4
  const thread = new StoreThread({ folder, keepMs, recentBytes, flushMs: 15 * 60_000 }, clock)
  try {
    return new Embedded(options, thread, await thread.opened)
  } catch (error) {
    await thread.end()
    throw error
  }
}

class Embedded implements EmbeddedStore {
  readonly #options: EmbeddedOptions
  readonly #thread: StoreThread
  readonly #commits: Commits
  #tending: Timer | undefined
  #isClosed = false

  constructor(options: EmbeddedOptions, thread: StoreThread, opened: Opened) {
    const { definitions, ids, findings, forgotten } = opened
    this.#options = options
    this.#thread = thread
    const { table, own } = options
    for (const [id, name, labels] of definitions) {
      table.adopt(id, { name, labels: labelsOf(Object.entries(labels)) })
    }
    table.giveUpBelow(ids)
    own?.gauge('plimsoll_store_series').read(() => table.count)
    this.#commits = new Commits(thread, table, own)
    this.#tell(findings)
    this.#tellForgotten(forgotten, definitions.length)
    this.#tendLater()
  }

  append(batches: readonly Batch[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Failure('stopping', 'the store is closed'))
    const flaw = flawOf(batches)
    return flaw === undefined ? this.#commits.add(batches) : Promise.reject(new RangeError(flaw))
  }

  async select(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<SeriesSamples[]> {
    const { table, maxSamples = 20_000_000, maxSeries = 1_000_000 } = this.#options
    const ids = Uint32Array.from(await table.selectInBreaths(matchers, signal))
    if (ids.length === 0) return []
    const wanted = { ...range, ids, maxSamples }
    const found = await stoppable(stop => this.#thread.ask('select', { ...wanted, ...stop }), signal)
    const count = found.reduce((sum, page) => sum + page.ids.length, 0)
    if (count > maxSeries) {
      throw new Failure('too_many_samples', `a selector finds ${count} series, at most ${maxSeries} may be`)
    }
    return found.flatMap(page => seriesIn(page, table))
  }

  async last(matchers: readonly Matcher[], range: Range): Promise<Sample[]> {
    const found = await this.select(matchers, { ...range, onlyNewest: true })
    return found.map(({ series, tMs, values }) => ({ series, tMs: tMs.at(-1)!, value: values.at(-1)! }))
  }

  async series(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<Series[]> {
    const { table } = this.#options
    return (await this.#idsIn(matchers, range, signal)).map(id => table.get(id))
  }

  async labelNames(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<string[]> {
    const ids = await this.#idsIn(matchers, range, signal)
    return labelNamesIn({ table: this.#options.table, ids, signal })
  }

  async labelValues(
    name: string,
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const ids = await this.#idsIn(matchers, range, signal)
    return labelValuesIn(name, { table: this.#options.table, ids, signal })
  }

  // Without those that have nothing there, unless what is kept of the range is so long that looking would take longer
  // than it helps (embedded/present.ts).
  async #idsIn(
    matchers: readonly Matcher[],
    { fromMs, toMs }: Range,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const ids = await this.#options.table.selectInBreaths(matchers, signal)
    if (ids.length === 0) return ids
    const isThere = await stoppable(stop => this.#thread.ask('present', { fromMs, toMs, ...stop }), signal)
    return isThere === undefined ? ids : ids.filter(id => isThere[id] === 1)
  }

  async notes(matchers: readonly Matcher[], { fromMs, toMs }: Range, limit: number): Promise<Note[]> {
    const { table } = this.#options
    const ids = Uint32Array.from(table.select(matchers))
    const found = await this.#thread.ask('notes', { wanted: { ids, fromMs, toMs, maxSamples: 0 }, limit })
    return found.map(({ series, tMs, text }) => ({ series: table.get(series), tMs, text }))
  }

  async health(): Promise<StoreHealth> {
    const reason = this.#thread.ended?.message ?? this.#commits.refusedBy
    // Whoever sends nothing where it is not ready would never hear that it is again. The next to ask does.
    if (reason !== undefined) this.#commits.add([]).catch(() => {})
    return reason === undefined ? { writable: true } : { writable: false, reason }
  }

  async compact(): Promise<void> {
    await this.#thread.ask('compact', undefined)
  }

  async backup(into: string): Promise<void> {
    await this.#thread.ask('backup', { into })
  }

  size(): Promise<Size> {
    return this.#thread.ask('size', undefined)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tending?.cancel()
    // What was taken before is still made durable and answered.
    await this.#commits.idle()
    try {
      await this.#thread.ask('close', undefined)
    } catch (error) {
      // Without a disk that takes it, what is recent stays in its journal.
      if (!(error instanceof Failure)) throw error
      this.#options.log?.error('store', 'closed without writing a segment', { error })
    } finally {
      await this.#thread.end()
    }
  }

  #tendLater(): void {
    this.#tending = this.#options.clock.after(tendMs, () => {
      this.#thread.ask('tend', undefined).then(
        findings => this.#tell(findings),
        error => this.#options.log?.error('store', 'what is recent could not be written', { error }),
      )
      this.#tendLater()
    })
  }

  #tellForgotten({ series, refusedBy: reason }: Forgotten, left: number): void {
    const { log } = this.#options
    if (series > 0) log?.info('store', 'series without samples are forgotten', { series, left })
    if (reason !== undefined) log?.warn('store', 'series without samples cannot be forgotten', { reason })
  }

  #tell(findings: readonly string[]): void {
    if (findings.length === 0) return
    // In one line: of several with one text the log would tell the first.
    const more = findings.length > toldMax ? { more: findings.length - toldMax } : {}
    const told = { code: 'store_corrupt', findings: findings.slice(0, toldMax), ...more }
    this.#options.log?.error('store', 'files are damaged', told)
  }
}

const seriesIn = ({ ids, starts, tMs, values }: Found, table: SeriesTable): SeriesSamples[] =>
  Array.from(ids, (id, at) => {
    const [from, to] = [starts[at], starts[at + 1]]
    return { series: table.get(id), tMs: tMs.subarray(from, to), values: values.subarray(from, to) }
  })

// Up to the end of the year 9999.
const latestMs = 253_402_300_799_999
const isTime = (tMs: number): boolean => tMs >= 0 && tMs <= latestMs && Math.floor(tMs) === tMs

// Days of other times have no name as a file: once in the journal, such a sample would stop every flush to come.
// Hot: most rows have the time of the row before.
function flawOf(batches: readonly Batch[]): string | undefined {
  for (const { rows, notes } of batches) {
    const { tMs } = rows
    let last = 0
    for (let at = 0; at < tMs.length; at++) {
      const t = tMs[at]!
      if (t === last) continue
      if (!isTime(t)) return `${t} is no time in milliseconds`
      last = t
    }
    for (const note of notes) if (!isTime(note.tMs)) return `${note.tMs} is no time in milliseconds`
  }
  return undefined
}
