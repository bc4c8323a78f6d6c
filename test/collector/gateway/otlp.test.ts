// What OpenTelemetry's exporters meet, and how their metrics look here.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { gatewayLimits } from '../../../collector/gateway/gateway-routes.ts'
import { runs } from '../../runs.ts'
import { byName, nowMs, openGateway, type Told } from './gateway.ts'
import { type Attribute, jsonOf, type Metric, protobufOf, type Request, type Value } from './otlp-writer.ts'
import { bytes, double, type Field, fixed64, message, text, varint } from './protobuf-writer.ts'

const path = '/v1/metrics'
const json = { 'content-type': 'application/json', 'user-agent': 'OTel-OTLP-Exporter-JavaScript/0.200.0' }
const protobuf = { 'content-type': 'application/x-protobuf' }
const timeUnixNano = `${nowMs}000000`
const at = (tMs: number): { timeUnixNano: string } => ({ timeUnixNano: `${tMs}000000` })

const attribute = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } })
const of = (metrics: Metric[], ...attributes: Attribute[]): Request => ({
  resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }],
})
const gauge = (name: string, value: number, more: object = {}): Metric => ({
  name,
  gauge: { dataPoints: [{ timeUnixNano, asDouble: value, ...more }] },
})

type Gateway = ReturnType<typeof openGateway>

// Sends both ways to two gateways and holds them to one outcome.
async function told(request: Request, options: Parameters<typeof openGateway>[0] = {}): Promise<Told[]> {
  const [one, other] = [openGateway(options), openGateway(options)]
  const asJson = await one.post(path, jsonOf(request), { headers: json })
  const asProtobuf = await other.post(path, protobufOf(request), { headers: protobuf })
  expect(asJson.status).toBe(200)
  expect(asProtobuf.status).toBe(200)
  expect(other.told).toEqual(one.told)
  return byName(one.told)
}

const plain = (all: readonly Told[]): string[] => all.map(({ series, value }) => `${series} ${value}`)

test('names metrics as Prometheus does', async () => {
  const t = async (
    metric: Omit<Metric, 'gauge' | 'sum'>,
    kind: 'gauge' | 'counter' | 'updown',
    name: string,
  ) => {
    const dataPoints = [{ timeUnixNano, asDouble: 1 }]
    const sum = { dataPoints, aggregationTemporality: 2, isMonotonic: kind === 'counter' }
    const request = of([{ ...metric, ...(kind === 'gauge' ? { gauge: { dataPoints } } : { sum }) }])
    expect(plain(await told(request)), JSON.stringify(metric)).toEqual([`${name} 1`])
  }
  await t({ name: 'system.memory.usage', unit: 'By' }, 'gauge', 'system_memory_usage_bytes')
  await t({ name: 'requests' }, 'counter', 'requests_total')
  await t({ name: 'requests.total' }, 'counter', 'requests_total')
  await t({ name: 'total.of.requests' }, 'counter', 'of_requests_total')
  await t({ name: 'http.server.duration', unit: 'ms' }, 'gauge', 'http_server_duration_milliseconds')
  await t({ name: 'disk.io', unit: 'By/s' }, 'gauge', 'disk_io_bytes_per_second')
  await t({ name: 'speed', unit: 'km/h' }, 'gauge', 'speed_km_per_hour')
  await t({ name: 'cpu.utilization', unit: '1' }, 'gauge', 'cpu_utilization_ratio')
  await t({ name: 'jobs', unit: '1' }, 'counter', 'jobs_total')
  await t({ name: 'queue.size', unit: '{requests}' }, 'updown', 'queue_size')
  await t({ name: 'rate', unit: '{requests}/s' }, 'gauge', 'rate_per_second')
  // A unit that the name says already is not said again.
  await t({ name: 'wait_seconds', unit: 's' }, 'gauge', 'wait_seconds')
  await t({ name: 'requests.per.second', unit: '{requests}/s' }, 'gauge', 'requests_per_second')
  await t({ name: 'bytes.per.second', unit: 'By/s' }, 'gauge', 'bytes_per_second')
  await t({ name: 'a..b__c-d:e' }, 'gauge', 'a_b_c_d:e')
  await t({ name: '5xx' }, 'gauge', '_5xx')
  await t({ name: 'odd', unit: 'constructor' }, 'gauge', 'odd_constructor')
})

