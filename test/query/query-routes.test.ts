import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { writeStale } from '#core/stale.ts'
import type { Store } from '#core/store.ts'
import { defaultLimits } from '../../query/limits.ts'
import { queryRoutes } from '../../query/query-routes.ts'
import { apiOver, minute, nowMs, type Said, samples, series, storeOf } from './kept.ts'

const nowS = nowMs / 1_000

const up = samples(series('up', { host: 'a', Zone: 'z' }), [
  [nowMs - 6 * minute, 1],
  [nowMs - 4 * minute, 0.5],
  [nowMs - minute, 2e21],
])
const gone = samples(series('up', { host: 'b' }), [
  [nowMs - 2 * minute, 1],
  [nowMs - minute, 0],
])
writeStale(gone.values, 1)
const odd = samples(series('odd.name', { 'host.name': '磁盘 "a"\\\n' }), [[nowMs, -1.5e-9]])

const store = storeOf([up, gone, odd])
const { ask, raw } = apiOver(store)

const metric = { Zone: 'z', __name__: 'up', host: 'a' }
const text = async (path: string, said: Said) => (await raw(path, said)).body

const success = (data: unknown, more: object = {}) => ({
  status: 200,
  body: { status: 'success', data, ...more },
})

test('an instant is answered to the letter, labels by name', async () => {
  const t = async (said: Said, data: string) =>
    expect(await text('query', said)).toBe(`{"status":"success","data":${data}}`)

  await t(
    { query: 'up' },
    `{"resultType":"vector","result":[{"metric":{"Zone":"z","__name__":"up","host":"a"},"value":[${nowS},"2e+21"]}]}`,
  )
  await t(
    { query: '{"odd.name"}' },
    `{"resultType":"vector","result":[{"metric":{"__name__":"odd.name","host.name":"磁盘 \\"a\\"\\\\\\n"},"value":[${nowS},"-1.5e-09"]}]}`,
  )
  await t(
    { query: 'sum(up)', time: `${nowS - 200}.0004` },
    `{"resultType":"vector","result":[{"metric":{},"value":[${nowS - 200},"0.5"]}]}`,
  )
  await t({ query: '1e-9' }, `{"resultType":"scalar","result":[${nowS},"0.000000001"]}`)
  await t({ query: '"a\\t"', time: '1.25' }, '{"resultType":"string","result":[1.25,"a\\t"]}')
  await t(
    { query: 'vector(1)', time: '1.25' },
    '{"resultType":"vector","result":[{"metric":{},"value":[1.250,"1"]}]}',
  )
  await t(
    { query: 'vector(1)[1s:500ms]', time: '1.5' },
    '{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"],[1.500,"1"]]}]}',
  )
  await t({ query: 'up', time: '-1' }, '{"resultType":"vector","result":[]}')
  await t({ query: 'up', time: '2026-11-20T13:00:00Z' }, '{"resultType":"vector","result":[]}')
  // Stale markers end a series and are no part of a window.
  await t(
    { query: 'up{host="b"}[4m]' },
    `{"resultType":"matrix","result":[{"metric":{"__name__":"up","host":"b"},"values":[[${nowS - 120},"1"]]}]}`,
  )
})

test('whoever asks is told how long it took, behind the result', async () => {
  const times = [
    'evalTotalTime',
    'resultSortTime',
    'queryPreparationTime',
    'innerEvalTime',
    'execQueueTime',
    'execTotalTime',
  ]
  const said = { stats: 'all', start: `${nowS}`, end: `${nowS}`, step: '15' }
  for (const path of ['query', 'query_range']) {
    for (const query of ['up', '1']) {
      const whole = JSON.parse(String(await text(path, { ...said, query })))
      expect(Object.keys(whole.data.stats.timings), path).toEqual(times)
      expect(whole.data.result.length).toBeGreaterThan(0)
    }
  }
  expect(JSON.parse(String(await text('query', { query: '"a"', stats: '1' }))).data).toHaveProperty('stats')
  expect(await text('query', { query: 'up' })).not.toContain('stats')
})

