// What Prometheus and vmagent meet: messages as they write them, and messages as nobody should.

import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { staleNaN } from '#core/stale.ts'
import { gatewayLimits } from '../../../collector/gateway/gateway-routes.ts'
import { byName, nowMs, openGateway } from './gateway.ts'
import { bytes, double, type Field, message, text, varint, varintBytes } from './protobuf-writer.ts'

// As Prometheus 3 sends them.
const headers = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
  'user-agent': 'Prometheus/3.5.0',
}

type Pairs = readonly (readonly [string, string])[]
const label = ([name, value]: readonly [string, string]): Field => message(1, [text(1, name), text(2, value)])
const sample = (value: number, tMs: number): Field => message(2, [double(1, value), varint(2, tMs)])
const series = (labels: Pairs, ...fields: Field[]): Field => message(1, [...labels.map(label), ...fields])
const up = (...more: Pairs): Pairs => [['__name__', 'up'], ...more]

const write = (...fields: Field[]): Uint8Array => compress(Buffer.concat(fields))
const path = '/api/v1/write'

test('stores the samples of every series, and passes metadata over', async () => {
  const g = openGateway()
  const body = write(
    series(up(['instance', 'a:9100'], ['job', 'node']), sample(1, nowMs), sample(0, nowMs + 15_000)),
    series([['__name__', 'temp']], sample(-3.25, nowMs), sample(Number.POSITIVE_INFINITY, nowMs + 1)),
    message(3, [varint(1, 1), text(2, 'up'), text(4, 'whether it is up')]),
  )
  expect(await g.post(path, body, { headers })).toEqual({ status: 204 })
  expect(byName(g.told)).toEqual([
    { series: 'temp', tMs: nowMs, value: -3.25 },
    { series: 'temp', tMs: nowMs + 1, value: Number.POSITIVE_INFINITY },
    { series: 'up{instance="a:9100",job="node"}', tMs: nowMs, value: 1 },
    { series: 'up{instance="a:9100",job="node"}', tMs: nowMs + 15_000, value: 0 },
  ])
  expect(g.count('plimsoll_gateway_values_total', { format: 'remote_write' })).toBe(4)
})

test('brings back whatever was sent, known series and new ones alike', async () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/)
  const value = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter(text => !/[\p{Cc}\u{fffe}\u{ffff}]|\\$/u.test(text))
  const one = fc.record({
    name,
    labels: fc.dictionary(name, value, { noNullPrototype: true, maxKeys: 5 }),
    samples: fc.array(fc.tuple(fc.double({ noNaN: true }), fc.integer({ min: -1e9, max: 86_400_000 })), {
      maxLength: 4,
    }),
  })
  const g = openGateway()
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 5 }), async all => {
      g.batches.length = 0
      g.told.length = 0
      const fields = all.map(({ name, labels, samples }) => {
        const pairs: [string, string][] = [['__name__', name], ...Object.entries(labels).sort()]
        return series(pairs, ...samples.map(([value, at]) => sample(value, nowMs + at)))
      })
      expect(await g.post(path, write(...fields), { headers })).toEqual({ status: 204 })
      const wanted = all.flatMap(({ name, labels, samples }) => {
        const pairs = Object.entries(labels)
          .filter(([, value]) => value !== '')
          .sort()
        const braced = pairs.map(([label, value]) => `${label}="${value}"`).join(',')
        const written = braced === '' ? name : `${name}{${braced}}`
        return samples.map(([value, at]) => `${written} ${value} ${nowMs + at}`)
      })
      const found = g.told.map(({ series, value, tMs }) => `${series} ${value} ${tMs}`)
      expect(found.sort()).toEqual(wanted.sort())
    }),
    { numRuns: 200 },
  )
})

test('keeps the bits of the stale marker, and tells it from other NaNs', async () => {
  const g = openGateway()
  const marker = Buffer.from([9, 2, 0, 0, 0, 0, 0, 0xf0, 0x7f])
  expect(Buffer.from(Float64Array.of(staleNaN).buffer)).toEqual(marker.subarray(1))
  const stale = message(2, [marker, varint(2, nowMs)])
  // Many, so that rows have to grow and both partitions are copied.
  const all = Array.from({ length: 3_000 }, (_, at) =>
    series(
      up(['instance', `${at % 90}`]),
      at % 3 === 0 ? stale : sample(at % 3 === 1 ? Number.NaN : 1, nowMs),
    ),
  )
  expect(await g.post(path, write(...all), { headers })).toEqual({ status: 204 })
  const count = (value: unknown): number => g.told.filter(each => Object.is(each.value, value)).length
  expect([count('stale'), count(Number.NaN), count(1)]).toEqual([1_000, 1_000, 1_000])
})

