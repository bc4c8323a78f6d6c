// The store of one machine: nothing but files in the data folder, kept by a thread of its own. This is the
// caller's side: it gathers what is appended meanwhile into one commit, and looks series up in the table.
import { Worker } from 'node:worker_threads'
import type { Batch } from '../batch.ts'
import { type Clock, elapsedMs, type Timer } from '../clock.ts'
import { type ErrorCode, errors, Failure } from '../errors.ts'
import { labelNamesOf, labelsOf, labelValue } from '../labels.ts'
import type { Log } from '../log.ts'
import type { Matcher, Note, Sample, Series } from '../model.ts'
import type { OwnCounter, OwnHistogram, OwnMetrics } from '../own-metrics.ts'
import type { SeriesTable } from '../series.ts'
import type { Range, SeriesSamples, Store, StoreHealth } from '../store.ts'
import type { Definition, NoteRecord } from './embedded/journal.ts'
import {
  type Ask,
  type Asks,
  commitRows,
  type Opened,
  type Opening,
  type Refusal,
  type Reply,
  type Size,
  slabBytes,
  slabRows,
} from './embedded/messages.ts'

export type EmbeddedOptions = Readonly<{
  folder: string
  table: SeriesTable
  clock: Clock
  keepMs: number
  // For what is recent, while it is sorted and written as a segment, and while segments are merged.
  memoryBytes?: number
  // The most samples that one answer may hold.
  maxSamples?: number
  own?: OwnMetrics
  log?: Log
}>

// Beyond this many waiting rows, senders are told to come again.
const waitingRowsMax = 4_000_000
const tendMs = 60_000

type Waiting = Readonly<{ batches: readonly Batch[]; rows: number; done: (error?: unknown) => void }>

export type EmbeddedStore = Store &
  Readonly<{
    compact(): Promise<void>
    backup(into: string): Promise<void>
    size(): Promise<Size>
  }>

export async function openEmbeddedStore(options: EmbeddedOptions): Promise<EmbeddedStore> {
  const store = new Embedded(options)
  try {
    await store.open()
  } catch (error) {
    await store.abandon()
    throw error
  }
  return store
}

class Embedded implements EmbeddedStore {
  readonly #options: EmbeddedOptions
  readonly #worker: Worker
  readonly #asked = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>()
  #asks = 0
  #slab = new SharedArrayBuffer(slabBytes(4_096))
  // Numbers below this are on the disk.
  #defined = 0
  #waiting: Waiting[] = []
  #waitingRows = 0
  #isCommitting = false
  #tending: Timer | undefined
  #refusedBy: string | undefined
  #isClosed = false
  readonly #committed: OwnHistogram | undefined
  readonly #samples: OwnCounter | undefined

  constructor(options: EmbeddedOptions) {
    this.#options = options
    const { folder, keepMs, memoryBytes = 160_000_000, clock } = options
    // Two lots of recent samples, a sorted copy of one, and room for the rest.
    const recentBytes = memoryBytes / 4
    const engine = { folder, keepMs, recentBytes, flushMs: 15 * 60_000 }
    const opening: Opening = { options: engine, nowMs: clock.nowMs() }
    this.#worker = new Worker(new URL('./embedded/worker.ts', import.meta.url), { workerData: opening })
    this.#worker.on('message', reply => this.#answered(reply))
    this.#worker.on('error', error => this.#broke(error))
    this.#committed = options.own?.histogram('plimsoll_store_append_seconds')
    this.#samples = options.own?.counter('plimsoll_store_samples_total')
  }