test('a range is answered step by step', async () => {
  const asked = { query: 'up', start: `${nowS - 240}`, end: '2026-11-20T12:00:00+00:00' }
  const points = async (step: string) =>
    ((await ask('query_range', { ...asked, step })).body as { data: { result: { values: unknown }[] } }).data
      .result[0]?.values

  expect(await points('2m')).toEqual([
    [nowS - 240, '0.5'],
    [nowS - 120, '0.5'],
    [nowS, '2e+21'],
  ])
  expect(await points('120.5')).toEqual([
    [nowS - 240, '0.5'],
    [nowS - 119.5, '0.5'],
  ])
  expect(await ask('query_range', { ...asked, query: 'vector(1)', step: '240' })).toEqual(
    success({ resultType: 'matrix', result: [{ metric: {}, values: [[nowS - 240, '1'], [nowS, '1']] }] }), // biome-ignore format: a row
  )
})

test('what is asked for wrongly is refused in the words of Prometheus', async () => {
  const range = { query: 'up', start: '0', end: '60', step: '15' }
  const t = async (path: string, said: Said, error: string) =>
    expect(await ask(path, said), JSON.stringify(said)).toEqual({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error: expect.stringMatching(error) },
    })
  const invalid = (name: string, what: string): string => `^invalid parameter "${name}": ${what}$`

  const noTime = (text: string): string => `cannot parse "${text}" to a valid timestamp`
  await t(
    'query',
    { query: 'up', time: 'noon' },
    invalid('time', `invalid time value for 'time': ${noTime('noon')}`),
  )
  // Days and numbers that there are not.
  for (const time of ['2026-02-30T00:00:00Z', '2026-11-20T24:00:00Z', '2026-13-01T00:00:00Z', '1e400']) {
    await t('query', { query: 'up', time }, invalid('time', `.*${noTime(time)}`))
  }
  const huge = '99999999999999999999'
  await t(
    'query',
    { query: 'up', limit: huge },
    invalid('limit', `strconv.Atoi: parsing "${huge}": value out of range`),
  )
  await t('query', { query: 'up', time: ' 5' }, invalid('time', `.*${noTime(' 5')}`))
  await t('query', { query: 'up', time: 'Infinity' }, invalid('time', `.*${noTime('Infinity')}`))
  await t('query', { query: 'up', timeout: 'x' }, invalid('timeout', 'cannot parse "x" to a valid duration'))
  await t(
    'query',
    { query: 'up', limit: '1.5' },
    invalid('limit', 'strconv.Atoi: parsing "1.5": invalid syntax'),
  )
  await t('query', { query: 'up', limit: '-1' }, invalid('limit', 'limit must be non-negative'))
  await t(
    'query',
    { query: 'up', lookback_delta: 'x' },
    '^error parsing lookback delta duration: cannot parse "x"',
  )
  await t('query', { query: 'up{host=a}' }, '^invalid parameter "query": 1:9: parse error: found a')
  await t('query', {}, '^invalid parameter "query": 1:1: parse error: found nothing')
  await t('query', { query: 'up{host=~"("}' }, '^invalid parameter "query": 1:10: parse error: ')

  await t('query_range', { ...range, start: '' }, invalid('start', noTime('')))
  await t('query_range', { ...range, end: 'x' }, invalid('end', noTime('x')))
  await t(
    'query_range',
    { ...range, end: '-1' },
    invalid('end', 'end timestamp must not be before start time'),
  )
  await t('query_range', { ...range, step: '' }, invalid('step', 'cannot parse "" to a valid duration'))
  await t('query_range', { ...range, step: '1e30' }, invalid('step', '.*It overflows int64'))
  const noStep = 'zero or negative query resolution step widths are not accepted. Try a positive integer'
  await t('query_range', { ...range, step: '0' }, invalid('step', noStep))
  await t('query_range', { ...range, step: '-1' }, invalid('step', noStep))
  await t(
    'query_range',
    { ...range, end: '11001', step: '1' },
    '^exceeded maximum resolution of 11,000 points per timeseries',
  )
  const noRange = (type: string): string =>
    invalid('query', `invalid expression type "${type}" for range query, must be Scalar or instant Vector`)
  await t('query_range', { ...range, query: 'up[5m]' }, noRange('range vector'))
  await t('query_range', { ...range, query: '"a"' }, noRange('string'))

  await t('series', {}, '^no match\\[\\] parameter provided$')
  await t('series', { 'match[]': 'up{' }, '^invalid parameter "match\\[\\]": 1:3: parse error: ')
  await t('series', { 'match[]': 'up[5m]' }, 'wanted a selector like')
  await t('series', { 'match[]': 'up offset 5m' }, 'wanted a selector like')
  await t(
    'series',
    { 'match[]': 'up', start: 'x' },
    invalid('start', `invalid time value for 'start': ${noTime('x')}`),
  )
  await t('labels', { 'match[]': 'up{' }, '^1:3: parse error: ')
  await t('label/host/values', { limit: 'x' }, '^invalid parameter "limit"')
  await t('format_query', { query: '(' }, '^invalid parameter "query": 1:')
  await t('query_exemplars', { query: '(' }, '^1:1: parse error: ')
  await t(
    'query_exemplars',
    { query: 'up', start: '2', end: '1' },
    '^end timestamp must not be before start timestamp$',
  )
  await t('metadata', { limit: 'x' }, '^limit must be a number$')
  await t('metadata', { limit_per_metric: 'x' }, '^limit_per_metric must be a number$')
})