test('makes labels of attributes, and of the resource what tells targets apart', async () => {
  const point = {
    attributes: [
      attribute('http.method', 'GET'),
      attribute('5xx', 'no'),
      attribute('_private', 'yes'),
      attribute('__proto__', 'plain'),
      attribute('empty', ''),
      // Both become a_b.
      attribute('a.b', '1'),
      attribute('a_b', '2'),
    ],
  }
  const resource = [
    attribute('service.name', 'shop'),
    attribute('service.namespace', 'eu'),
    attribute('service.instance.id', 'i-1'),
    attribute('host.name', 'h1'),
    attribute('k8s.pod.name', 'shop-1'),
  ]
  const common = 'host="h1",http_method="GET",instance="i-1",job="eu/shop"'
  expect(plain(await told(of([gauge('m', 1, point)], ...resource)))).toEqual([
    `m{__proto__="plain",a_b="1;2",${common},key_5xx="no",key_private="yes"} 1`,
    'target_info{host="h1",host_name="h1",instance="i-1",job="eu/shop",k8s_pod_name="shop-1"} 1',
  ])
  const promoted = await told(of([gauge('m', 1)], ...resource), { promote: ['k8s.pod.name', 'absent'] })
  expect(promoted[0]?.series).toBe('m{host="h1",instance="i-1",job="eu/shop",k8s_pod_name="shop-1"}')
})

test('an attribute called __name__ is no label: the metric has its own name', async () => {
  const name = attribute('__name__', 'other')
  const request = of([gauge('m', 1, { attributes: [name] })], attribute('service.name', 'shop'), name)
  const series = ['m{job="shop"} 1']
  expect(plain(await told(request, { promote: ['__name__'] }))).toEqual([
    ...series,
    'target_info{job="shop"} 1',
  ])
})

test('has no target_info where there is nothing to tell, or nobody to tell it of', async () => {
  const names = async (...resource: Attribute[]) => {
    const all = await told(of([gauge('m', 1)], ...resource))
    return all.map(each => each.series)
  }
  expect(await names()).toEqual(['m'])
  expect(await names(attribute('service.name', 'shop'))).toEqual(['m{job="shop"}'])
  expect(await names(attribute('os.type', 'linux'))).toEqual(['m'])
})

test('writes attributes of every type as text', async () => {
  const t = async (value: Value, label: string) => {
    const all = await told(of([gauge('m', 1, { attributes: [{ key: 'a', value }] })]))
    expect(all[0]?.series, label).toBe(`m{a="${label}"}`)
  }
  await t({ stringValue: 'x y' }, 'x y')
  await t({ boolValue: true }, 'true')
  await t({ boolValue: false }, 'false')
  await t({ intValue: '-7' }, '-7')
  await t({ intValue: '9223372036854775807' }, '9223372036854775807')
  await t({ intValue: '-9223372036854775808' }, '-9223372036854775808')
  await t({ doubleValue: 0.5 }, '0.5')
  await t({ bytesValue: 'AAH/' }, 'AAH/')
  await t({ arrayValue: { values: [{ intValue: '1' }, { stringValue: 'b' }] } }, '[1,"b"]')
  const pairs = [attribute('k', 'v'), { key: '__proto__', value: { boolValue: true } }]
  await t({ kvlistValue: { values: pairs } }, '{"k":"v","__proto__":true}')
})

test('reads integers, special values, and points without a time', async () => {
  const points = [
    { timeUnixNano, asInt: '-42', attributes: [attribute('k', 'int')] },
    { timeUnixNano, asDouble: 'NaN', attributes: [attribute('k', 'nan')] },
    { timeUnixNano, asDouble: '-Infinity', attributes: [attribute('k', 'inf')] },
    { asDouble: 0, attributes: [attribute('k', 'now')] },
    // Rounded down to the millisecond, exactly.
    { timeUnixNano: `${nowMs - 1}999999`, asDouble: 1, attributes: [attribute('k', 'round')] },
    // The series has ended.
    { timeUnixNano, flags: 1, attributes: [attribute('k', 'stale')] },
  ]
  const all = await told(of([{ name: 'm', gauge: { dataPoints: points } }]))
  expect(plain(all)).toEqual([
    'm{k="inf"} -Infinity',
    'm{k="int"} -42',
    'm{k="nan"} NaN',
    'm{k="now"} 0',
    'm{k="round"} 1',
    'm{k="stale"} stale',
  ])
  expect(all.map(each => each.tMs - nowMs)).toEqual([0, 0, 0, 0, -1, 0])
})

test('makes the classic series of histograms and summaries', async () => {
  const histogram: Metric = {
    name: 'latency',
    unit: 's',
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [
        { timeUnixNano, count: '10', sum: 12.5, bucketCounts: ['1', '3', '6'], explicitBounds: [0.005, 10] },
      ],
    },
  }
  const summary: Metric = {
    name: 'rpc',
    summary: {
      dataPoints: [{ timeUnixNano, count: '4', sum: 8, quantileValues: [{ quantile: 0.5, value: 1.5 }] }],
    },
  }
  expect(plain(await told(of([histogram, summary])))).toEqual([
    'latency_seconds_bucket{le="+Inf"} 10',
    'latency_seconds_bucket{le="0.005"} 1',
    'latency_seconds_bucket{le="10"} 4',
    'latency_seconds_count 10',
    'latency_seconds_sum 12.5',
    'rpc_count 4',
    'rpc_sum 8',
    'rpc{quantile="0.5"} 1.5',
  ])
})

