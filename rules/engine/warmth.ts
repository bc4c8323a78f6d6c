// What the head must know before the first evaluation: the recent past of every series that rules read, from the store.
// Called by evaluator.ts at its start and after a reload.

import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { metricName } from '#core/labels.ts'
import type { Log } from '#core/log.ts'
import type { Labels } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'
import { refused } from '#core/series.ts'
import type { SeriesSamples, Store } from '#core/store.ts'
import type { Known } from '../agents.ts'
import type { Head } from '../head.ts'
import type { Program } from '../live/program.ts'
import { matchersKey } from '../matchers-key.ts'

export type Warmth = readonly SeriesSamples[]

export type WarmOptions = Readonly<{
  store: Store
  clock: Clock
  log: Log
  lookbackMs: number
  signal?: AbortSignal
  // Whether a series travels here.
  isMine(labels: Labels): boolean
}>

// What `before` has kept, if there is any, is warm already.
export async function warmthFor(
  { watches }: Pick<Program, 'watches'>,
  before: Pick<Program, 'watches'> | undefined,
  { store, clock, log, lookbackMs, signal, isMine }: WarmOptions,
): Promise<Warmth> {
  const known = new Map(before?.watches.map(({ matchers, keepMs }) => [matchersKey(matchers), keepMs]))
  const nowMs = clock.nowMs()
  const all: SeriesSamples[] = []
  for (const { matchers, keepMs } of watches) {
    if ((known.get(matchersKey(matchers)) ?? -1) >= keepMs) continue
    const range = { fromMs: nowMs - Math.max(keepMs, lookbackMs), toMs: nowMs, onlyNewest: keepMs === 0 }
    const found = await unlessDamaged(store.select(matchers, range, signal), log)
    for (const each of found) if (isMine(each.series.labels)) all.push(each)
  }
  return all
}

export function warm(head: Head, table: SeriesTable, warmth: Warmth): void {
  for (const { series, tMs, values } of warmth) {
    const number = table.intern(series.name, series.labels)
    if (number !== refused) head.warm(number, tMs, values)
  }
}

const hourMs = 3_600_000

// Hosts that were there before, and whether they were up: their silence since is not held against them.
export async function hostsBefore(
  store: Store,
  { nowMs, silentMs, forgetMs }: Readonly<{ nowMs: number; silentMs: number; forgetMs: number }>,
): Promise<Known[]> {
  const lastOf = async (name: string, toMs = nowMs) => {
    const range = { fromMs: nowMs - forgetMs, toMs }
    const samples = await store.last([{ name: metricName, op: '=', value: name }], range)
    return samples.flatMap(({ series: { labels }, value }): (readonly [string, number])[] =>
      labels['host'] === undefined || Number.isNaN(value) ? [] : [[labels['host'], value]],
    )
  }
  const silentS = new Map(await lastOf('agent_silent_after_seconds'))
  // Known of nobody: nobody wrote it then, and who was there for long was no stranger.
  const long = silentS.size > 0 ? [] : await lastOf('agent_up', nowMs - hourMs)
  const old = new Set(long.map(([host]) => host))
  return (await lastOf('agent_up')).map(([host, up]) => {
    const seconds = silentS.get(host)
    const usualMs = old.has(host) ? silentMs : undefined
    return { host, up: up === 1, silentMs: seconds === undefined ? usualMs : seconds * 1_000 }
  })
}

// A damaged file stays so, whoever reads it again: the rules go on with what comes, rather than nobody being told anything.
export async function unlessDamaged<T>(reading: Promise<T[]>, log: Log): Promise<T[]> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'store_corrupt')) throw error
    log.warn('rules', 'begins without what it would know of the past', { error })
    return []
  }
}