test('a whole range of points is allowed, one more is not', async () => {
  const t = async (end: string) =>
    (await ask('query_range', { query: 'vector(1)', start: '0', end, step: '1' })).status
  expect(await t('11000')).toBe(200)
  expect(await t('11001')).toBe(400)
})

test('of a parameter that is said twice the first counts, and limits are kept', async () => {
  const at = String(nowS - 90)
  expect(await ask('query', { query: ['count(up)', 'up'], time: at })).toMatchObject({
    body: { data: { result: [{ value: [nowS - 90, '2'] }] } },
  })
  const warnings = ['results truncated due to limit']
  expect(await ask('query', { query: 'up', time: at, limit: '1' })).toEqual(
    success({ resultType: 'vector', result: [{ metric, value: [nowS - 90, '0.5'] }] }, { warnings }),
  )
  expect((await ask('query', { query: 'up', time: at, limit: '2' })).body).not.toHaveProperty('warnings')
  expect(await ask('series', { 'match[]': 'up', limit: '1' })).toEqual(success([metric], { warnings }))
  expect(await ask('labels', { limit: '2' })).toEqual(success(['Zone', '__name__'], { warnings }))
})

test('warnings and infos stand beside the data, ten of each', async () => {
  const { body } = await ask('query', { query: 'quantile(2, up)' })
  expect(body).toMatchObject({ warnings: [expect.stringContaining('between 0 and 1, got 2')] })
  const many = Array.from({ length: 12 }, (_, at) => `quantile(${at + 2}, up)`).join(' or ')
  const { warnings } = (await ask('query', { query: many })).body as { warnings: string[] }
  expect(warnings).toHaveLength(11)
  expect(warnings.at(-1)).toBe('2 more warning annotations omitted')
})

test('how far back a sample counts can be said', async () => {
  const t = async (lookback_delta: string) =>
    ((await ask('query', { query: 'up', lookback_delta })).body as { data: { result: unknown[] } }).data
      .result.length
  expect(await t('30s')).toBe(0)
  expect(await t('61')).toBe(1)
})

test('series, labels and their values', async () => {
  const t = async (path: string, said: Said, data: unknown) =>
    expect(await ask(path, said), path).toEqual(success(data))
  const b = { __name__: 'up', host: 'b' }
  const strange = { __name__: 'odd.name', 'host.name': '磁盘 "a"\\\n' }

  await t('series', { 'match[]': 'up' }, [metric, b])
  await t('series', { 'match[]': ['up{host="b"}', '{__name__=~".+"}'] }, [metric, strange, b])
  await t('series', { 'match[]': ['up{host="a"}', 'up', 'none', 'up'] }, [metric, b])
  await t('series', { 'match[]': 'up', start: String(nowS - 30) }, [])
  await t('series', { 'match[]': 'up', end: '-1' }, [])
  await t('labels', {}, ['Zone', '__name__', 'host', 'host.name'])
  await t('labels', { 'match[]': ['{host="b"}', '{Zone="z"}'] }, ['Zone', '__name__', 'host'])
  await t('label/host/values', {}, ['a', 'b'])
  await t('label/__name__/values', {}, ['odd.name', 'up'])
  await t('label/host/values', { 'match[]': 'up{Zone="z"}' }, ['a'])
  await t('label/U__host_2e_name/values', {}, ['磁盘 "a"\\\n'])
  await t('label/nowhere/values', {}, [])
})