test('refuses series that the protocol does not allow, keeps the others, and counts by reason', async () => {
  const t = async (labels: Pairs, reason: string) => {
    const g = openGateway({ limits: { ...gatewayLimits, tags: 3, lineBytes: 1_000 } })
    const body = write(series(labels, sample(1, nowMs), sample(2, nowMs + 1)), series(up(), sample(1, nowMs)))
    const answer = await g.post(path, body, { headers })
    expect(answer, reason).toEqual({ status: 204, headers: { 'x-plimsoll-rejected': '2' } })
    expect(
      g.told.map(each => each.series),
      reason,
    ).toEqual(['up'])
    expect(g.count('plimsoll_gateway_rejected_total', { format: 'remote_write', reason }), reason).toBe(2)
    expect(g.table.size, reason).toBe(1)
  }
  await t([['job', 'node']], 'no_name')
  await t([['__name__', '']], 'no_name')
  await t([], 'no_name')
  await t(up(['a', '1'], ['a', '2']), 'bad_labels')
  await t(up(['a', '1'], ['b', '2'], ['a', '3']), 'bad_labels')
  await t(up(['', '1']), 'bad_labels')
  await t(up(['a', 'one\ntwo']), 'bad_labels')
  await t(up(['a', 'C:\\']), 'bad_labels')
  // Without this check it would be the same series as up{a="1",b="2"}.
  await t(up(['a', '1\u{fffe}b\u{ffff}2']), 'bad_labels')
  await t(up(['a', '1'], ['b', '2'], ['c', '3'], ['d', '4']), 'too_many_labels')
  await t(up(['a', 'x'.repeat(1_000)]), 'too_many_labels')
})

test('says in the log which series could not be kept', async () => {
  const g = openGateway()
  const body = write(series(up(['disk', 'C:\\']), sample(1, nowMs)), series(up(), sample(1, nowMs)))
  expect(await g.post(path, body, { headers })).toMatchObject({ status: 204 })
  const first = 'label "disk": it ends in a backslash in {__name__="up",disk="C:\\\\"}'
  expect(g.logged()).toMatchObject([{ code: 'bad_labels', format: 'remote_write', sender: 'tests', first }])
  // Also where it is known, and its sample is to blame.
  await g.post(path, write(series(up(), sample(1, 0)), series(up(), sample(1, nowMs))), { headers })
  await g.post(path, write(series(up(), message(4, []), sample(1, nowMs))), { headers })
  const ofUp = expect.stringMatching(/ in \{__name__="up"\}$/)
  expect(g.logged().slice(1)).toMatchObject([
    { code: 'bad_time', first: ofUp },
    { code: 'native_histogram', first: ofUp },
  ])
})

test('takes label names that JavaScript has plans for as ordinary ones', async () => {
  const g = openGateway()
  const labels = up(['__proto__', 'a'], ['constructor', 'b'], ['toString', 'c'])
  expect(await g.post(path, write(series(labels, sample(1, nowMs))), { headers })).toEqual({ status: 204 })
  expect(g.told[0]?.series).toBe('up{__proto__="a",constructor="b",toString="c"}')
})

test('takes labels in any order, as vmagent sends them, and is one series with the sorted', async () => {
  const g = openGateway()
  const t = async (...labels: Pairs) =>
    expect(await g.post(path, write(series(labels, sample(1, nowMs))), { headers })).toEqual({ status: 204 })
  await t(['__name__', 'vm_req'], ['method', 'GET'], ['code', '200'], ['instance', 'a:1'], ['job', 'x'])
  await t(['job', 'x'], ['code', '200'], ['__name__', 'vm_req'], ['instance', 'a:1'], ['method', 'GET'])
  await t(['__name__', 'vm_req'], ['code', '200'], ['instance', 'a:1'], ['job', 'x'], ['method', 'GET'])
  const one = 'vm_req{code="200",instance="a:1",job="x",method="GET"}'
  expect(g.told.map(each => each.series)).toEqual([one, one, one])
  expect(g.table.size).toBe(1)
})

test('refuses a series with text that is not UTF-8, and keeps the others', async () => {
  const t = async (odd: Field) => {
    const g = openGateway()
    const good = series(up(), sample(1, nowMs))
    const bad = message(1, [label(['__name__', 'm']), message(1, [odd]), sample(1, nowMs), sample(2, nowMs)])
    expect(await g.post(path, write(good, bad, good), { headers })).toEqual({
      status: 204,
      headers: { 'x-plimsoll-rejected': '2' },
    })
    expect(g.told.map(each => each.series)).toEqual(['up', 'up'])
    expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_labels' })).toBe(2)
    expect(await g.post(path, write(bad), { headers })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('not UTF-8') },
    })
  }
  await t(bytes(2, Uint8Array.of(0xc3, 0x28)))
  await t(bytes(1, Uint8Array.of(0xff)))
})

