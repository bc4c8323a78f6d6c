// The store in InfluxDB 2: lines go in as they came, questions go in as Flux. Opened by bin/; opening does not wait for
// the server, health() says whether it is there.
import type { Batch } from '../batch.ts'
import type { Clock } from '../clock.ts'
import type { DeadLetter } from '../dead-letter.ts'
import { Failure } from '../errors.ts'
import { textsOf } from '../line-protocol/batch-text.ts'
import type { Log } from '../log.ts'
import type { Matcher, Note, Sample, Series } from '../model.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { SeriesTable } from '../series.ts'
import type { Range, SeriesSamples, Store, StoreHealth } from '../store.ts'
import { type Ask, openAsk } from './influxdb/ask.ts'
import { Delivery, writePath } from './influxdb/deliver.ts'
import { type Link, openLink } from './influxdb/link.ts'
import { Reading } from './influxdb/read.ts'
import type { InfluxdbSettings } from './influxdb/settings.ts'
import { judge } from './influxdb/verdict.ts'
import { Writes } from './influxdb/writes.ts'

export type InfluxdbOptions = Readonly<{
  settings: InfluxdbSettings
  table: SeriesTable
  clock: Clock
  own?: OwnMetrics
  log?: Log
  // Where lines go that InfluxDB refuses; a batch is stored only when they are safe there.
  deadLetters: (letters: readonly DeadLetter[]) => Promise<void>
  // The most samples that one answer may hold.
  maxSamples?: number
  tuning?: Partial<Tuning>
}>

// Measured by bench/influxdb-store.ts; packing (gzip) costs us twice the CPU, and InfluxDB no less.
type Tuning = Readonly<{
  lanes: number
  requestBytes: number
  writeLimitMs: number
  queryLimitMs: number
  // Bytes.
  waitingMax: number
}>

const tuned: Tuning = {
  lanes: 2,
  requestBytes: 1 << 20,
  writeLimitMs: 10_000,
  queryLimitMs: 60_000,
  waitingMax: 64 << 20,
}

const probeLimitMs = 2_000
// What the last write met is news for so long; afterwards InfluxDB is asked.
const freshMs = 5_000

export async function openInfluxdbStore(options: InfluxdbOptions): Promise<Store> {
  return new Influxdb(options)
}

class Influxdb implements Store {
  readonly #options: InfluxdbOptions
  readonly #link: Link
  readonly #asking: Readonly<{ ask: Ask; close(): void }>
  readonly #delivery: Delivery
  readonly #writes: Writes
  #met: Readonly<{ atMs: number; failure?: Failure }> | undefined
  // The refusal that was told last, so that it is told once.
  #told: string | undefined
  #isClosed = false

  constructor(options: InfluxdbOptions) {
    this.#options = options
    const { settings, clock, own, deadLetters } = options
    const tuning = { ...tuned, ...options.tuning }
    const { lanes, requestBytes, writeLimitMs, queryLimitMs, waitingMax } = tuning
    this.#link = openLink(settings.url, clock)
    this.#asking = openAsk({ settings, clock, limitMs: queryLimitMs })
    this.#delivery = new Delivery({ link: this.#link, settings, own, limitMs: writeLimitMs }, requestBytes)
    const ended = (failure?: Failure): void => this.#ended(failure)
    this.#writes = new Writes({ delivery: this.#delivery, clock, own, deadLetters, ended, lanes, waitingMax })
  }

  async append(batches: readonly Batch[]): Promise<void> {
    if (this.#isClosed) throw new Failure('stopping', 'the store is closed')
    const { table } = this.#options
    // A batch that brings its text is not read: its rows would be made of it only now.
    const texts = batches.flatMap(batch => textsOf(batch, table, this.#delivery.maxBytes))
    await this.#writes.add(texts)
  }

  select(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<SeriesSamples[]> {
    return this.#reading(signal).select(matchers, range)
  }

  last(matchers: readonly Matcher[], range: Range): Promise<Sample[]> {
    return this.#reading().last(matchers, range)
  }

  series(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<Series[]> {
    return this.#reading(signal).series(matchers, range)
  }

  labelNames(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<string[]> {
    return this.#reading(signal).labelNames(matchers, range)
  }

  labelValues(
    name: string,
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): Promise<string[]> {
    return this.#reading(signal).labelValues(name, matchers, range)
  }

  notes(matchers: readonly Matcher[], range: Range, limit: number): Promise<Note[]> {
    return this.#reading().notes(matchers, range, limit)
  }

  async health(): Promise<StoreHealth> {
    if (this.#isClosed) return { writable: false, reason: 'the store is closed' }
    const { clock } = this.#options
    if (this.#met === undefined || clock.monotonicMs() - this.#met.atMs >= freshMs)
      this.#ended(await this.#probe())
    const failure = this.#met?.failure
    return failure === undefined ? { writable: true } : { writable: false, reason: failure.detail }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    // What was taken before is still stored and answered.
    await this.#writes.idle()
    this.#link.close()
    this.#asking.close()
  }

  // It keeps nothing, so each question has its own.
  #reading(signal?: AbortSignal): Reading {
    const { settings, table, maxSamples = 20_000_000 } = this.#options
    const ask: Ask = (script, reader) => this.#asking.ask(script, reader, signal)
    return new Reading({ ask, bucket: settings.bucket, table, maxSamples })
  }

  // A write of nothing is judged like any other: it names organisation, bucket and token.
  async #probe(): Promise<Failure | undefined> {
    const { settings } = this.#options
    const { token } = settings
    try {
      const body = new Uint8Array(0)
      const path = writePath(settings)
      judge(await this.#link.call({ method: 'POST', path, token, body, limitMs: probeLimitMs }))
      return undefined
    } catch (error) {
      if (error instanceof Failure) return error
      throw error
    }
  }

  #ended(failure?: Failure): void {
    const { clock, log } = this.#options
    // The bus may not have taken dead letters; that is not InfluxDB's fault.
    if (failure !== undefined && !/^store_/.test(failure.code)) return
    this.#met = { atMs: clock.monotonicMs(), ...(failure === undefined ? {} : { failure }) }
    const told = failure?.code
    if (told === this.#told) return
    this.#told = told
    if (failure === undefined) log?.info('store', 'InfluxDB takes samples again')
    else
      log?.error('store', 'InfluxDB takes no samples; they wait on the bus', {
        code: failure.code,
        error: failure,
      })
  }
}
