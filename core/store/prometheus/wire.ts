// Every request to the database, with its credentials and a deadline, and what each answer means: taken, refused for
// good, or to be repeated by whoever asked. Called by send.ts for writes and by ask.ts for reads.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { bodyText } from '../../body-text.ts'
import type { Clock } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import { guardedLookup, Refused, refusalOf } from '../../guard.ts'
import { Agent as HttpAgent, request as httpRequest } from '../../http/node-http.ts'
import { placeOf } from '../place-of.ts'
import type { PrometheusSettings } from './settings.ts'

export type Call = Readonly<{
  method: 'GET' | 'POST'
  url: string
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array | string
  // Ends the request when nobody waits for it any more.
  signal?: AbortSignal | undefined
}>

// `text` is what the database said, shortened.
export type Answer<T> =
  | Readonly<{ ok: true; value: T }>
  | Readonly<{ ok: false; status: number; text: string; retryAfterMs: number | undefined }>

type Read<T> = (body: AsyncIterable<Uint8Array>) => Promise<T>

// For the part of a refusal that people read.
const saidMax = 500
// Nobody who answers properly says more while refusing.
const refusalBytesMax = 65_536

export class Wire {
  readonly #headers: Readonly<Record<string, string>>
  readonly #clock: Clock
  readonly #onBreak: () => void
  readonly #agents: Readonly<{ 'http:': HttpAgent; 'https:': HttpsAgent }>
  // Those that are listened to, and those whose end is no surprise.
  readonly #sockets = new WeakSet<Socket>()
  readonly #ending = new WeakSet<Socket>()
  readonly #underWay = new Set<ClientRequest>()
  #isClosed = false

  // `onBreak` hears of every connection that the other side ends without a word, one that nobody is using too, and of
  // answers that do not come.
  constructor(
    { token, basic, headers }: PrometheusSettings,
    clock: Clock,
    onBreak = () => {},
    lookup = guardedLookup('operator'),
  ) {
    this.#clock = clock
    this.#onBreak = onBreak
    const how = { ...kept, lookup }
    this.#agents = { 'http:': new HttpAgent(how), 'https:': new HttpsAgent(how) }
    const pair = basic === undefined ? '' : `${basic.user}:${basic.password.reveal()}`
    this.#headers = {
      ...headers,
      'user-agent': 'plimsoll',
      ...(pair === '' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    }
  }

  // `read` has the body of a good answer. All of it is done within the deadline, or is a Failure.
  async call<T>(call: Call, deadlineMs: number, read: Read<T>): Promise<Answer<T>> {
    call.signal?.throwIfAborted()
    try {
      return await this.#once(call, deadlineMs, read)
    } catch (error) {
      if (!(error instanceof Reset)) throw error
      // It ended the connection just when we took it up again.
      return this.#once(call, deadlineMs, read)
    }
  }