test('what several selectors find is sorted, up to as many as nobody has to wait for', async () => {
  const t = async (count: number, first: string) => {
    const all = Array.from({ length: count }, (_, at) => series('up', { host: String(count - at) }))
    const api = apiOver({ series: async () => all } as Partial<Store> as Store)
    const { body } = await api.ask('series', { 'match[]': ['up', 'up'], limit: '1' })
    expect((body as { data: unknown }).data, `${count}`).toEqual([{ __name__: 'up', host: first }])
  }
  await t(20_000, '1')
  await t(20_001, '20001')
})

test('what clients ask beside samples', async () => {
  const t = async (path: string, said: Said, data: unknown) =>
    expect(await ask(path, said), path).toEqual(success(data))

  await t('format_query', { query: 'sum(up)by(host)' }, 'sum by (host) (up)')
  await t('query_exemplars', { query: 'up' }, [])
  await t(
    'metadata',
    { metric: 'cpu_usage_idle' },
    {
      cpu_usage_idle: [{ type: 'gauge', help: expect.stringContaining('nothing to do'), unit: '%' }],
    },
  )
  await t('metadata', { metric: 'no_such_thing' }, {})
  const { body } = await ask('metadata', { limit: '3' })
  expect(Object.keys((body as { data: object }).data)).toHaveLength(3)

  const { data } = (await ask('status/buildinfo')).body as { data: Record<string, string> }
  // Grafana takes whoever tells of features for Mimir, and asks for labels with selectors from 2.24 on.
  expect(data).not.toHaveProperty('features')
  expect(data).toMatchObject({ version: '3.0.0', application: 'Plimsoll', revision: 'plimsoll-0.1.0' })
})

test('a question that costs too much ends, is told why, and is counted', async () => {
  const own = openOwnMetrics()
  const t = async (limits: object, said: Said, error: string) => {
    const api = apiOver(store, { own, limits: { ...defaultLimits, ...limits } })
    expect(await api.ask('query', said)).toEqual({
      status: 422,
      body: { status: 'error', errorType: 'execution', error: expect.stringContaining(error) },
    })
  }
  const many = 'query processing would load too many samples into memory in query execution: '
  await t({ samples: 2 }, { query: '{__name__=~".+"}[1y]' }, many)
  await t(
    { series: 1 },
    { query: '{__name__=~".+"}[1y]' },
    `${many}a selector finds 3 series, at most 1 may be`,
  )
  await t({ samples: 1_000 }, { query: 'sum_over_time(vector(1)[1y:1s])' }, many)
  await t({ samples: 1_000 }, { query: 'max_over_time(max_over_time(up[5m:1s])[1h:1s])' }, many)
  expect(await own.text()).toContain('plimsoll_query_ended_total{because="samples"} 4')

  const api = apiOver(store, { limits: { ...defaultLimits, series: 1 } })
  expect(await api.ask('series', { 'match[]': 'up' })).toMatchObject({ status: 422 })
  expect(await api.ask('series', { 'match[]': 'up', limit: '1' })).toMatchObject({ status: 200 })
})

test('a store that fails is told of as such, with its reason', async () => {
  const t = async (failure: Error, status: number, errorType: string) => {
    const failing = async (): Promise<never> => {
      throw failure
    }
    const { ask } = apiOver({ select: failing, series: failing } as Partial<Store> as Store)
    for (const [path, said] of [
      ['query', { query: 'up' }],
      ['series', { 'match[]': 'up' }],
    ] as const) {
      expect(await ask(path, said)).toMatchObject({ status, body: { status: 'error', errorType } })
    }
  }
  await t(
    new Failure('store_unavailable', 'influx:8086: no whole answer within 60000 ms'),
    503,
    'unavailable',
  )
  await t(new Failure('store_corrupt', 'seg-7: a block ends early'), 503, 'unavailable')
  await t(new Failure('too_many_samples', 'over 5 samples lie in what was asked for'), 422, 'execution')
})

