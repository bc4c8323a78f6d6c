// What the head must know before the first evaluation: the recent past of every series that rules read, from the store.
// Called by engine.ts at its start and after a reload.

import { metricName } from '#core/labels.ts'
import type { SeriesTable } from '#core/series.ts'
import { refused } from '#core/series.ts'
import type { SeriesSamples, Store } from '#core/store.ts'
import type { Head, Watch } from '../head.ts'
import { matchersKey } from '../matchers-key.ts'

export type Warmth = readonly SeriesSamples[]

export type WarmOptions = Readonly<{ store: Store; lookbackMs: number; nowMs: number; signal?: AbortSignal }>

// `known`: how far back each watch is warm already.
export async function warmthOf(
  watches: readonly Watch[],
  known: ReadonlyMap<string, number>,
  { store, lookbackMs, nowMs, signal }: WarmOptions,
): Promise<Warmth> {
  const all: SeriesSamples[] = []
  for (const { matchers, keepMs } of watches) {
    if ((known.get(matchersKey(matchers)) ?? -1) >= keepMs) continue
    const range = { fromMs: nowMs - Math.max(keepMs, lookbackMs), toMs: nowMs, onlyNewest: keepMs === 0 }
    for (const each of await store.select(matchers, range, signal)) all.push(each)
  }
  return all
}

export const warmthKnown = (watches: readonly Watch[]): Map<string, number> =>
  new Map(watches.map(({ matchers, keepMs }) => [matchersKey(matchers), keepMs]))

export function warm(head: Head, table: SeriesTable, warmth: Warmth): void {
  for (const { series, tMs, values } of warmth) {
    const number = table.intern(series.name, series.labels)
    if (number !== refused) head.warm(number, tMs, values)
  }
}

// Hosts that were there before, and whether they were up: their silence since is not held against them.
export async function hostsBefore(
  store: Store,
  { nowMs, forgetMs }: Readonly<{ nowMs: number; forgetMs: number }>,
): Promise<Readonly<{ host: string; up: boolean }>[]> {
  const matchers = [{ name: metricName, op: '=', value: 'agent_up' }] as const
  const samples = await store.last(matchers, { fromMs: nowMs - forgetMs, toMs: nowMs })
  return samples.flatMap(({ series, value }) => {
    const host = series.labels['host']
    return host === undefined || Number.isNaN(value) ? [] : [{ host, up: value === 1 }]
  })
}
