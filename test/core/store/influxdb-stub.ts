// A server that answers as the test says, and a store that takes it for InfluxDB.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Batch, noRows } from '#core/batch.ts'
import { SimulatedClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { Secret } from '#core/secret.ts'
import { SeriesTable } from '#core/series.ts'
import { type InfluxdbOptions, openInfluxdbStore } from '#core/store/influxdb.ts'

export const nowMs = Date.UTC(2026, 10, 20, 12)

export type Asked = Readonly<{ path: string; token: string; text: string }>
export type Answer =
  | Readonly<{ status: number; body?: string | object; headers?: Record<string, string> }>
  | ((response: ServerResponse, request: IncomingMessage) => void)

export const stored: Answer = { status: 204 }
export const invalid = (message: string): Answer => ({ status: 400, body: { code: 'invalid', message } })
export const unprocessable = (message: string): Answer => ({
  status: 422,
  body: { code: 'unprocessable entity', message },
})

export async function stub(
  answer: (asked: Asked, before: number) => Answer | Promise<Answer>,
  change: Partial<InfluxdbOptions> = {},
) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one = { path: request.url ?? '', token: String(request.headers.authorization), text }
    asked.push(one)
    const said = await answer(one, asked.length - 1)
    if (typeof said === 'function') return said(response, request)
    const { status, body = '', headers = {} } = said
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clock = new SimulatedClock(nowMs)
  const [letters, logged, own, table] = [
    [] as DeadLetter[],
    [] as string[],
    openOwnMetrics(),
    new SeriesTable(),
  ]
  const store = await openInfluxdbStore({
    settings: { url, org: 'o p', bucket: 'b&c', token: new Secret('write'), readToken: new Secret('read') },
    table,
    clock,
    own,
    log: openLog({ clock, write: line => void logged.push(line) }),
    deadLetters: async found => void letters.push(...found),
    ...change,
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await store.close()
    server.close()
  })
  const value = (name: string): number =>
    own
      .samples(nowMs)
      .filter(({ series }) => series.name === name)
      .reduce((sum, { value }) => sum + value, 0)
  return { store, table, clock, asked, letters, logged, value }
}

export const block = (...lines: string[]): Batch => ({
  receivedAtMs: nowMs,
  partition: 0,
  rows: noRows,
  notes: [],
  text: Buffer.from(lines.map(line => `${line}\n`).join('')),
})