  async open(): Promise<void> {
    const opened = new Promise<Opened>((resolve, reject) => this.#asked.set(0, { resolve, reject }))
    const { definitions, findings } = await opened
    const { table, log } = this.#options
    for (const [id, name, labels] of definitions)
      table.adopt(id, { name, labels: labelsOf(Object.entries(labels)) })
    this.#defined = table.size
    for (const finding of findings)
      log?.error('store', 'a file is damaged', { code: 'store_corrupt', finding })
    this.#count()
    this.#tendLater()
  }

  append(batches: readonly Batch[]): Promise<void> {
    const rows = batches.reduce((sum, batch) => sum + batch.rows.series.length, 0)
    if (this.#isClosed) return Promise.reject(new Failure('stopping', 'the store is closed'))
    if (this.#waitingRows + rows > waitingRowsMax && this.#waitingRows > 0) {
      return Promise.reject(new Failure('overloaded', `${this.#waitingRows} samples wait for the disk`))
    }
    return new Promise((resolve, reject) => {
      const done = (error?: unknown): void => (error === undefined ? resolve() : reject(error))
      this.#waiting.push({ batches, rows, done })
      this.#waitingRows += rows
      this.#commitNext()
    })
  }

  async select(matchers: readonly Matcher[], { fromMs, toMs }: Range): Promise<SeriesSamples[]> {
    const { table, maxSamples = 20_000_000 } = this.#options
    const ids = Uint32Array.from(table.select(matchers))
    if (ids.length === 0) return []
    const found = await this.#ask('select', { ids, fromMs, toMs, maxSamples })
    return Array.from(found.ids, (id, at) => {
      const [from, to] = [found.starts[at], found.starts[at + 1]]
      return {
        series: table.get(id),
        tMs: found.tMs.subarray(from, to),
        values: found.values.subarray(from, to),
      }
    })
  }

  async last(matchers: readonly Matcher[], range: Range): Promise<Sample[]> {
    const found = await this.select(matchers, range)
    return found.map(({ series, tMs, values }) => ({ series, tMs: tMs.at(-1)!, value: values.at(-1)! }))
  }

  async series(matchers: readonly Matcher[]): Promise<Series[]> {
    return this.#options.table.select(matchers).map(id => this.#options.table.get(id))
  }

  async labelNames(matchers: readonly Matcher[]): Promise<string[]> {
    const found = await this.series(matchers)
    return [...new Set(found.flatMap(labelNamesOf))].sort()
  }

  async labelValues(name: string, matchers: readonly Matcher[]): Promise<string[]> {
    const found = await this.series(matchers)
    return [...new Set(found.map(series => labelValue(series, name)))].filter(value => value !== '').sort()
  }

  async notes(matchers: readonly Matcher[], { fromMs, toMs }: Range, limit: number): Promise<Note[]> {
    const { table } = this.#options
    const ids = Uint32Array.from(table.select(matchers))
    const found = await this.#ask('notes', { wanted: { ids, fromMs, toMs, maxSamples: 0 }, limit })
    return found.map(({ series, tMs, text }) => ({ series: table.get(series), tMs, text }))
  }

  async health(): Promise<StoreHealth> {
    return this.#refusedBy === undefined ? { writable: true } : { writable: false, reason: this.#refusedBy }
  }

  async compact(): Promise<void> {
    await this.#ask('compact', undefined)
  }

  async backup(into: string): Promise<void> {
    await this.#ask('backup', { into })
  }

  size(): Promise<Size> {
    return this.#ask('size', undefined)
  }

  async abandon(): Promise<void> {
    this.#isClosed = true
    await this.#worker.terminate()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tending?.cancel()
    await this.#ask('close', undefined)
    await this.#worker.terminate()
  }

  // Whatever waits goes into one commit; what comes while it is under way goes into the next.
  #commitNext(): void {
    if (this.#isCommitting || this.#waiting.length === 0) return
    this.#isCommitting = true
    const taken = this.#take()
    const count = taken.reduce((sum, each) => sum + each.rows, 0)
    const defined = this.#options.table.size
    const began = elapsedMs()
    const committed = (error?: unknown): void => {
      this.#isCommitting = false
      if (error === undefined) this.#defined = defined
      this.#refusedBy = error instanceof Failure ? error.detail : undefined
      this.#committed?.observe((elapsedMs() - began) / 1_000)
      if (error === undefined) this.#samples?.inc(count)
      for (const { done } of taken) done(error)
      this.#commitNext()
    }
    this.#fill(taken, count)
    const definitions = this.#definitions(defined)
    const notes = notesOf(taken)
    this.#ask('append', { slab: this.#slab, count, definitions, notes }).then(() => committed(), committed)
  }

  #take(): Waiting[] {
    let rows = 0
    let many = 0
    for (const each of this.#waiting) {
      if (many > 0 && rows + each.rows > commitRows) break
      rows += each.rows
      many++
    }
    this.#waitingRows -= rows
    return this.#waiting.splice(0, many)
  }

  #fill(taken: readonly Waiting[], count: number): void {
    if (this.#slab.byteLength < slabBytes(count)) this.#slab = new SharedArrayBuffer(slabBytes(count) * 2)
    const slab = slabRows(this.#slab, count)
    let at = 0
    for (const { rows } of taken.flatMap(each => each.batches)) {
      slab.series.set(rows.series, at)
      slab.tMs.set(rows.tMs, at)
      slab.values.set(rows.values, at)
      at += rows.series.length
    }
  }

  #definitions(to: number): Definition[] {
    const { table } = this.#options
    const definitions: Definition[] = []
    for (let id = this.#defined; id < to; id++) {
      if (table.has(id)) definitions.push([id, table.get(id).name, table.get(id).labels])
    }
    return definitions
  }

  // Numbers that are asked for when somebody looks; those of the thread are as old as its last answer.
  #count(): void {
    const { own, table } = this.#options
    own?.gauge('plimsoll_store_series').read(() => table.size)
    own?.gauge('plimsoll_store_waiting_samples').read(() => this.#waitingRows)
  }

  #ask<A extends Ask>(ask: A, value: Asks[A][0]): Promise<Asks[A][1]> {
    const id = ++this.#asks
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#worker.postMessage({ id, ask, value, nowMs: this.#options.clock.nowMs() })
    })
  }

  #answered(reply: Reply): void {
    const asked = this.#asked.get(reply.id)
    this.#asked.delete(reply.id)
    if ('value' in reply) asked?.resolve(reply.value as never)
    else asked?.reject(errorOf(reply.failure))
  }

  // The thread has ended by a bug of ours. Whoever waits hears it, and so does the process.
  #broke(error: unknown): void {
    const waiting = [...this.#asked.values()]
    this.#asked.clear()
    for (const { reject } of waiting) reject(error)
    if (waiting.length === 0) throw error
  }

  #tendLater(): void {
    this.#tending = this.#options.clock.after(tendMs, () => {
      this.#ask('tend', undefined).catch(error => {
        this.#options.log?.error('store', 'what is recent could not be written as a segment', { error })
      })
      this.#tendLater()
    })
  }
}

const errorOf = ({ code, message }: Refusal): Error =>
  code !== undefined && code in errors ? new Failure(code as ErrorCode, message) : new Error(message)

const notesOf = (taken: readonly Waiting[]): NoteRecord[] =>
  taken.flatMap(({ batches }) => batches.flatMap(({ notes }) => notes.map(noteRecord)))

const noteRecord = ({ series, tMs, text }: Batch['notes'][number]): NoteRecord => [series, tMs, text]
