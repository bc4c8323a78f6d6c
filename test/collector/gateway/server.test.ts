// The gateway behind the real server: what depends on both, as their clients see it.
import { gzipSync } from 'node:zlib'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import type { Scope } from '#core/model.ts'
import { gatewayLimits } from '../../../collector/gateway/gateway-routes.ts'
import { ask, bearer, openStand } from '../../core/http/ask.ts'
import { nowMs, openGateway } from './gateway.ts'
import { double, message, text, varint } from './protobuf-writer.ts'

const otlp = { 'content-type': 'application/x-protobuf', ...bearer('write') }

test('takes what Telegraf, Prometheus and an OpenTelemetry exporter send', async () => {
  const g = openGateway()
  await using stand = await openStand(g.routes)
  const telegraf = {
    ...bearer('write'),
    'content-encoding': 'gzip',
    'content-type': 'text/plain; charset=utf-8',
    'user-agent': 'Telegraf/1.36.0 Go/1.25.0',
  }
  const lines = gzipSync(`cpu,cpu=cpu0,host=a usage_idle=97.5 ${nowMs}000000\n`)
  const written = await ask(stand.http, '/api/v2/write?bucket=b&org=o', { headers: telegraf, body: lines })
  expect([written.status, written.text]).toEqual([204, ''])

  const sample = message(2, [double(1, 1), varint(2, nowMs)])
  const series = message(1, [message(1, [text(1, '__name__'), text(2, 'up')]), sample])
  const prometheus = {
    ...bearer('write'),
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
  }
  const remote = await ask(stand.http, '/api/v1/write', { headers: prometheus, body: compress(series) })
  expect([remote.status, remote.text]).toEqual([204, ''])

  const json = { ...bearer('write'), 'content-type': 'application/json' }
  const metrics = await ask(stand.http, '/v1/metrics', { headers: json, body: '{"resourceMetrics":[]}' })
  expect([metrics.status, metrics.json]).toEqual([200, {}])
  const none = await ask(stand.http, '/v1/metrics', { headers: otlp, body: '' })
  expect([none.status, none.headers['content-type'], none.text]).toEqual([200, 'application/x-protobuf', ''])

  expect(g.told.map(each => each.series).sort()).toEqual(['cpu_usage_idle{cpu="cpu0",host="a"}', 'up'])
})

test('answers probes without a login, by GET and HEAD', async () => {
  await using stand = await openStand(openGateway().routes)
  for (const method of ['GET', 'HEAD']) {
    const ping = await ask(stand.http, '/ping', { method })
    expect([ping.status, ping.headers['x-influxdb-version']], method).toEqual([204, '2.7.12'])
    const health = await ask(stand.http, '/health', { method })
    expect(health.status, method).toBe(200)
    if (method === 'GET') expect(health.json).toMatchObject({ status: 'pass', name: 'plimsoll' })
  }
})

test('refuses in the words of each client', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, bodyBytes: 1_000 } })
  await using stand = await openStand(g.routes)
  const t = async (
    path: string,
    wanted: readonly [number, object],
    { body = 'm value=1', scope = 'write' },
  ) => {
    const headers = scope === '' ? {} : bearer(scope as Scope)
    const reply = await ask(stand.http, path, { body, headers })
    expect([reply.status, reply.json], path).toEqual([wanted[0], expect.objectContaining(wanted[1])])
  }
  const anything = expect.any(String)
  await t('/api/v2/write', [401, { code: 'unauthorized', message: anything }], { scope: '' })
  await t('/api/v2/write', [403, { code: 'forbidden', message: anything }], { scope: 'read' })
  await t('/write', [401, { error: anything }], { scope: '' })
  await t('/v1/metrics', [401, { code: 16, message: anything }], { scope: '' })
  await t('/api/v1/write', [401, { error: anything }], { scope: '' })
  const body = 'x'.repeat(1_001)
  await t('/api/v2/write', [413, { code: 'request too large', message: anything }], { body })
  await t('/write', [413, { error: anything }], { body })
  await t('/api/v1/write', [413, { error: anything }], { body })
  await t('/write?precision=x', [400, { error: anything }], {})
  expect(g.batches).toEqual([])
})

test('says on every write address when to come back', async () => {
  const g = openGateway()
  g.onPublish(() => Promise.reject(new Failure('store_full', 'no space')))
  await using stand = await openStand(g.routes)
  const point = message(1, [double(4, 1)])
  const metrics = message(1, [message(2, [message(2, [text(1, 'm'), message(5, [point])])])])
  const sample = message(2, [double(1, 1), varint(2, nowMs)])
  const series = message(1, [message(1, [text(1, '__name__'), text(2, 'up')]), sample])
  const t = async (path: string, body: Uint8Array, headers: Record<string, string>) => {
    const reply = await ask(stand.http, path, { body, headers })
    expect([reply.status, Number(reply.headers['retry-after'])], path).toEqual([503, 5])
  }
  await t('/api/v2/write', Buffer.from('m value=1'), bearer('write'))
  await t('/write', Buffer.from('m value=1'), bearer('write'))
  await t('/api/v1/write', compress(series), bearer('write'))
  await t('/v1/metrics', metrics, otlp)
  await t(
    '/v1/metrics',
    Buffer.from(
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":1}]}}]}]}]}',
    ),
    { ...otlp, 'content-type': 'application/json' },
  )
})