test('tells series apart that differ in metric, target, attributes or bounds alone, however often they come', async () => {
  const point = (bound: number, id: string) => ({
    timeUnixNano,
    attributes: [attribute('id', id)],
    count: '2',
    bucketCounts: ['1', '1'],
    explicitBounds: [bound],
  })
  const histogram = (name: string, bound: number, id: string): Metric => ({
    name,
    histogram: { aggregationTemporality: 2, dataPoints: [point(bound, id)] },
  })
  const metrics = [
    histogram('a', 1, 'x'),
    histogram('a', 2, 'x'),
    histogram('a', 1, 'y'),
    histogram('b', 1, 'x'),
    gauge('a', 1, { attributes: [attribute('id', 'x')] }),
  ]
  const targets = ['one', 'two'].map(name => of(metrics, attribute('service.name', name)).resourceMetrics[0]!)
  const g = openGateway()
  for (const _ of [1, 2]) {
    g.told.length = 0
    await send(g, { resourceMetrics: targets })
    const buckets = new Set(g.told.map(each => each.series).filter(series => series.startsWith('a_bucket')))
    // Per target: x with 1, 2 and +Inf; y with 1 and +Inf.
    expect(buckets.size).toBe(2 * 5)
    expect(new Set(g.told.map(each => each.series)).size).toBe(g.table.size)
  }
  expect(g.table.size).toBe(2 * (5 + 2 + 2 + 1 + 1))
})

test('says in the same encoding how many points it refused, and keeps the others', async () => {
  const t = async (metric: Metric, rejected: number, why: string, options = {}) => {
    const request = of([metric, gauge('good', 1)])
    const asJson = await openGateway(options).post(path, jsonOf(request), { headers: json })
    expect(asJson, why).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: {
        partialSuccess: { rejectedDataPoints: `${rejected}`, errorMessage: expect.stringContaining(why) },
      },
    })
    const { errorMessage } = (asJson.body as { partialSuccess: { errorMessage: string } }).partialSuccess
    const g = openGateway(options)
    const asProtobuf = await g.post(path, protobufOf(request), { headers: protobuf })
    const wanted = message(1, [varint(1, rejected), text(2, errorMessage)])
    expect(asProtobuf, why).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/x-protobuf' },
    })
    expect(Buffer.from(asProtobuf.body as Uint8Array), why).toEqual(Buffer.from(wanted))
    expect(
      g.told.map(each => each.series),
      why,
    ).toEqual(['good'])
    expect(g.count('plimsoll_gateway_rejected_total', { format: 'otlp' }), why).toBe(rejected)
  }
  const dataPoints = [{ timeUnixNano, asDouble: 1 }, at(nowMs)]
  await t({ name: 'm', gauge: { dataPoints: [{ timeUnixNano }] } }, 1, 'found no value')
  await t({ name: '...', gauge: { dataPoints } }, 2, 'no letter')
  await t({ name: 'm', sum: { dataPoints, isMonotonic: true } }, 2, 'found temporality 0')
  await t({ name: 'm', sum: { dataPoints, aggregationTemporality: 1 } }, 2, 'may be negative')
  const exponential = { dataPoints: [{}, {}, {}], aggregationTemporality: 2 }
  await t({ name: 'm', exponentialHistogram: exponential }, 3, 'exponential histogram')
  const uneven = { timeUnixNano, count: '1', bucketCounts: ['1'], explicitBounds: [1, 2] }
  await t({ name: 'm', histogram: { aggregationTemporality: 2, dataPoints: [uneven] } }, 1, 'one more count')
  await t(gauge('m', 1, { timeUnixNano: '1000000000' }), 1, 'wanted a time from 2000')
  await t(gauge('m', 1, { attributes: [attribute('a', 'two\nlines')] }), 1, 'control character')
  await t(gauge('m', 1, { attributes: [attribute('a', '1\u{fffe}b\u{ffff}2')] }), 1, 'U+FFFE')
  const two = [attribute('a', '1'), attribute('b', '2')]
  await t(gauge('m', 1, { attributes: two }), 1, 'found 2 labels', { limits: { ...gatewayLimits, tags: 1 } })
  const long = { limits: { ...gatewayLimits, lineBytes: 10 } }
  await t(gauge('m', 1, { attributes: [attribute('a', 'x'.repeat(10))] }), 1, 'of 11 bytes', long)
  await t({ name: 'x'.repeat(1_025), gauge: { dataPoints } }, 2, 'found a name of 1025 characters')
})

