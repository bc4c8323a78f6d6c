// A store as one would write it without thinking of time or memory, for tests that hold another one against it.
import { RowBuffer } from '#core/batch.ts'
import { matches } from '#core/matchers.ts'
import type { SeriesTable } from '#core/series.ts'
import { staleNaN } from '#core/stale.ts'
import type { SeriesSamples, Store } from '#core/store.ts'

export type Row = Readonly<{ series: number; tMs: number; value: number | 'stale' }>

export function rowsOf(rows: readonly Row[]): ReturnType<RowBuffer['rows']> {
  const buffer = new RowBuffer(1)
  for (const { series, tMs, value } of rows) buffer.push(series, tMs, value === 'stale' ? staleNaN : value)
  return buffer.rows()
}

export type PlainStore = Store & { write(rows: readonly Row[]): void; reads: number }

export function openPlainStore(table: SeriesTable): PlainStore {
  const held = new Map<number, Map<number, Row>>()
  const nothing = async (): Promise<never[]> => []
  const store: PlainStore = {
    reads: 0,
    write(rows) {
      for (const row of rows) {
        const of = held.get(row.series) ?? new Map<number, Row>()
        held.set(row.series, of.set(row.tMs, row))
      }
    },
    async append(batches) {
      for (const { rows } of batches) {
        const all = Array.from(rows.series, (series, at) => ({
          series,
          tMs: rows.tMs[at]!,
          value: rows.values[at]!,
        }))
        store.write(all)
      }
    },
    async select(matchers, { fromMs, toMs, onlyNewest }) {
      store.reads++
      return [...held]
        .sort(([a], [b]) => a - b)
        .flatMap(([id, of]): SeriesSamples[] => {
          const series = table.get(id)
          if (!matches(series, matchers)) return []
          const within = [...of.values()].filter(each => each.tMs >= fromMs && each.tMs <= toMs)
          within.sort((a, b) => a.tMs - b.tMs)
          const wanted = onlyNewest === true ? within.slice(-1) : within
          if (wanted.length === 0) return []
          const { tMs, values } = rowsOf(wanted)
          return [{ series, tMs, values }]
        })
    },
    async last(matchers, range) {
      const found = await store.select(matchers, { ...range, onlyNewest: true })
      return found.map(({ series, tMs, values }) => ({ series, tMs: tMs[0]!, value: values[0]! }))
    },
    series: nothing,
    labelNames: nothing,
    labelValues: nothing,
    notes: nothing,
    health: async () => ({ writable: true }),
    close: async () => {},
  }
  return store
}