test('whoever goes away ends the work of the store', async () => {
  let heard: AbortSignal | undefined
  const asked = Promise.withResolvers<void>()
  const waiting: Store['select'] = (_, __, signal) => {
    heard = signal
    asked.resolve()
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
  const { raw } = apiOver({ select: waiting } as Partial<Store> as Store)
  const caller = new AbortController()
  const answer = raw('query', { query: 'up' }, caller.signal)
  await asked.promise
  caller.abort()
  await expect(answer).rejects.toMatchObject({ code: 'query_canceled' })
  expect(heard?.aborted).toBe(true)
})

test('a large answer is written while it is taken, and is the same', async () => {
  const tMs = Float64Array.from({ length: 20_000 }, (_, at) => nowMs - 20_000 + at)
  const long = { series: series('long', {}), tMs, values: tMs.map(each => each / 7) }
  const { raw } = apiOver(storeOf([long]))
  const { body } = await raw('query', { query: 'long[1m]', time: String(nowS) })
  expect(body).toBeInstanceOf(Readable)
  const pieces: Buffer[] = []
  for await (const piece of body as Readable) pieces.push(piece as Buffer)
  expect(pieces.length).toBeGreaterThan(5)
  const { data } = JSON.parse(Buffer.concat(pieces).toString()) as {
    data: { result: { values: [number, string][] }[] }
  }
  const values = data.result[0]!.values
  expect(values).toHaveLength(20_000)
  expect(values[12_345]).toEqual([tMs[12_345]! / 1_000, String(long.values[12_345])])
})

test('a large answer is packed for whoever takes that', async () => {
  const tMs = Array.from({ length: 20_000 }, (_, at) => nowMs - (20_000 - at) * 1_000)
  const long = samples(
    series('long', {}),
    tMs.map((each, at) => [each, at]),
  )
  const { raw } = apiOver(storeOf([long]))
  const asked = (encodings: string, query = 'long[1d]') =>
    raw('query', { query }, undefined, { 'accept-encoding': encodings })
  const { headers, body } = await asked('gzip')
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
  const packed = Buffer.concat(await (body as Readable).toArray())
  const plain = Buffer.concat(await ((await asked('identity')).body as Readable).toArray())
  expect(gunzipSync(packed).equals(plain)).toBe(true)
  expect((await asked('gzip', '1')).headers).not.toHaveProperty('content-encoding')
})

test('samples are counted for whoever asks', async () => {
  const { body } = await raw('query', { query: 'up', stats: 'all' })
  expect(JSON.parse(String(body)).data.stats.samples).toEqual({
    totalQueryableSamples: 1,
    samplesRead: 4,
    peakSamples: 4,
  })
})

test('who has no time for an answer gets none, every time', async () => {
  for (const timeout of ['0', '-1', '0s']) {
    expect(await ask('query', { query: '1', timeout }), timeout).toMatchObject({
      status: 503,
      body: { errorType: 'timeout' },
    })
  }
})

test('times are rounded as Go does it', async () => {
  const t = async (time: string, found: number) =>
    expect(await ask('query', { query: 'time()', time })).toEqual(
      success({ resultType: 'scalar', result: [found, String(found)] }),
    )
  await t('1.0005', 1)
  await t('1.0015', 1.002)
  await t('1.0625', 1.063)
  await t('-1.0625', -1.063)
  await t('1700000000.1234', 1_700_000_000.123)
})

test('series of several selectors stand in the order of their labels', async () => {
  const kept = ['b', 'a', 'c'].map(host => samples(series('up', { host }), [[nowMs, 1]]))
  const { ask } = apiOver(storeOf([...kept, samples(series('down', { host: 'z' }), [[nowMs, 1]])]))
  const said = { 'match[]': ['up', '{host="z"}'] }
  const hosts = async (more: Said = {}) =>
    ((await ask('series', { ...said, ...more })).body as { data: { host: string }[] }).data.map(
      each => each.host,
    )
  expect(await hosts()).toEqual(['z', 'a', 'b', 'c'])
  expect(await hosts({ limit: '2' })).toEqual(['z', 'a'])
})

test('exemplars of no series are nothing', async () => {
  expect(await raw('query_exemplars', { query: '1' })).toEqual({})
  expect(await ask('query_exemplars', { query: 'sum(rate(up[1m]))' })).toEqual(success([]))
})

test('every route is for readers', () => {
  expect(new Set(queryRoutes({ store, clock: { nowMs: () => 0 } as never }).map(each => each.scope))).toEqual(
    new Set(['read']),
  )
})

test('the log says who asked what, of look-ups too', async () => {
  const lines: string[] = []
  using log = openLog({ write: line => void lines.push(line) })
  const broken: Store = {
    ...store,
    labelNames: () => Promise.reject(new Failure('store_unavailable', 'away')),
  }
  const { ask } = apiOver(broken, { log })
  expect((await ask('labels', { 'match[]': ['up', 'odd'] })).status).toBe(503)
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { code: 'store_unavailable', who: 'grafana', question: 'labels up odd' },
  ])
})