test('what all points of a metric have in common is refused once it is too long to be walked for each', async () => {
  const dataPoints = Array.from({ length: 50 }, (_, each) => ({
    ...{ timeUnixNano, asDouble: 1, attributes: [attribute('each', `${each}`)] },
  }))
  const metrics: Metric[] = [{ name: 'm', gauge: { dataPoints } }]
  const t = async (name: string, message: string, taken: number) => {
    const g = openGateway()
    const answer = await g.post(path, jsonOf(of(metrics, attribute('service.name', name))), { headers: json })
    const body = message === '' ? {} : { partialSuccess: { rejectedDataPoints: '50', errorMessage: message } }
    expect(answer).toMatchObject({ status: 200, body })
    expect(g.told.length).toBe(taken)
  }
  const what = 'found labels of 4097 characters that its resource gives each series, wanted at most 4096'
  await t('x'.repeat(4_093), '', 50)
  await t('x'.repeat(4_094), `metric "m": ${what}`, 0)
})

test('refuses all of a point whose series are too many, not a part of it', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, seriesPerSource: 3 } })
  const point = { timeUnixNano, count: '1', sum: 1, bucketCounts: ['1', '0'], explicitBounds: [1] }
  const request = of([{ name: 'm', histogram: { aggregationTemporality: 2, dataPoints: [point] } }])
  const answer = await g.post(path, jsonOf(request), { headers: json })
  expect(answer).toMatchObject({ status: 200, body: { partialSuccess: { rejectedDataPoints: '1' } } })
  expect(g.told).toEqual([])
})

const delta = (value: number, tMs: number): Request =>
  of([
    {
      name: 'jobs',
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...at(tMs), asDouble: value }] },
    },
  ])
const send = (g: Gateway, request: Request) => g.post(path, jsonOf(request), { headers: json })

test('adds changes up to counters', async () => {
  const g = openGateway()
  for (const [round, change] of [3, 0, 4].entries()) await send(g, delta(change, nowMs + round * 1_000))
  expect(g.told.map(each => each.value)).toEqual([3, 3, 7])
  expect(g.told[0]?.series).toBe('jobs_total')
  expect(g.count('plimsoll_gateway_delta_series')).toBe(1)

  const point = { count: '3', sum: 1.5, bucketCounts: ['1', '2'], explicitBounds: [1] }
  const histogram = (tMs: number): Request =>
    of([{ name: 'h', histogram: { aggregationTemporality: 1, dataPoints: [{ ...at(tMs), ...point }] } }])
  g.told.length = 0
  await send(g, histogram(nowMs))
  await send(g, histogram(nowMs + 1))
  expect(plain(g.told.slice(4))).toEqual([
    'h_bucket{le="1"} 2',
    'h_bucket{le="+Inf"} 6',
    'h_count 6',
    'h_sum 3',
  ])
})

test('adds the changes of a histogram of negative values, whose sum falls', async () => {
  const g = openGateway()
  const point = { count: '2', bucketCounts: ['2', '0'], explicitBounds: [0] }
  const histogram = (sum: number, tMs: number): Request =>
    of([{ name: 'h', histogram: { aggregationTemporality: 1, dataPoints: [{ ...at(tMs), ...point, sum }] } }])
  await send(g, histogram(-7, nowMs))
  await send(g, histogram(3, nowMs + 1))
  expect(plain(g.told.slice(4))).toEqual([
    'h_bucket{le="0"} 4',
    'h_bucket{le="+Inf"} 4',
    'h_count 4',
    'h_sum -4',
  ])
})

test('takes a last bound of infinity for the bucket that counts everything', async () => {
  const g = openGateway()
  const bounds = [1, Number.POSITIVE_INFINITY]
  const point = { ...at(nowMs), count: '5', bucketCounts: ['1', '4', '0'], explicitBounds: bounds }
  const request = of([{ name: 'h', histogram: { aggregationTemporality: 2, dataPoints: [point] } }])
  await g.post(path, protobufOf(request), { headers: protobuf })
  expect(plain(g.told)).toEqual(['h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 5', 'h_count 5'])
})

test('adds changes that happened within a millisecond, in one message too', async () => {
  const dataPoints = [1, 2, 3].map(value => ({
    timeUnixNano: `${nowMs}00${value}000`,
    asInt: `${value}`,
  }))
  const within = of([{ name: 'jobs', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } }])
  const all = await told(within)
  expect(all).toEqual([1, 3, 6].map(value => ({ series: 'jobs_total', tMs: nowMs, value })))
})

test('refuses a change that would spoil its counter for ever', async () => {
  const g = openGateway()
  await send(g, delta(3, nowMs))
  for (const [round, change] of [Number.NaN, -1, Number.POSITIVE_INFINITY].entries()) {
    const odd = JSON.stringify(delta(7, nowMs + 1 + round)).replace('"asDouble":7', `"asDouble":"${change}"`)
    const answer = await g.post(path, odd, { headers: json })
    expect(answer.body, odd).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } })
  }
  await send(g, delta(4, nowMs + 9))
  expect(g.told.map(each => each.value)).toEqual([3, 7])
})

test('adds a change once, also when its sender saw no answer and sends it again', async () => {
  const g = openGateway()
  await send(g, delta(3, nowMs))
  const again = await send(g, delta(3, nowMs))
  expect(again).toMatchObject({ status: 200, body: { partialSuccess: { rejectedDataPoints: '1' } } })
  expect(g.count('plimsoll_gateway_rejected_total', { reason: 'repeated' })).toBe(1)
  await send(g, delta(4, nowMs + 1))
  expect(g.told.map(each => each.value)).toEqual([3, 7])
})

