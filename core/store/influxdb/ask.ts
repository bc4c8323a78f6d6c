// A Flux script to InfluxDB, its answer read while it comes, and an end to both in time. The only file that knows the
// client: it sends and unpacks, and the rows are read by csv.ts. Called by read.ts.
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import type { Clock } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import { Agent as HttpAgent } from '../../http/node-http.ts'
import { placeOf } from '../place-of.ts'
import { AnnotatedCsv, type Reader } from './csv.ts'
import { readRetryAfter } from './link.ts'
import { type InfluxdbSettings, readTokenOf } from './settings.ts'

// Resolves when the whole answer is with the reader. What the reader throws ends the query, and so does the signal.
export type Ask = (script: string, reader: Reader, signal?: AbortSignal) => Promise<void>

export type AskOptions = Readonly<{ settings: InfluxdbSettings; clock: Clock; limitMs?: number }>

// So many queries at once; others wait for a connection.
const connectionsMax = 16
// Annotations say where the columns are, and spare us the name of the result in every row.
const dialect = { header: true, delimiter: ',', commentPrefix: '#', annotations: ['datatype', 'default'] }

export function openAsk({
  settings,
  clock,
  limitMs = 60_000,
}: AskOptions): Readonly<{ ask: Ask; close(): void }> {
  const pool = { keepAlive: true, maxSockets: connectionsMax }
  const agent = settings.url.startsWith('https:') ? new HttpsAgent(pool) : new HttpAgent(pool)
  const { transport } = new InfluxDB({
    url: settings.url,
    token: readTokenOf(settings).reveal(),
    // Ours is the deadline: the client's would leave the connection open.
    timeout: 0,
    transportOptions: { agent },
  })
  const place = placeOf(settings.url)
  const path = `/api/v2/query?${new URLSearchParams({ org: settings.org })}`

  const ask: Ask = (script, reader, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const csv = new AnnotatedCsv(reader)
      const abort = new AbortController()
      const timer = clock.after(limitMs, () =>
        end(new Failure('store_unavailable', `${place}: no whole answer within ${limitMs} ms`)),
      )
      let isOver = false
      let isWhole = false
      const end = (error?: unknown): void => {
        if (isOver) return
        isOver = true
        timer.cancel()
        signal?.removeEventListener('abort', stop)
        if (error === undefined) resolve()
        else {
          // Not in the midst of a chunk: when it was the last one, the connection is on its way back to the pool, and
          // its error would be nobody's.
          setImmediate(() => isWhole || abort.abort())
          reject(error)
        }
      }
      const stop = (): void => end(signal?.reason)
      signal?.addEventListener('abort', stop, { once: true })
      const tried = (work: () => void): void => {
        try {
          if (!isOver) work()
        } catch (error) {
          end(error)
        }
      }
      transport.send(
        path,
        JSON.stringify({ query: script, dialect, type: 'flux' }),
        { method: 'POST', headers: { 'accept-encoding': 'identity' }, signal: abort.signal },
        {
          next: chunk => tried(() => csv.push(chunk)),
          error: error => end(failureOf(error, place, clock.nowMs())),
          complete: () => {
            isWhole = true
            tried(() => {
              csv.finish()
              end()
            })
          },
        },
      )
    })
  return { ask, close: () => agent.destroy() }
}

function failureOf(error: Error, url: string, nowMs: number): Error {
  if (!(error instanceof HttpError)) {
    return new Failure('store_unavailable', `${url}: ${error.message}`, { cause: error })
  }
  const { statusCode, message } = error
  const reason = `${statusCode}: ${message}`
  if (statusCode === 429 || statusCode === 408 || statusCode >= 500) {
    const retryAfterMs = readRetryAfter(error.headers?.['retry-after'] as string | undefined, nowMs)
    return new Failure('store_unavailable', reason, retryAfterMs === undefined ? {} : { retryAfterMs })
  }
  return new Failure('store_refused', reason)
}