test('refuses what is older than the store keeps', async () => {
  const dayMs = 86_400_000
  const g = openGateway({ keepMs: 400 * dayMs })
  const old = series(up(), sample(1, nowMs - 800 * dayMs))
  const kept = series(up(), sample(2, nowMs - 399 * dayMs))
  expect(await g.post(path, write(old, kept), { headers })).toEqual({
    status: 204,
    headers: { 'x-plimsoll-rejected': '1' },
  })
  expect(g.told.map(each => each.value)).toEqual([2])
  expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_time' })).toBe(1)
  const alone = await g.post(path, write(old), { headers })
  expect(alone).toMatchObject({ status: 400, body: { error: expect.stringContaining('store.keep') } })
})

test('refuses times that cannot be meant', async () => {
  const t = async (tMs: number | bigint) => {
    const g = openGateway()
    const odd = message(2, [double(1, 1), varint(2, tMs)])
    const answer = await g.post(path, write(series(up(), odd, sample(2, nowMs))), { headers })
    expect(answer, String(tMs)).toEqual({ status: 204, headers: { 'x-plimsoll-rejected': '1' } })
    expect(g.count('plimsoll_gateway_rejected_total', { reason: 'bad_time' }), String(tMs)).toBe(1)
    expect(g.told.map(each => each.value)).toEqual([2])
  }
  await t(0)
  await t(-1)
  await t(nowMs / 1_000)
  await t(nowMs * 1_000)
  await t(nowMs + 2 * 86_400_000)
  await t(2n ** 63n - 1n)
  await t(-(2n ** 63n))
})

test('counts native histograms as refused and passes exemplars over', async () => {
  const g = openGateway()
  const exemplar = message(3, [label(['trace_id', 'x']), double(2, 1), varint(3, nowMs)])
  const histogram = message(4, [varint(1, 12), varint(15, nowMs)])
  const body = write(series(up(), sample(1, nowMs), exemplar), series(up(['a', '1']), histogram, histogram))
  expect(await g.post(path, body, { headers })).toEqual({
    status: 204,
    headers: { 'x-plimsoll-rejected': '2' },
  })
  expect(g.count('plimsoll_gateway_rejected_total', { reason: 'native_histogram' })).toBe(2)
  // Alone they are a batch without a good sample.
  expect(await g.post(path, write(series(up(), histogram)), { headers })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('native histograms') },
  })
})

test('stores nothing of a partly bad message when asked to be strict', async () => {
  const g = openGateway()
  const body = write(series([], sample(1, nowMs)), series(up(), sample(1, nowMs)))
  const answer = await g.post(path, body, { headers, query: { strict: '1' } })
  expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining('without __name__') } })
  expect(g.batches).toEqual([])
})

test('holds a sender to its allowance of series', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, seriesPerSource: 1 } })
  const both = write(series(up(['a', '1']), sample(1, nowMs)), series(up(['a', '2']), sample(1, nowMs)))
  for (const _ of [1, 2]) {
    const answer = await g.post(path, both, { headers, source: 'wild' })
    expect(answer).toEqual({ status: 204, headers: { 'x-plimsoll-rejected': '1' } })
  }
  // What was refused to one is not remembered against another.
  expect(await g.post(path, both, { headers, source: 'calm' })).toEqual({ status: 204 })
})

test('refuses remote write 2.0 and other formats', async () => {
  const t = async (type: string, status: number) => {
    const g = openGateway()
    const body = write(series(up(), sample(1, nowMs)))
    const answer = await g.post(path, body, { headers: { ...headers, 'content-type': type } })
    expect(answer.status, type).toBe(status)
    if (status === 415) expect(JSON.stringify(answer.body)).toContain('proto=prometheus.WriteRequest')
  }
  await t('application/x-protobuf', 204)
  await t('Application/X-Protobuf; Proto=prometheus.WriteRequest', 204)
  await t('application/x-protobuf;proto=prometheus.WriteRequest', 204)
  await t('application/x-protobuf;proto=io.prometheus.write.v2.Request', 415)
  await t('application/json', 415)
})

test('takes senders that state nothing, and vmagent with zstd', async () => {
  const g = openGateway()
  const raw = Buffer.concat([series(up(), sample(1, nowMs))])
  expect(await g.post(path, compress(raw))).toEqual({ status: 204 })
  const zstd = { headers: { 'content-encoding': 'zstd', 'content-type': 'application/x-protobuf' } }
  expect(await g.post(path, zstdCompressSync(raw), zstd)).toEqual({ status: 204 })
  expect(await g.post(path, raw, { headers: { 'content-encoding': 'gzip' } })).toMatchObject({ status: 415 })
  const list = { headers: { ...headers, 'content-encoding': 'Snappy, identity' } }
  expect(await g.post(path, compress(raw), list)).toEqual({ status: 204 })
  const both = { headers: { ...headers, 'content-encoding': 'snappy, zstd' } }
  expect(await g.post(path, compress(raw), both)).toMatchObject({ status: 415 })
  expect(await g.post(path, '', { headers })).toEqual({ status: 204 })
  expect(await g.post(path, write(), { headers })).toEqual({ status: 204 })
})