test('forgets a change that could not be stored, so that it counts when it is sent again', async () => {
  const g = openGateway()
  await send(g, delta(3, nowMs))
  g.onPublish(() => Promise.reject(new Failure('overloaded', 'not now')))
  expect((await send(g, delta(4, nowMs + 1))).status).toBe(503)
  expect((await send(g, delta(4, nowMs + 1))).status).toBe(503)
  g.onPublish(async () => {})
  expect((await send(g, delta(4, nowMs + 1))).body).toEqual({})
  expect(g.told.map(each => each.value)).toEqual([3, 7])
})

test('forgets all changes of a message that could not be stored, several of one series too', async () => {
  const g = openGateway()
  await send(g, delta(1, nowMs))
  const dataPoints = [2, 3, 4].map(value => ({ ...at(nowMs + value), asInt: `${value}` }))
  const several = of([{ name: 'jobs', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } }])
  g.onPublish(() => Promise.reject(new Error('EIO')))
  expect((await send(g, several)).status).toBe(503)
  g.onPublish(async () => {})
  expect((await send(g, several)).body).toEqual({})
  expect(g.told.map(each => each.value)).toEqual([1, 3, 6, 10])
})

test('keeps the sums of as many series as it may, and counts what it forgets', async () => {
  const g = openGateway({ deltaSeries: 2 })
  const change = (id: string, tMs: number): Request => {
    const dataPoints = [{ ...at(tMs), asInt: '1', attributes: [attribute('id', id)] }]
    return of([{ name: 'n', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } }])
  }
  for (const [round, id] of ['a', 'b', 'a', 'c', 'a', 'b'].entries()) await send(g, change(id, nowMs + round))
  // c pushed b out, as a had changed later; b begins again.
  expect(g.told.map(each => each.value)).toEqual([1, 1, 2, 1, 3, 1])
  expect(g.count('plimsoll_gateway_delta_forgotten_total')).toBe(2)
  expect(g.count('plimsoll_gateway_delta_series')).toBe(2)
})

test('answers in the encoding of the question, failures as google.rpc.Status', async () => {
  const empty = await openGateway().post(path, '', { headers: protobuf })
  expect(empty).toEqual({
    status: 200,
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(0),
  })
  const none = await openGateway().post(path, '{}', { headers: json })
  expect(none).toEqual({ status: 200, headers: { 'content-type': 'application/json' }, body: {} })

  const bad = await openGateway().post(path, Uint8Array.of(11), { headers: protobuf })
  expect(bad).toMatchObject({ status: 400, headers: { 'content-type': 'application/x-protobuf' } })
  expect(Buffer.from(bad.body as Uint8Array).toString()).toContain('found wire type 3')
  expect([...(bad.body as Uint8Array).subarray(0, 2)]).toEqual([8, 3])

  const badJson = await openGateway().post(path, '{', { headers: json })
  expect(badJson).toMatchObject({ status: 400, body: { code: 3, message: expect.stringContaining('JSON') } })
})

test('asks to send again by 503 alone, which exporters repeat', async () => {
  for (const error of [
    new Failure('store_full', 'no space'),
    new Error('EIO'),
    new Failure('bad_request', '?'),
  ]) {
    const g = openGateway()
    g.onPublish(() => Promise.reject(error))
    const asJson = await g.post(path, jsonOf(of([gauge('m', 1)])), { headers: json })
    expect(asJson).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
      body: { code: 14 },
    })
    const asProtobuf = await g.post(path, protobufOf(of([gauge('m', 1)])), { headers: protobuf })
    expect(asProtobuf).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } })
    expect([...(asProtobuf.body as Uint8Array).subarray(0, 2)]).toEqual([8, 14])
  }
})

test('takes gzip and parameters of the content type, and refuses other types', async () => {
  const g = openGateway()
  const body = gzipSync(jsonOf(of([gauge('m', 1)])))
  const packed = { 'content-type': 'application/json; charset=utf-8', 'content-encoding': 'gzip' }
  expect((await g.post(path, body, { headers: packed })).status).toBe(200)
  const small = openGateway({ limits: { ...gatewayLimits, bodyBytes: 1_000 } })
  const bomb = gzipSync(Buffer.alloc(100_000))
  expect((await small.post(path, bomb, { headers: packed })).status).toBe(413)
  const refusal = { status: 415, body: { message: expect.stringContaining('application/x-protobuf') } }
  expect(await g.post(path, 'x', { headers: { 'content-type': 'text/plain' } })).toMatchObject(refusal)
  expect(await g.post(path, 'x')).toMatchObject(refusal)
})

