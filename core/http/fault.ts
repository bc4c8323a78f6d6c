// How a failure looks from outside: one place for the whole service. What nobody planned for gets a number
// that the log knows too, and no more. Called by answer.ts and server.ts.
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { realClock } from '../clock.ts'
import { type ErrorCode, errors, Failure } from '../errors.ts'
import type { Log } from '../log.ts'
import { faultPage } from './fault-page.ts'
import { languageOf } from './language.ts'
import { STATUS_CODES } from './node-http.ts'
import { page } from './page.ts'
import type { Answer, Route } from './route.ts'

// Within this time most troubles have passed; senders add their own jitter.
const retryAfterS = 5

export function faultAnswer(failure: Failure, shape?: Route['failure']): Answer {
  const { status, means, todo } = errors[failure.code]
  const ours = { error: { code: failure.code, detail: failure.detail, means, todo } }
  const retry = status === 429 || status === 503 ? { 'retry-after': String(retryAfterS) } : undefined
  return { status, headers: { ...retry }, body: shape?.(failure, status) ?? ours }
}

// A page where somebody looks at it, unless others made the rules of how this address fails. Below /api/ it is for
// programs always: some of them say that they take pages too, as those in Java do.
export function refusal(
  failure: Failure,
  { url, headers }: Pick<Asked, 'url' | 'headers'>,
  shape?: Route['failure'],
): Answer {
  const { body, ...bare } = faultAnswer(failure, shape)
  const isForPrograms = shape !== undefined || /^\/+api\//.test(url)
  if (isForPrograms || !isByBrowser(headers)) return { ...bare, body: body! }
  return page(faultPage(failure, languageOf(headers['accept-language'])), bare)
}

// It follows an address or sends a form; scripts of pages take whatever comes.
const isByBrowser = ({ accept }: IncomingHttpHeaders): boolean => accept?.includes('text/html') === true

// A page in a browser goes to the login; its scripts and other programs get the bare truth. Only the latter
// are asked by WWW-Authenticate, since browsers would open a window of their own.
export function loginAnswer(failure: Failure, asked: Asked, shape?: Route['failure']): Answer {
  const { method, url, headers } = asked
  if (isByBrowser(headers)) {
    const next = method === 'GET' || method === 'HEAD' ? url : '/'
    return { status: 303, headers: { location: `/login?next=${encodeURIComponent(next)}` } }
  }
  const answer = faultAnswer(failure, shape)
  if (headers['sec-fetch-mode'] !== undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Basic realm="plimsoll"' } }
}

// `url` is below the prefix.
type Asked = Readonly<{ method: string; url: string; headers: IncomingHttpHeaders }>

// The same fault has the same number each time, so that the log may fold it and still be found.
export function unexpected(error: unknown, route: string, log: Log): Failure {
  const place = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const frames = place.split('\n').filter(line => line.trimStart().startsWith('at '))
  const print = createHash('sha256').update(frames.length === 0 ? place : frames.join('\n'))
  const id = print.digest('hex').slice(0, 8)
  log.error('http', 'unexpected error', { code: id, route, error })
  return new Failure('internal', `its number is ${id}`, { cause: error })
}

// What fastify and Node refuse before a route is found, in our words.
export function frameworkFailure(error: unknown): Failure | undefined {
  const { code, message } = error as { code?: string; message?: string }
  const known = frameworkCodes[code ?? '']
  return known === undefined ? undefined : new Failure(known, message ?? '')
}

const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_BAD_URL: 'bad_request',
  FST_ERR_MAX_PARAM_LENGTH: 'bad_request',
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'bad_request',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'bad_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

// So long it may take somebody to read why, before the connection is gone whether they have closed it or not.
const lingerMs = 1_000

// What is no HTTP at all, or too slow or too long to become a request, never sees a route.
export function refuseRaw(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const failure = frameworkFailure(error) ?? new Failure('bad_request', `this is not HTTP: ${error.message}`)
  const { status = 400, body } = faultAnswer(failure)
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
  const timer = realClock.after(lingerMs, () => socket.destroy())
  socket.once('close', () => timer.cancel())
}
