// Where samples and notes rest. One port, several engines (store/embedded.ts now; InfluxDB and Prometheus-compatible
// databases on a fleet), and one contract test for all: test/core/store.contract.ts.
import type { Batch } from './batch.ts'
import type { Matcher, Note, Sample, Series } from './model.ts'

// The samples of one series, ascending in time, one for each time. The stale marker is a NaN of its own
// (stale.ts), as in Prometheus.
export type SeriesSamples = Readonly<{ series: Series; tMs: Float64Array; values: Float64Array }>

// Both ends belong to the range.
export type Range = Readonly<{
  fromMs: number
  toMs: number
  // Of select(): whoever asks needs no more than the newest sample of each series within the range. An engine may answer
  // with more.
  onlyNewest?: boolean
}>

export interface Store {
  // Resolves when the batches are durable. Of two samples of one series and time, the one written last wins.
  append(batches: readonly Batch[]): Promise<void>
  // Whoever asks may stop waiting: when the signal says so, the promise rejects with its reason and the work ends.
  select(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<SeriesSamples[]>
  // The newest sample of each series within the range.
  last(matchers: readonly Matcher[], range: Range): Promise<Sample[]>
  // Series that have samples or notes in the range; an engine may answer with more, never with fewer.
  series(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<Series[]>
  labelNames(matchers: readonly Matcher[], range: Range, signal?: AbortSignal): Promise<string[]>
  labelValues(
    name: string,
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): Promise<string[]>
  // Newest first.
  notes(matchers: readonly Matcher[], range: Range, limit: number): Promise<Note[]>
  // Whether writes are being taken just now, and if not why: for /-/ready.
  health(): Promise<StoreHealth>
  close(): Promise<void>
}

export type StoreHealth = Readonly<{ writable: true } | { writable: false; reason: string }>