test('says where JSON is not what was wanted', async () => {
  const t = async (body: unknown, why: string) => {
    const answer = await openGateway().post(path, JSON.stringify(body), { headers: json })
    expect(answer, why).toMatchObject({ status: 400, body: { message: expect.stringContaining(why) } })
  }
  const metric = (one: unknown) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics: [one] }] }] })
  await t([], 'body: wanted an object, found []')
  await t({ resourceMetrics: 5 }, 'resourceMetrics: wanted a list, found 5')
  await t({ resourceMetrics: [null] }, 'resourceMetrics: wanted an object, found null')
  await t(metric({ name: 7 }), 'name: wanted text, found 7')
  await t(metric({ name: 'm', gauge: { dataPoints: 5 } }), 'dataPoints: wanted a list, found 5')
})

// Both kinds of gateway: what they stored, and the message that went with it.
async function partly(request: unknown, encoded: 'json' | 'protobuf', options = {}) {
  const g = openGateway(options)
  const isJson = encoded === 'json'
  const body = isJson ? Buffer.from(JSON.stringify(request)) : protobufOf(request as Request)
  const answer = await g.post(path, body, { headers: isJson ? json : protobuf })
  expect(answer.status).toBe(200)
  const said = isJson ? JSON.stringify(answer.body) : Buffer.from(answer.body as Uint8Array).toString()
  return { series: g.told.map(each => each.series), said, g }
}

const nested = (levels: number): Value => {
  let value: Value = { stringValue: 'x' }
  for (let level = 0; level < levels; level++) value = { arrayValue: { values: [value] } }
  return value
}

test('a point in JSON that cannot be read costs itself, and no other', async () => {
  const t = async (point: object | null, why: string, reason: string) => {
    const bad = { name: 'bad', gauge: { dataPoints: [point, { timeUnixNano, asDouble: 2 }] } } as Metric
    const { series, said, g } = await partly(of([bad, gauge('good', 1)]), 'json')
    expect(series, why).toEqual(['bad', 'good'])
    expect(said, why).toContain('"rejectedDataPoints":"1"')
    expect(said, why).toContain(JSON.stringify(why).slice(1, -1))
    expect(g.count('plimsoll_gateway_rejected_total', { format: 'otlp', reason }), why).toBe(1)
  }
  await t({ asInt: '1.5' }, 'asInt: wanted a whole number, found "1.5"', 'malformed')
  await t({ asDouble: 'much' }, 'asDouble: wanted a number, found "much"', 'malformed')
  await t({ asDouble: 1, timeUnixNano: 1.5 }, 'timeUnixNano: wanted a whole number', 'malformed')
  await t(null, 'dataPoints: wanted an object, found null', 'malformed')
  const having = (attribute: unknown) => ({ timeUnixNano, asDouble: 1, attributes: [attribute] })
  await t(having({ key: 'a', value: { intValue: 1.5 } }), 'label "a": intValue: wanted a whole', 'bad_labels')
  await t(having({ key: 'a', value: 7 }), 'label "a": value: wanted an object', 'bad_labels')
  await t(having({ key: 7 }), 'key: wanted text, found 7', 'bad_labels')
  await t(having(5), 'attributes: wanted an object, found 5', 'bad_labels')
  await t(having({ key: 'a', value: nested(16) }), 'nested deeper than 16', 'bad_labels')
})

test('an attribute in protobuf that cannot be read costs its point, and no other', async () => {
  const t = async (attribute: Uint8Array, why: string) => {
    const time = fixed64(3, BigInt(timeUnixNano))
    const bad = message(1, [time, message(7, [attribute]), double(4, 1)])
    const good = message(1, [time, double(4, 2)])
    const metric = message(2, [text(1, 'm'), message(5, [bad, good])])
    const g = openGateway()
    const answer = await g.post(path, message(1, [message(2, [metric])]), { headers: protobuf })
    expect(answer.status, why).toBe(200)
    expect(Buffer.from(answer.body as Uint8Array).toString(), why).toContain(why)
    expect(g.told, why).toEqual([{ series: 'm', tMs: nowMs, value: 2 }])
    expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_labels' }), why).toBe(1)
  }
  const notText = Uint8Array.of(0xc3, 0x28)
  const keyed = (...value: Field[]) => Buffer.concat([text(1, 'a'), message(2, value)])
  await t(keyed(bytes(1, notText)), 'label "a": text that is not UTF-8')
  await t(Buffer.concat([bytes(1, notText), message(2, [text(1, 'x')])]), 'not UTF-8')
  const { series, said } = await partly(
    of([gauge('m', 1, { attributes: [{ key: 'a', value: nested(16) }] }), gauge('good', 1)]),
    'protobuf',
  )
  expect(series).toEqual(['good'])
  expect(said).toContain('nested deeper than 16')
  // As deep as may be.
  const deepest = of([gauge('m', 1, { attributes: [{ key: 'a', value: nested(15) }] })])
  expect((await told(deepest))[0]?.value).toBe(1)
})

