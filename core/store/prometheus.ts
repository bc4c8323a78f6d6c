// The store on any Prometheus-compatible database: samples go there by remote write 1.0 and come back by the query
// API; notes rest in the state. Opened by bin/engines/fleet.ts.
//
// What such databases do not do, or not all of them:
// - Stale markers are written and never come back: the query API leaves them out.
// - A sample cannot be overwritten. Prometheus and Mimir refuse another value of the same time (it goes to the dead
//   letters); VictoriaMetrics keeps both, and here the largest is read.
// - Prometheus and Mimir refuse samples older than the newest of their series, unless `out_of_order_time_window` allows
//   it: set it to what the bus may have to repeat.
// - VictoriaMetrics keeps 12 digits of a value and fewer of small ones beside large ones, makes -0 of it 0, and drops
//   NaN; it drops in silence what lies outside of its retention or two days ahead.
// - VictoriaMetrics answers before it has written to its disk: recent.ts sends the last seconds again after a break.
// - Names of metrics and labels may be any text: they are sent as they are, and what the database refuses goes to the
//   dead letters with its reason. Prometheus 2 stores strange names and cannot be asked for them: we look through more.
import type { Batch } from '../batch.ts'
import { Failure } from '../errors.ts'
import { keyOf, labelNamesOf, labelValue } from '../labels.ts'
import type { Matcher, Note, Sample, Series } from '../model.ts'
import type { Range, SeriesSamples, Store, StoreHealth } from '../store.ts'
import { Ask } from './prometheus/ask.ts'
import { LabelBytes } from './prometheus/label-bytes.ts'
import { Notes, type NotesParts } from './prometheus/notes.ts'
import { Reader } from './prometheus/read.ts'
import { Recent } from './prometheus/recent.ts'
import { Sender, type SenderParts } from './prometheus/send.ts'
import { type PrometheusSettings, seriesLimits } from './prometheus/settings.ts'
import { Wire } from './prometheus/wire.ts'
import { Writer } from './prometheus/writer.ts'

export type PrometheusOptions = Omit<SenderParts, 'wire' | 'labels' | 'recent'> &
  NotesParts &
  // The most samples that one answer may hold.
  Readonly<{ samplesMax?: number }>

// The database need not be up yet.
export async function openPrometheusStore(options: PrometheusOptions): Promise<Store> {
  return new PrometheusStore(options)
}

const unreadText = 'there was no room for a series of it (`limits.series`), or it is no line'
const lineMax = 65_536

const lineText = (line: Uint8Array): string => {
  const text = Buffer.from(line).toString().trimEnd()
  return text.length > lineMax ? `${text.slice(0, lineMax)}…` : text
}

class PrometheusStore implements Store {
  readonly #options: PrometheusOptions
  readonly #wires: readonly [writing: Wire, reading: Wire]
  readonly #writer: Writer
  readonly #prober: Sender
  readonly #reader: Reader
  readonly #notes: Notes
  #isClosed = false

  constructor(options: PrometheusOptions) {
    const { clock, own, table, samplesMax = 20_000_000 } = options
    this.#options = options
    const settings = trimmed(options.settings)
    const recent = new Recent()
    this.#wires = [
      new Wire(settings, clock, () => recent.broke(clock.monotonicMs())),
      new Wire(settings, clock),
    ]
    const [wire, readingWire] = this.#wires
    const labels = new LabelBytes(table, settings.limits ?? seriesLimits)
    const parts = { ...options, settings, wire, labels, recent }
    this.#writer = new Writer(() => new Sender(parts), labels, own)
    this.#prober = new Sender(parts)
    this.#reader = new Reader(new Ask(settings, readingWire), samplesMax)
    this.#notes = new Notes(options)
    own.gauge('plimsoll_store_series').read(() => table.count)
  }

  async append(batches: readonly Batch[]): Promise<void> {
    if (this.#isClosed) throw new Failure('stopping', 'the store is closed')
    const flaw = flawOf(batches)
    if (flaw !== undefined) throw new RangeError(flaw)
    // All are waited for: the arrays belong to the caller again when this one ends.
    const all = await Promise.allSettled([
      this.#writer.add(batches),
      this.#notes.add(batches),
      this.#bury(batches),
    ])
    for (const each of all) if (each.status === 'rejected') throw each.reason
  }

  // They were acknowledged when they came, so what this process cannot read of them must not vanish.
  async #bury(batches: readonly Batch[]): Promise<void> {
    const { clock, own, log, deadLetters } = this.#options
    const atMs = clock.nowMs()
    const letters = batches.flatMap(({ unread = [] }) =>
      unread.map(
        line => ({ v: 1, atMs, from: 'prometheus', reason: unreadText, line: lineText(line) }) as const,
      ),
    )
    if (letters.length === 0) return
    await deadLetters(letters)
    own.counter('plimsoll_store_dead_letters_total').inc(letters.length)
    log.warn('store', 'lines could not be read here', { lines: letters.length, line: letters[0]!.line })
  }

  select(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<SeriesSamples[]> {
    return this.#reader.until(signal).select(matchers, range)
  }

  last(matchers: readonly Matcher[], range: Range): Promise<Sample[]> {
    return this.#reader.last(matchers, range)
  }

  async series(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<Series[]> {
    const reader = this.#reader.until(signal)
    const found = await Promise.all([reader.series(matchers, range), this.#notes.series(matchers)])
    return [...new Map(found.flat().map(series => [keyOf(series), series])).values()]
  }

  async labelNames(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<string[]> {
    const [names, noted] = await Promise.all([
      this.#reader.until(signal).labelNames(matchers, range),
      this.#notes.series(matchers),
    ])
    return [...new Set([...names, ...noted.flatMap(labelNamesOf)])].sort()
  }

  async labelValues(
    name: string,
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const [values, noted] = await Promise.all([
      this.#reader.until(signal).labelValues(name, matchers, range),
      this.#notes.series(matchers),
    ])
    const all = new Set([...values, ...noted.map(series => labelValue(series, name))])
    return [...all].filter(value => value !== '').sort()
  }

  notes(matchers: readonly Matcher[], range: Range, limit: number): Promise<Note[]> {
    return this.#notes.find(matchers, range, limit)
  }

  // Asks the database only when the last write failed or there was none.
  async health(): Promise<StoreHealth> {
    if (this.#isClosed) return { writable: false, reason: 'the store is closed' }
    if (this.#writer.isGoing) return { writable: true }
    try {
      await this.#prober.probe()
      return { writable: true }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { writable: false, reason: error.detail }
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    // What was taken before is still stored and answered.
    await this.#writer.idle()
    this.#notes.close()
    for (const each of this.#wires) each.close()
  }
}

const trimmed = (settings: PrometheusSettings): PrometheusSettings => ({
  ...settings,
  url: settings.url.replace(/\/+$/, ''),
})

const latestMs = 253_402_300_799_999

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

const isTime = (tMs: number): boolean => tMs >= 0 && tMs <= latestMs && Number.isInteger(tMs)