test('never unpacks more than the limit, whatever the header of a snappy block declares', async () => {
  const t = async (body: Uint8Array, status: number, found: string) => {
    const g = openGateway({ limits: { ...gatewayLimits, bodyBytes: 100_000 } })
    const answer = await g.post(path, body, { headers })
    expect(answer, found).toMatchObject({ status, body: { error: expect.stringContaining(found) } })
  }
  await t(compress(Buffer.alloc(100_001)), 413, 'more than 100000 bytes')
  await t(Uint8Array.from([...varintBytes(2n ** 32n - 1n), 0]), 413, 'more than 100000 bytes')
  await t(
    Uint8Array.from([...varintBytes(99_999n), 0, 0]),
    400,
    '5 bytes cannot unpack to the 99999 declared',
  )
  await t(Uint8Array.from([255, 255, 255, 255, 255, 255]), 400, 'no length in front')
  await t(Uint8Array.from([255]), 400, 'no length in front')
  // A copy from before the beginning, and a literal that is cut off.
  await t(Uint8Array.from([20, 1, 200]), 400, 'not a snappy block')
  await t(Uint8Array.from([20, 200, 1]), 400, 'not a snappy block')
})

test('answers 503 when the sink fails, never a 4xx', async () => {
  const g = openGateway()
  g.onPublish(() => Promise.reject(new Failure('store_full', 'no space')))
  const answer = await g.post(path, write(series(up(), sample(1, nowMs))), { headers })
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } })
})

test('answers every malformed message with 400, and stores nothing of it', async () => {
  const good = series(up(), sample(1, nowMs))
  const t = async (what: string, ...fields: Field[]) => {
    const g = openGateway()
    const answer = await g.post(path, write(good, ...fields), { headers })
    const error = expect.stringMatching(/^bad_request: byte \d+ of the protobuf message: found /)
    expect(answer, what).toMatchObject({ status: 400, body: { error } })
    expect(g.batches, what).toEqual([])
  }
  await t('cut off', good.subarray(0, good.length - 3))
  await t('a field numbered 0', Uint8Array.from([2, 0]))
  await t('a group', Uint8Array.from([11]))
  await t('wire type 7', Uint8Array.from([15]))
  await t('a length beyond the end', Uint8Array.from([10, 100]))
  await t('a length of 2^63', Uint8Array.from([10, ...varintBytes(2n ** 63n)]))
  await t('eleven bytes', Uint8Array.from([24, ...Array(10).fill(255), 1]))
  await t('a tag without a value', Uint8Array.from([24]))
  await t('an unfinished number', Uint8Array.from([24, 255]))
  await t(
    'a double that is cut off',
    message(1, [label(['__name__', 'm']), message(2, [Uint8Array.of(9, 1, 2)])]),
  )
  await t('labels after samples', message(1, [label(['__name__', 'm']), sample(1, nowMs), label(['a', 'b'])]))
})

test('passes over fields that it does not know, and known ones of another wire type', async () => {
  const g = openGateway()
  const odd = [
    varint(1, 5),
    varint(900, -1),
    double(17, 1),
    bytes(16, Buffer.from('x')),
    Uint8Array.of(0x95, 1, 1, 2, 3, 4),
  ]
  const body = write(message(1, [label(['__name__', 'up']), sample(1, nowMs), ...odd]), ...odd)
  expect(await g.post(path, body, { headers })).toEqual({ status: 204 })
  expect(g.told.length).toBe(1)
})

test('is not upset by any bytes', async () => {
  const g = openGateway()
  const good = Buffer.concat([
    series(up(['instance', 'a'], ['job', 'b']), sample(1, nowMs), sample(2, nowMs)),
    series([['__name__', 'x']], sample(Number.NaN, nowMs)),
  ])
  const broken = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    .map(changes => {
      const bytes = Uint8Array.from(good)
      for (const [at, byte] of changes) bytes[at] = byte
      return bytes
    })
  const cut = fc.nat(good.length).map(length => good.subarray(0, length))
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.uint8Array({ maxLength: 200 }), broken, cut),
      fc.boolean(),
      async (raw, packed) => {
        // post() lets everything through that is not a Failure.
        const answer = await g.post(path, packed ? compress(raw) : raw, { headers })
        expect([204, 400, 413]).toContain(answer.status)
      },
    ),
    { numRuns: 400 },
  )
  // And works as before.
  expect(await g.post(path, compress(good), { headers })).toEqual({ status: 204 })
})
