// One request to InfluxDB and its answer, by plain HTTP: bytes as they are, a deadline, and every word of a refusal.
// The client's own WriteApi gives none of these (docs/decisions). Called by deliver.ts, setup.ts and ../influxdb.ts.
import type { IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Clock } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import { guardedLookup, Refused } from '../../guard.ts'
import { Agent as HttpAgent, request as httpRequest } from '../../http/node-http.ts'
import type { Secret } from '../../secret.ts'

export type Reply = Readonly<{ status: number; body: string; retryAfterMs?: number }>

export type Call = Readonly<{
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  token?: Secret
  body?: Uint8Array
  limitMs: number
}>

export interface Link {
  // Throws store_unavailable when there is no whole answer in time.
  call(call: Call): Promise<Reply>
  close(): void
}

// A refusal names every bad line.
const replyMax = 8 << 20

export function openLink(url: string, clock: Clock): Link {
  const base = new URL(url)
  const isTls = base.protocol === 'https:'
  const kept = { keepAlive: true, lookup: guardedLookup('operator') }
  const agent = isTls ? new HttpsAgent(kept) : new HttpAgent(kept)
  const request = isTls ? httpsRequest : httpRequest
  const prefix = base.pathname.replace(/\/+$/, '')

  const once = ({ method, path, token, body, limitMs }: Call): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...(token === undefined ? {} : { authorization: `Token ${token.reveal()}` }),
        ...(body === undefined ? {} : { 'content-length': body.length }),
      }
      const sent = request(
        {
          protocol: base.protocol,
          hostname: hostOf(base),
          port: base.port,
          path: prefix + path,
          method,
          headers,
          agent,
        },
        reply => {
          read(reply, clock)
            .then(resolve, error => reject(late ?? error))
            .finally(timer.cancel)
        },
      )
      let late: Error | undefined
      const timer = clock.after(limitMs, () => {
        late = new Error(`no answer within ${limitMs} ms`)
        sent.destroy(late)
      })
      sent.on('error', cause => {
        timer.cancel()
        reject(new BrokenCall(cause, sent.reusedSocket))
      })
      sent.end(body)
    })
  return {
    async call(call) {
      try {
        return await once(call).catch(error => {
          // It may have closed the connection just when we took it up again: what we send may be sent twice.
          if (error instanceof BrokenCall && error.wasReused && error.isReset) return once(call)
          throw error
        })
      } catch (error) {
        const { cause, message } = error as Error
        const code = cause instanceof Refused ? 'store_refused' : 'store_unavailable'
        throw new Failure(code, `${base.origin}: ${message}`, { cause: error })
      }
    },
    close: () => agent.destroy(),
  }
}

class BrokenCall extends Error {
  readonly wasReused: boolean
  readonly isReset: boolean
  constructor(cause: Error, wasReused: boolean) {
    const { code } = cause as NodeJS.ErrnoException
    super(cause.message === '' ? String(code) : cause.message, { cause })
    this.wasReused = wasReused
    this.isReset = code === 'ECONNRESET' || code === 'EPIPE'
  }
}

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

async function read(reply: IncomingMessage, clock: Clock): Promise<Reply> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of reply as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes <= replyMax) chunks.push(chunk)
  }
  const retryAfterMs = readRetryAfter(reply.headers['retry-after'], clock.nowMs())
  return {
    status: reply.statusCode ?? 0,
    body: Buffer.concat(chunks).toString(),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

const longestMs = 3_600_000

// Seconds, or a date of HTTP. Nobody is waited for longer than an hour without asking again.
export function readRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, Math.ceil(ms)))
}
