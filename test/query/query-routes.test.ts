import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Call } from '#core/http/route.ts'
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Series } from '#core/model.ts'
import { writeStale } from '#core/stale.ts'
import type { Range, SeriesSamples, Store } from '#core/store.ts'
import { valueText } from '../../query/prometheus-json.ts'
import { queryRoutes } from '../../query/query-routes.ts'

const nowMs = Date.UTC(2026, 10, 20, 12)
const minute = 60_000

// A store of a few series in memory.
function storeOf(all: readonly SeriesSamples[]): Store {
  const within = ({ series, tMs, values }: SeriesSamples, { fromMs, toMs }: Range): SeriesSamples => {
    const places = [...tMs.keys()].filter(at => tMs[at]! >= fromMs && tMs[at]! <= toMs)
    const [from, to] = [places[0] ?? 0, (places.at(-1) ?? -1) + 1]
    return { series, tMs: tMs.slice(from, to), values: values.slice(from, to) }
  }
  const select: Store['select'] = async (matchers, range) =>
    all
      .filter(each => matches(each.series, matchers))
      .map(each => within(each, range))
      .filter(each => each.tMs.length > 0)
  return { select } as unknown as Store
}

const series = (name: string, labels: Record<string, string>): Series => ({
  name,
  labels: labelsOf(Object.entries(labels)),
})

const samples = (one: Series, points: readonly (readonly [number, number])[]): SeriesSamples => ({
  series: one,
  tMs: Float64Array.from(points, ([tMs]) => tMs),
  values: Float64Array.from(points, ([, value]) => value),
})

const up = samples(series('up', { host: 'a' }), [
  [nowMs - 6 * minute, 1],
  [nowMs - 4 * minute, 0.5],
  [nowMs - minute, 2e21],
])
const gone = samples(series('up', { host: 'b' }), [
  [nowMs - 2 * minute, 1],
  [nowMs - minute, 0],
])
writeStale(gone.values, 1)

const { signal } = new AbortController()

const ask = async (query: Record<string, string>): Promise<unknown> => {
  const [route] = queryRoutes({ store: storeOf([up, gone]), clock: new SimulatedClock(nowMs) })
  const { body } = await route!.handle({ query, signal } as unknown as Call)
  return (body as { data: unknown }).data
}

test('a plain selector answers the newest sample that is not stale, at the time asked for', async () => {
  const metric = { __name__: 'up', host: 'a' }

  expect(await ask({ query: 'up' })).toEqual({
    resultType: 'vector',
    result: [{ metric, value: [nowMs / 1_000, '2000000000000000000000'] }],
  })
  expect(await ask({ query: 'up', time: String(nowMs / 1_000 - 90) })).toMatchObject({
    result: [{ metric, value: [nowMs / 1_000 - 90, '0.5'] }, { metric: { host: 'b' } }],
  })
  expect(await ask({ query: 'up', time: '2026-11-20T13:00:00Z' })).toEqual({
    resultType: 'vector',
    result: [],
  })
})

test('a range is open on the left and leaves stale markers out', async () => {
  expect(await ask({ query: 'up[4m]' })).toEqual({
    resultType: 'matrix',
    result: [
      { metric: { __name__: 'up', host: 'a' }, values: [[nowMs / 1_000 - 60, '2000000000000000000000']] },
      { metric: { __name__: 'up', host: 'b' }, values: [[nowMs / 1_000 - 120, '1']] },
    ],
  })
})

test('refuses times that are none', async () => {
  await expect(ask({ query: 'up', time: 'noon' })).rejects.toThrow('wanted seconds since 1970')
  await expect(ask({ query: 'up', time: '' })).rejects.toThrow('wanted seconds since 1970')
})

test('values are written as Prometheus writes them', () => {
  const t = (value: number, text: string) => expect(valueText(value)).toBe(text)

  t(0, '0')
  t(-0, '-0')
  t(1.5, '1.5')
  t(0.1 + 0.2, '0.30000000000000004')
  t(1e21, '1000000000000000000000')
  t(-1.25e22, '-12500000000000000000000')
  t(1e-7, '0.0000001')
  t(-1.5e-9, '-0.0000000015')
  t(Number.NaN, 'NaN')
  t(Number.POSITIVE_INFINITY, '+Inf')
  t(Number.NEGATIVE_INFINITY, '-Inf')
})

test('an answer is refused when it would be larger than memory has room for', async () => {
  const options = { store: storeOf([up, gone]), clock: new SimulatedClock(nowMs) }
  const t = async (samplesMax: number) => {
    const [route] = queryRoutes({ ...options, samplesMax })
    return route!.handle({ query: { query: 'up[10m]' }, signal } as unknown as Call)
  }
  expect(await t(5)).toHaveProperty('body')
  await expect(t(4)).rejects.toThrow('found 5 samples, wanted at most 4')
})
