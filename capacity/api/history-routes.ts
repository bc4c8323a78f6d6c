// /api/plimsoll/v1/capacity/history: how many days are known of each line, what was measured last, and which questions
// fail. Called by bin/; `plimsoll check --live` shows it.
import { z } from 'zod'
import { Breath } from '#core/breath.ts'
import type { Clock } from '#core/clock.ts'
import { text, texts } from '#core/http/parameters.ts'
import { type Route, route } from '#core/http/route.ts'
import { metricName } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Store } from '#core/store.ts'
import { dayOf, dayText } from '../days.ts'
import { trackNames } from '../history/recorded.ts'
import { type Standing, standingsOf } from '../history/standing.ts'
import type { Trouble } from '../history/troubles.ts'
import type { History, Track } from '../history.ts'
import { isWhole, type Pool } from '../pool.ts'

export type HistoryParts = Readonly<{
  pools: () => readonly Pool[]
  history: History
  store: Pick<Store, 'last'>
  // Of the process that measures; empty in others.
  troubles: () => readonly Trouble[]
  clock: Clock
  zone: string
}>

export type HistoryLine = Readonly<{
  pool: string
  resource: string
  part: Labels
  unit: string
  windowDays: number
  days: number
  supplyDays: number
  gaps: number
  firstDay: string | null
  lastDay: string | null
  usage: Measure | null
  supply: Measure | null
}>
type Measure = Readonly<{ tMs: number; value: number }>
export type HistoryJson = Readonly<{
  v: 1
  // The last whole day.
  asOf: string
  lines: readonly HistoryLine[]
  troubles: readonly Trouble[]
}>

// Three times five minutes.
const recentMs = 900_000
const query = z.object({
  pool: texts('Only these.'),
  parts: text('Anything: also of the parts of each pool.'),
})

export const historyRoutes = (parts: HistoryParts): readonly Route[] => [
  route<z.output<typeof query>, unknown>({
    method: 'GET',
    path: '/api/plimsoll/v1/capacity/history',
    scope: 'read',
    summary: 'What is known of each pool: days, gaps, the last values, and questions that fail.',
    query,
    async handle({ query: { pool: names, parts: isWide } }) {
      return { body: await historyJson(parts, { names, isWide: isWide !== undefined }) }
    },
  }),
]

type Wanted = Readonly<{ names: readonly string[]; isWide: boolean }>

async function historyJson(parts: HistoryParts, { names, isWide }: Wanted): Promise<HistoryJson> {
  const { history, clock, zone } = parts
  const isWanted = (name: string): boolean => names.length === 0 || names.includes(name)
  const pools = parts.pools().filter(({ name }) => isWanted(name))
  const asOfDay = dayOf(zone, clock.nowMs()) - 1
  const byPool = Map.groupBy(history.lines(), ({ pool }) => pool)
  const [usage, supply] = [await latest(parts, 'usage'), await latest(parts, 'supply')]
  const breath = new Breath()
  const lines: HistoryLine[] = []
  for (const pool of pools) {
    for (const each of standingsOf(pool, byPool.get(pool.name) ?? [], history, asOfDay))
      if (isWide || isWhole(each.line.part)) lines.push(lineJson(each, pool, { usage, supply }))
    if (breath.isDue) await breath.taken()
  }
  const troubles = parts.troubles().filter(({ pool }) => isWanted(pool))
  return { v: 1, asOf: dayText(asOfDay), lines, troubles }
}

type Latest = ReadonlyMap<string, Measure>

const keyOf = (pool: string, resource: string, part: Labels, by: readonly string[]): string =>
  JSON.stringify([pool, resource, ...by.map(each => part[each] ?? '')])

async function latest({ store, pools, clock }: HistoryParts, track: Track): Promise<Latest> {
  const byOf = new Map(pools().map(({ name, by }) => [name, by]))
  const nowMs = clock.nowMs()
  const range = { fromMs: nowMs - recentMs, toMs: nowMs }
  const found = await store.last([{ name: metricName, op: '=', value: trackNames[track] }], range)
  const all = new Map<string, Measure>()
  for (const { series, tMs, value } of found) {
    const { pool = '', resource = '' } = series.labels
    const key = keyOf(pool, resource, series.labels, byOf.get(pool) ?? [])
    // Labels of the pool that have changed since name another series of the same.
    if ((all.get(key)?.tMs ?? 0) <= tMs) all.set(key, { tMs, value })
  }
  return all
}

function lineJson(
  { line, firstDay, lastDay, ...rest }: Standing,
  { by }: Pool,
  { usage, supply }: Readonly<Record<Track, Latest>>,
): HistoryLine {
  const { pool, resource, part } = line
  const key = keyOf(pool, resource, part, by)
  const textOf = (day: number | null): string | null => (day === null ? null : dayText(day))
  return {
    ...{ pool, resource, part, ...rest, firstDay: textOf(firstDay), lastDay: textOf(lastDay) },
    ...{ usage: usage.get(key) ?? null, supply: supply.get(key) ?? null },
  }
}
