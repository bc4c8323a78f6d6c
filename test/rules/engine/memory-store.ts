// A store that keeps what it is given and nothing else, and fails when a test says so. Called by the engine's tests.
import type { Batch } from '#core/batch.ts'
import { Failure } from '#core/errors.ts'
import type { Matcher, Sample, Series } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'
import { isStale } from '#core/stale.ts'
import type { Range, SeriesSamples, Store } from '#core/store.ts'
import { MemorySource } from '#promql/memory-source.ts'

export class MemoryStore implements Store {
  readonly #source = new MemorySource()
  // Of the process of today; what is kept outlives it.
  table: SeriesTable | undefined
  readsFail = 0
  isDamaged = false
  selects = 0

  async append(batches: readonly Batch[]): Promise<void> {
    for (const { rows } of batches) {
      for (const [at, number] of rows.series.entries()) {
        const point = isStale(rows.values, at) ? 'stale' : rows.values[at]!
        this.#source.put(this.table!.get(number), rows.tMs[at]!, point)
      }
    }
  }

  async select(matchers: readonly Matcher[], range: Range): Promise<SeriesSamples[]> {
    this.selects++
    if (this.readsFail > 0) {
      this.readsFail--
      throw new Failure('store_unavailable', 'the disk is away')
    }
    if (this.isDamaged) throw new Failure('store_corrupt', 'seg-7: its index is damaged')
    return this.#source.select(matchers, range)
  }

  async last(matchers: readonly Matcher[], range: Range): Promise<Sample[]> {
    const found = await this.select(matchers, range)
    return found.map(({ series, tMs, values }) => ({ series, tMs: tMs.at(-1)!, value: values.at(-1)! }))
  }

  // `+0s 1 +5s stale`
  async written(name: string, labels: Readonly<Record<string, string>>, fromMs: number): Promise<string> {
    const named: Matcher = { name: '__name__', op: '=', value: name }
    const matchers = Object.entries(labels).map(([each, value]) => ({ name: each, op: '=', value }) as const)
    const found = this.#source.select([named, ...matchers], { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })
    return found
      .flatMap(({ tMs, values }) =>
        [...tMs].map((at, i) => `+${(at - fromMs) / 1_000}s ${isStale(values, i) ? 'stale' : values[i]}`),
      )
      .join(' ')
  }

  async series(): Promise<Series[]> {
    return []
  }
  async labelNames(): Promise<string[]> {
    return []
  }
  async labelValues(): Promise<string[]> {
    return []
  }
  async notes(): Promise<never[]> {
    return []
  }
  async health(): Promise<{ writable: true }> {
    return { writable: true }
  }
  async close(): Promise<void> {}
}
