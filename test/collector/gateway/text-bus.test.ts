// The gateway on a bus that crosses processes: what it publishes there, and what that may cost.
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import { gatewayLimits } from '../../../collector/gateway/gateway-routes.ts'
import { byName, nowMs, openGateway } from './gateway.ts'
import { double, type Field, message, text, varint } from './protobuf-writer.ts'

const textOf = (batches: readonly Batch[]): string[] =>
  batches.map(({ text }) => Buffer.from(text!).toString())

test('lines travel as they were written, stamped once, with rows for whoever wants them', async () => {
  const g = openGateway({}, 'text')
  const { status } = await g.post(
    '/api/v2/write',
    '# x\ncpu,host=a used=1i,ok=T 1767225600123999999\r\n cpu,host=a used=2i\n',
  )
  expect(status).toBe(204)
  expect(textOf(g.batches)).toEqual([`cpu,host=a used=1i,ok=T 1767225600123\ncpu,host=a used=2i ${nowMs}\n`])
  expect(g.batches.map(({ receivedAtMs }) => receivedAtMs)).toEqual([nowMs])
  expect(byName(g.told)).toEqual([
    { series: 'cpu_ok{host="a"}', tMs: 1_767_225_600_123, value: 1 },
    { series: 'cpu_used{host="a"}', tMs: 1_767_225_600_123, value: 1 },
    { series: 'cpu_used{host="a"}', tMs: nowMs, value: 2 },
  ])
  expect(g.count('plimsoll_gateway_values_total', { format: 'line' })).toBe(3)
})

test('a partition gets its lines in one text', async () => {
  const g = openGateway({}, 'text')
  const lines = Array.from({ length: 300 }, (_, at) => `m,host=h${at % 100} v=${at}`)
  await g.post('/write', lines.join('\n'))
  expect(new Set(g.batches.map(({ partition }) => partition)).size).toBe(g.batches.length)
  const found = textOf(g.batches).flatMap(text => text.trimEnd().split('\n'))
  expect(found.sort()).toEqual(lines.map(line => `${line} ${nowMs}`).sort())
})

test('bad lines stay behind, and so does all of a strict body with one', async () => {
  const g = openGateway({}, 'text')
  const answer = await g.post('/write', 'm v=1\nm v=\nm v=2')
  expect(answer).toMatchObject({ status: 204, headers: { 'x-plimsoll-rejected': '1' } })
  expect(textOf(g.batches)).toEqual([`m v=1 ${nowMs}\nm v=2 ${nowMs}\n`])

  const strict = await g.post('/write', 'm v=3\nm v=', { query: { strict: '1' } })
  expect(strict.status).toBe(400)
  // What it had gathered is gone.
  await g.post('/write', 'm v=4')
  expect(textOf(g.batches.slice(1))).toEqual([`m v=4 ${nowMs}\n`])
})

test('of a line whose sender has used up his series, the known ones travel', async () => {
  const g = openGateway({ limits: { ...gatewayLimits, seriesPerSource: 1 } }, 'text')
  const answer = await g.post('/write', 'm,host=a v=1i,w=2i')
  expect(answer).toMatchObject({ status: 204, headers: { 'x-plimsoll-rejected': '1' } })
  expect(textOf(g.batches)).toEqual([`m,host=a v=1i ${nowMs}\n`])
})

// One series of one sample each second, as Prometheus sends it.
function remoteWrite(host: string, samples: number): Uint8Array {
  const label = (name: string, value: string): Field => message(1, [text(1, name), text(2, value)])
  const sample = (_: unknown, at: number): Field => message(2, [double(1, at), varint(2, nowMs + at * 1_000)])
  const series = [label('__name__', 'up'), label('host', host), ...Array.from({ length: samples }, sample)]
  return compress(Buffer.from(message(1, series)))
}
const headers = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' }

test('other formats hand over rows, of which the bus makes text', async () => {
  const g = openGateway({}, 'text')
  expect(await g.post('/api/v1/write', remoteWrite('a', 2), { headers })).toMatchObject({ status: 204 })
  expect(g.batches.map(batch => batch.text)).toEqual([undefined])
  expect(g.told.map(({ value }) => value)).toEqual([0, 1])
})

test('a small body that would be endless text is refused, on a bus that makes text of it', async () => {
  const limits = { ...gatewayLimits, bodyBytes: 1 << 20 }
  const body = remoteWrite('x'.repeat(10_000), 1_000)
  const g = openGateway({ limits }, 'text')
  const answer = await g.post('/api/v1/write', body, { headers })
  expect(answer.status).toBe(413)
  expect(JSON.stringify(answer.body)).toContain('as lines these samples take 100')
  expect(g.batches).toEqual([])
  // What was set aside for it has been given back.
  expect(g.count('plimsoll_gateway_in_flight_bytes')).toBe(0)
  expect(await g.post('/api/v1/write', remoteWrite('x', 1_000), { headers })).toMatchObject({ status: 204 })
  expect(g.count('plimsoll_gateway_in_flight_bytes')).toBe(0)

  expect(await openGateway({ limits }).post('/api/v1/write', body, { headers })).toMatchObject({
    status: 204,
  })
})

test('the text of rows that are being published is charged to the bodies under way', async () => {
  const limits = { ...gatewayLimits, bodyBytes: 1 << 20 }
  const g = openGateway({ limits }, 'text')
  const { promise, resolve } = Promise.withResolvers<void>()
  g.onPublish(() => promise)
  const body = remoteWrite('x'.repeat(3_000), 1_000)
  const posted = Array.from({ length: 10 }, () => g.post('/api/v1/write', body, { headers }))
  await new Promise(setImmediate)
  resolve()
  const statuses = (await Promise.all(posted)).map(({ status }) => status)
  expect(statuses).toContain(204)
  expect(statuses).toContain(503)
})

test('what the bus refuses is to be sent again, and is not gathered with the next body', async () => {
  const g = openGateway({}, 'text')
  g.onPublish(async () => {
    throw new Error('no broker')
  })
  expect(await g.post('/write', 'm v=1')).toMatchObject({ status: 503 })
  g.onPublish(async () => {})
  expect(await g.post('/write', 'm v=2')).toMatchObject({ status: 204 })
  expect(textOf(g.batches)).toEqual([`m v=2 ${nowMs}\n`])
})