test('target_info goes without the attributes that do not fit, and says so', async () => {
  const resource = [attribute('service.name', 'shop'), attribute('os.type', 'linux')]
  const t = async (
    odd: Attribute[],
    why: string,
    count: number,
    left = 'target_info{job="shop",os_type="linux"}',
  ) => {
    for (const encoded of ['json', 'protobuf'] as const) {
      const request = of([gauge('m', 1)], ...resource, ...odd)
      const { series, said, g } = await partly(request, encoded)
      expect(series, why).toEqual(['m{job="shop"}', left])
      expect(said, why).toContain(encoded === 'json' ? JSON.stringify(why).slice(1, -1) : why)
      expect(said, why).not.toMatch(/"rejectedDataPoints":"[1-9]/)
      expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_labels' }), why).toBe(count)
      expect(g.count('plimsoll_gateway_requests_total', { outcome: 'stored' }), why).toBe(1)
      expect(g.logged(), why).toMatchObject([{ code: 'bad_labels', samples: count }])
    }
  }
  const wrong = 'target_info without an attribute: label "process_command"'
  await t([attribute('process.command', 'a\nb')], `${wrong}: it contains a control character`, 1)
  await t([attribute('process.command', 'C:\\')], `${wrong}: it ends in a backslash`, 1)
  await t([attribute('process.command', 'C:\\'), attribute('b', 'x\ty')], wrong, 2)
  await t([{ key: 'process.command', value: nested(16) }], `${wrong}: nested deeper than 16`, 1)
  // None is left.
  const { series } = await partly(of([gauge('m', 1)], resource[0]!, attribute('b', 'x\n')), 'json')
  expect(series).toEqual(['m{job="shop"}'])
})

test('points whose target cannot be read are refused, as they would be those of another', async () => {
  const resource = [attribute('service.name', 'shop'), { key: 'service.instance.id', value: nested(16) }]
  for (const encoded of ['json', 'protobuf'] as const) {
    const { series, said, g } = await partly(of([gauge('m', 1)], ...resource), encoded)
    expect(series).toEqual([])
    expect(said).toContain('nested deeper than 16')
    expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_labels' })).toBe(1)
  }
})

test('target_info is held to the limits of labels', async () => {
  const many = ['a', 'b', 'c'].map(key => attribute(key, 'x'))
  const t = async (limits: object, reason: string, why: string) => {
    const request = of([gauge('m', 1)], attribute('service.name', 'shop'), ...many)
    const { series, said, g } = await partly(request, 'json', { limits: { ...gatewayLimits, ...limits } })
    expect(series).toEqual(['m{job="shop"}'])
    expect(said).toContain(why)
    expect(g.count('plimsoll_gateway_rejected_total', { reason })).toBe(1)
  }
  await t({ lineBytes: 12 }, 'too_many_labels', 'of 13 bytes')
  await t({ seriesPerSource: 1 }, 'series_limit', 'target_info: it is of more new series')
})

test('of more labels than there may be target_info has those of the target, and the first of the others', async () => {
  const t = async (tags: number, odd: Attribute[], left: string, count: number) => {
    const many = ['z', 'c', 'b', 'a'].map(key => attribute(key, 'x'))
    const target = [attribute('service.name', 'shop'), attribute('service.instance.id', 'i')]
    const request = of([gauge('m', 1)], ...many, ...target, ...odd)
    const { series, said, g } = await partly(request, 'json', { limits: { ...gatewayLimits, tags } })
    expect(series).toEqual(['m{instance="i",job="shop"}', `target_info{${left}}`])
    expect(said).toContain('target_info without')
    expect(said).not.toMatch(/"rejectedDataPoints":"[1-9]/)
    expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_labels' })).toBe(count)
    expect(g.count('plimsoll_gateway_rejected_total', { reason: 'too_many_labels' })).toBe(0)
  }
  await t(4, [], 'a="x",b="x",instance="i",job="shop"', 2)
  await t(5, [attribute('a.0', 'x\n')], 'a="x",b="x",c="x",instance="i",job="shop"', 2)
  await t(2, [], 'instance="i",job="shop"', 4)
})

test('refuses points that are older than the store keeps', async () => {
  const dayMs = 86_400_000
  const dataPoints = [800, 399].map(days => ({ ...at(nowMs - days * dayMs), asDouble: days }))
  const request = of([{ name: 'm', gauge: { dataPoints } }])
  const { g, said } = await partly(request, 'json', { keepMs: 400 * dayMs })
  expect(g.told.map(each => each.value)).toEqual([399])
  expect(said).toContain('store.keep')
  expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_time' })).toBe(1)
})

test('bears attributes that are nested without end', async () => {
  let value = text(1, 'x')
  for (let level = 0; level < 2_000; level++) value = message(5, [message(1, [value])])
  const point = message(1, [message(7, [text(1, 'a'), message(2, [value])]), double(4, 1)])
  const body = message(1, [message(2, [message(2, [text(1, 'm'), message(5, [point])])])])
  const answer = await openGateway().post(path, body, { headers: protobuf })
  expect(Buffer.from(answer.body as Uint8Array).toString()).toContain('nested deeper than 16')
  const deepJson = `{"resourceMetrics":${'['.repeat(100_000)}`
  expect((await openGateway().post(path, deepJson, { headers: json })).status).toBe(400)
})

const full = of(
  [
    gauge('g', 1.5, { attributes: [attribute('a', 'b')] }),
    {
      name: 's',
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ timeUnixNano, asInt: '5' }] },
    },
    {
      name: 'h',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ timeUnixNano, count: '3', sum: 2, bucketCounts: ['1', '2'], explicitBounds: [1] }],
      },
    },
  ],
  attribute('service.name', 'shop'),
  attribute('os.type', 'linux'),
)

