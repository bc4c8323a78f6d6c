// What reads samples over HTTP, in Prometheus' words: plain and range selectors by /api/v1/query. Called by bin/,
// which hands the routes to the server.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { type Route, route } from '#core/http/route.ts'
import { isStale } from '#core/stale.ts'
import { Lane } from '#core/store/embedded/lane.ts'
import type { SeriesSamples, Store } from '#core/store.ts'
import { parseSelector, type Selector } from '#promql/selector.ts'
import { metricOf, pair, refusalJson, success } from './prometheus-json.ts'

export type QueryOptions = Readonly<{
  store: Store
  clock: Clock
  // The most samples of one answer: a million are 22 MB of JSON, which take 0.4 s to write.
  samplesMax?: number
}>

// How long a sample stands for its series after it came.
const lookbackMs = 300_000

const question = z.object({
  query: z.string().describe('A selector: up, up{host="a"}, up[5m].'),
  time: z.string().optional().describe('Seconds since 1970, or RFC 3339; left out: now.'),
})

export function queryRoutes({ store, clock, samplesMax = 1_000_000 }: QueryOptions): Route[] {
  // One question at a time, since each may take the memory of a large answer.
  const turns = new Lane()
  return [
    route({
      method: 'GET',
      path: '/api/v1/query',
      scope: 'read',
      alsoForm: true,
      summary: 'Samples of the selected series: the newest at a time, or all within a range.',
      query: question,
      failure: refusalJson,
      handle: async ({ query: { query, time }, signal }) => {
        const selector = parseSelector(query)
        const atMs = time === undefined ? clock.nowMs() : momentMs(time)
        return turns.run(async () => {
          if (signal.aborted) return {}
          return { body: success(await select(selector, atMs, store, samplesMax)) }
        })
      },
    }),
  ]
}

async function select(
  { matchers, rangeMs }: Selector,
  atMs: number,
  store: Store,
  samplesMax: number,
): Promise<object> {
  // Open on the left, as in Prometheus: of a range of 5m at 12:00, a sample of 11:55:00.000 is no part.
  const range = { fromMs: atMs - (rangeMs ?? lookbackMs) + 1, toMs: atMs }
  const found = await store.select(matchers, range)
  if (rangeMs === undefined) {
    return { resultType: 'vector', result: found.flatMap(each => newest(each, atMs)) }
  }
  const samples = found.reduce((sum, { tMs }) => sum + tMs.length, 0)
  if (samples > samplesMax) {
    throw new Failure('too_many_samples', `found ${samples} samples, wanted at most ${samplesMax}`)
  }
  return { resultType: 'matrix', result: found.flatMap(allOf) }
}

function newest({ series, tMs, values }: SeriesSamples, atMs: number): object[] {
  const at = tMs.length - 1
  return isStale(values, at) ? [] : [{ metric: metricOf(series), value: pair(atMs, values[at]!) }]
}

function allOf({ series, tMs, values }: SeriesSamples): object[] {
  const pairs: (readonly [number, string])[] = []
  for (const [at, value] of values.entries()) if (!isStale(values, at)) pairs.push(pair(tMs[at]!, value))
  return pairs.length === 0 ? [] : [{ metric: metricOf(series), values: pairs }]
}

function momentMs(text: string): number {
  const seconds = Number(text)
  const tMs = text.trim() !== '' && Number.isFinite(seconds) ? Math.round(seconds * 1_000) : Date.parse(text)
  if (Number.isFinite(tMs)) return tMs
  throw new Failure('bad_query', `time: wanted seconds since 1970 or RFC 3339, found ${JSON.stringify(text)}`)
}