  async #once<T>(
    { url, method, body = '', headers, signal }: Call,
    deadlineMs: number,
    read: Read<T>,
  ): Promise<Answer<T>> {
    if (this.#isClosed) throw closed()
    const to = new URL(url)
    const why = refusalOf(to.hostname, 'operator')
    if (why !== undefined) throw refused(url, why)
    const isTls = to.protocol === 'https:'
    const agent = this.#agents[isTls ? 'https:' : 'http:']
    const sizes = { 'content-length': Buffer.byteLength(body) }
    const request = (isTls ? httpsRequest : httpRequest)(to, {
      method,
      agent,
      headers: { ...this.#headers, ...headers, ...sizes },
    })
    let isLate = false
    const timer = this.#clock.after(deadlineMs, () => {
      isLate = true
      request.destroy()
    })
    this.#underWay.add(request)
    const stop = (): void => void request.destroy()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const reply = await this.#reply(request, body)
      const status = reply.statusCode ?? 0
      if (status >= 200 && status < 300) return { ok: true, value: await read(reply) }
      const text = shortened(await bodyText(reply, refusalBytesMax))
      const retryAfterMs = retryAfter(reply.headers['retry-after'], this.#clock.nowMs())
      return { ok: false, status, text, retryAfterMs }
    } catch (error) {
      request.destroy()
      signal?.throwIfAborted()
      if (error instanceof Failure) throw error
      if (error instanceof Refused) throw refused(url, error.message)
      if (isLate) {
        this.#onBreak()
        throw unavailable(url, `no answer within ${deadlineMs / 1_000} s`)
      }
      if (this.#isClosed) throw closed()
      const { code, message } = error as NodeJS.ErrnoException
      const isReset = code === 'ECONNRESET' || code === 'EPIPE'
      if (isReset && request.reusedSocket) throw new Reset('store_unavailable', `${placeOf(url)}: ${code}`)
      throw unavailable(url, code ?? message)
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', stop)
      this.#underWay.delete(request)
    }
  }

  #reply(request: ClientRequest, body: Uint8Array | string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request.on('response', reply => {
        if (reply.headers.connection === 'close') this.#ending.add(reply.socket)
        else this.#ending.delete(reply.socket)
        resolve(reply)
      })
      request.on('error', reject)
      request.on('close', () => reject(new Error('the connection ended without an answer')))
      request.on('socket', socket => this.#listen(socket))
      request.end(body)
    })
  }

  #listen(socket: Socket): void {
    if (this.#sockets.has(socket)) return
    this.#sockets.add(socket)
    // The agent ends it when it has rested for too long.
    socket.on('timeout', () => this.#ending.add(socket))
    socket.once('close', () => {
      if (!this.#isClosed && !this.#ending.has(socket)) this.#onBreak()
    })
  }

  // Ends what is under way.
  close(): void {
    this.#isClosed = true
    for (const each of this.#underWay) each.destroy()
    for (const each of Object.values(this.#agents)) each.destroy()
  }
}

// Ended by us when nobody has used it for a while, so that the other side never has a reason to.
const kept = { keepAlive: true, timeout: 15_000 }

// A connection that had been used before was reset.
class Reset extends Failure {}

const closed = (): Failure => new Failure('stopping', 'the store is closed')

const unavailable = (url: string, what: string): Failure =>
  new Failure('store_unavailable', `${placeOf(url)}: ${what}`)

const refused = (url: string, why: string): Failure =>
  new Failure('store_refused', `${placeOf(url)} is asked for nothing: ${why}`)

// 401, 403, 404 and the like say that we are in the wrong place or the wrong person: nothing about what was sent.
// 408, 425, 429 and 5xx get better by themselves. Everything else is about the request.
const wrongPlace = new Set([
  300, 301, 302, 303, 307, 308, 401, 402, 403, 404, 405, 407, 410, 415, 421, 426, 501, 505,
])
const later = new Set([408, 425, 429])

// A Failure when the answer says nothing about the content of the request.
export function failureOf(
  url: string,
  { status, text, retryAfterMs }: Exclude<Answer<unknown>, { ok: true }>,
): Failure | undefined {
  const detail = `${placeOf(url)} answered ${status}${text === '' ? '' : `: ${text}`}`
  // VictoriaMetrics says 400 where others say 404.
  const isLost = status === 400 && text.includes('unsupported path')
  if (wrongPlace.has(status) || isLost) return new Failure('store_refused', detail)
  if (status < 500 && !later.has(status)) return undefined
  return new Failure('store_unavailable', detail, retryAfterMs === undefined ? {} : { retryAfterMs })
}

// Seconds, or a date. At most ten minutes: whoever says more is not believed.
export function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), 600_000)
}

// VictoriaMetrics begins with whom it talks to; that and line ends help nobody.
const shortened = (text: string): string => {
  const plain = text
    .replace(/^remoteAddr: "[^"]*"; (?:X-Forwarded-For: "[^"]*"; )?requestURI: \S+; /, '')
    .replace(/\s+/g, ' ')
    .trim()
  return plain.length > saidMax ? `${plain.slice(0, saidMax)}…` : plain
}