test('yields the same rows from protobuf and from JSON', async () => {
  const key = fc.stringMatching(/^[a-z][a-z._]{0,8}$/)
  const value: fc.Arbitrary<Value> = fc.oneof(
    fc.record({ stringValue: fc.string({ unit: 'grapheme-ascii' }) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  )
  const point = fc.record({
    attributes: fc.array(fc.record({ key, value }), { maxLength: 4 }),
    timeUnixNano: fc.bigInt({ min: 0n, max: BigInt(nowMs) * 1_000_000n }).map(String),
    // JSON has no minus zero.
    asDouble: fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0),
  })
  const metric: fc.Arbitrary<Metric> = fc.record({
    name: key,
    unit: fc.constantFrom('', 's', 'By', '1', 'By/s', '{x}'),
    sum: fc.record({
      dataPoints: fc.array(point, { maxLength: 3 }),
      aggregationTemporality: fc.constantFrom(0, 1, 2),
      isMonotonic: fc.boolean(),
    }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(metric, { maxLength: 3 }),
      fc.array(fc.record({ key, value })),
      async (metrics, resource) => {
        await told(of(metrics, ...resource))
      },
    ),
    { numRuns: runs(40) },
  )
  expect((await told(full)).length).toBe(7)
})

test('is not upset by any bytes', async () => {
  const g = openGateway()
  const changed = (good: Buffer) =>
    fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }).map(changes => {
      const bytes = Uint8Array.from(good)
      for (const [at, byte] of changes) bytes[at] = byte
      return bytes
    })
  const cut = fc.nat(protobufOf(full).length).map(length => protobufOf(full).subarray(0, length))
  const raw = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    changed(protobufOf(full)),
    changed(jsonOf(full)),
    cut,
  )
  await fc.assert(
    fc.asyncProperty(raw, fc.constantFrom(json, protobuf), async (bytes, headers) => {
      // post() lets everything through that is not a Failure.
      const answer = await g.post(path, bytes, { headers })
      expect([200, 400]).toContain(answer.status)
    }),
    { numRuns: 400 },
  )
  const anything = fc.anything({ withBigInt: false })
  const shaped = anything.map(any => ({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: any }] }] }],
  }))
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, shaped), async value => {
      const answer = await g.post(path, JSON.stringify(value) ?? 'null', { headers: json })
      expect([200, 400]).toContain(answer.status)
    }),
  )
})

test('refuses a message of more parts than memory has room for, before it makes them', async () => {
  const t = async (body: Uint8Array, headers: Record<string, string>) => {
    const answer = await openGateway().post(path, body, { headers })
    expect(answer.status).toBe(413)
  }
  const empties = Buffer.from([10, 0].concat(...Array(20).fill([10, 0])))
  await t(Buffer.alloc(empties.length * 50_000, empties), protobuf)
  await t(Buffer.from(`{"resourceMetrics":[${'{},'.repeat(1_600_000)}{}]}`), json)
})

test('labels of a point count once for each bucket', async () => {
  const gateway = openGateway({ limits: { ...gatewayLimits, lineBytes: 1_000 } })
  const post = async (bounds: number) => {
    const point = {
      attributes: [attribute('a', 'x'.repeat(99))],
      timeUnixNano,
      count: '1',
      bucketCounts: Array(bounds + 1).fill('0'),
      explicitBounds: Array.from({ length: bounds }, (_, at) => at),
    }
    const metric = { name: 'h', histogram: { dataPoints: [point], aggregationTemporality: 2 } }
    return (await gateway.post(path, jsonOf(of([metric])), { headers: json })).body
  }
  expect(await post(8)).toEqual({})
  expect(await post(9)).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } })
})

// What came is shown by its beginning where the engine can write it, as Node 26 does.
test("a body nested deeper than the stack is the sender's fault", async () => {
  const deep = `{"resourceMetrics":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const answer = await openGateway().post(path, deep, { headers: json })
  const refusal =
    /^bad_request: resourceMetrics: wanted an object, found (something nested too deeply|\[{80}…)$/
  expect(answer).toMatchObject({
    status: 400,
    body: { message: expect.stringMatching(refusal) },
  })
})
