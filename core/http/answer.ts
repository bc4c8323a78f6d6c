// What happens to one request, in order: it is let in, its body is read and judged, its route answers, and
// whatever goes wrong on the way becomes an answer too. Called by server.ts for every route.
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, elapsedMs } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Log } from '../log.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import { formOf, type Held, isForm, joinForms, parseBody, readBody, unreadMaxBytes } from './body.ts'
import type { Budget } from './budget.ts'
import { admit, type House } from './door.ts'
import { loginAnswer, refusal, unexpected } from './fault.ts'
import { judge } from './judge.ts'
import { type CheckNames, checkNames } from './known-names.ts'
import type { HttpLimits } from './limits.ts'
import type { LoopDelay } from './loop-delay.ts'
import { linked, type Prefix } from './prefix.ts'
import type { Answer, Call, Route } from './route.ts'

export type Floor = Readonly<{
  house: House
  prefix: Prefix
  limits: HttpLimits
  budget: Budget
  // For bodies sent to addresses that are open to everyone, so that strangers cannot use up the other one.
  strangersBudget: Budget
  loop: LoopDelay
  log: Log
  own: OwnMetrics
  clock: Clock
  isStopping: () => boolean
}>

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

export function answering(route: Route, floor: Floor): Handler {
  const measure = measureRoute(route, floor)
  const check = checkNames(route)
  return async (request, reply) => {
    const startMs = elapsedMs()
    const held: Held[] = []
    let answer: Answer
    try {
      answer = await route.handle(await receive(route, floor, { request, reply, held, check }))
    } catch (error) {
      answer = refused(route, floor, request, error)
    }
    for (const each of held) each.release()
    if (isUnread(request)) reply.header('connection', 'close')
    // It waits in memory until the caller has taken it.
    if (answer.body !== undefined) reply.raw.setTimeout(floor.limits.answerTimeoutMs)
    const status = send(reply, linked(answer, floor.prefix), floor.isStopping())
    measure(status, elapsedMs() - startMs, held[0]?.length ?? 0)
    return reply
  }
}

type Coming = Readonly<{ request: FastifyRequest; reply: FastifyReply; held: Held[]; check: CheckNames }>

async function receive(route: Route, floor: Floor, coming: Coming): Promise<Call> {
  const { request, reply, held, check } = coming
  const beganMs = floor.clock.monotonicMs()
  if (floor.isStopping()) throw new Failure('stopping', 'no new requests are taken')
  const { raw, headers } = request
  const remote = raw.socket.remoteAddress ?? ''
  const query = request.query as Record<string, string | string[]>
  const principal = await admit({ method: request.method, headers, query, remote }, route.scope, floor.house)
  check(query)
  const takesForm = route.alsoForm === true && request.method === 'POST'
  let bytes: Buffer = noBytes
  if (route.body !== undefined || takesForm) {
    checkLoop(floor)
    const budget = route.scope === 'open' ? floor.strangersBudget : floor.budget
    const one = await readBody(raw, route.bodyMaxBytes ?? floor.limits.bodyMaxBytes, budget)
    held.push(one)
    bytes = one.bytes
  }
  const contentType = headers['content-type']
  const asked = takesForm && isForm(contentType) ? joinForms(formOf(bytes, contentType), query) : query
  return {
    params: request.params as Record<string, string>,
    query: route.query === undefined ? asked : judge(route.query, asked, 'query'),
    body: bodyOf(route, bytes, contentType),
    url: request.url,
    // Nothing is packed for whoever wants the head alone.
    headers: request.method === 'HEAD' ? { ...headers, 'accept-encoding': undefined } : headers,
    principal,
    remote,
    readMs: floor.clock.monotonicMs() - beganMs,
    // Most handlers never ask for it, so it is made when they do.
    get signal() {
      return endOf(reply)
    },
  }
}

const noBytes = Buffer.alloc(0)

function bodyOf({ body }: Route, bytes: Buffer, contentType: string | undefined): unknown {
  if (body === undefined || body === 'bytes') return bytes
  return judge(body, parseBody(bytes, contentType), 'body')
}

function checkLoop({ loop, limits, own }: Floor): void {
  const delayMs = loop.maxMs()
  if (delayMs <= limits.loopDelayMaxMs) return
  own.counter('plimsoll_http_shed_total').inc(1, { short_of: 'time' })
  throw new Failure('overloaded', `this process is ${Math.round(delayMs)} ms late`)
}

const ends = new WeakMap<FastifyReply, AbortController>()

// By the answer and not by the connection, which goes on to serve others.
function endOf(reply: FastifyReply): AbortSignal {
  const known = ends.get(reply)
  if (known !== undefined) return known.signal
  const end = new AbortController()
  ends.set(reply, end)
  const { raw } = reply
  if (raw.destroyed || raw.socket?.destroyed !== false) end.abort()
  else raw.once('close', () => raw.writableFinished || end.abort())
  return end.signal
}

function refused(route: Route, floor: Floor, request: FastifyRequest, error: unknown): Answer {
  const failure = error instanceof Failure ? error : unexpected(error, route.path, floor.log)
  if (failure.code === 'unauthorised') return loginAnswer(failure, request, route.failure)
  return refusal(failure, request, route.failure)
}

// A body that nobody will read, and that is too long, or begun.
function isUnread({ raw }: FastifyRequest): boolean {
  if (raw.complete || raw.headers['content-length'] === '0') return false
  if (raw.headers['transfer-encoding'] !== undefined) return true
  return raw.readableDidRead || Number(raw.headers['content-length'] ?? 0) > unreadMaxBytes
}

export function send(reply: FastifyReply, answer: Answer, isLast: boolean): number {
  const { body, headers } = answer
  const status = answer.status ?? (body === undefined ? 204 : 200)
  reply.code(status)
  if (isLast) reply.header('connection', 'close')
  if (headers !== undefined) reply.headers(headers)
  if (isSentAsItIs(body)) {
    if (typeof body === 'string' && !reply.hasHeader('content-type')) reply.type('text/plain; charset=utf-8')
    reply.send(body)
    return status
  }
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  reply.send(JSON.stringify(body))
  return status
}

const isSentAsItIs = (body: Answer['body']): boolean =>
  body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof Readable

type Measure = (status: number, tookMs: number, bodyBytes: number) => void

function measureRoute({ path }: Route, { own }: Floor): Measure {
  const requests = own.counter('plimsoll_http_requests_total')
  const seconds = own.histogram('plimsoll_http_request_seconds')
  const received = own.counter('plimsoll_http_received_bytes_total')
  return (status, tookMs, bodyBytes) => {
    requests.inc(1, { route: path, class: `${Math.trunc(status / 100)}xx` })
    seconds.observe(tookMs / 1e3, { route: path })
    if (bodyBytes > 0) received.inc(bodyBytes, { route: path })
  }
}
