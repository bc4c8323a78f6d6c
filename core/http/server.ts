// The one HTTP server: it listens, finds the route, and closes without cutting anyone off. What happens to a
// request is in answer.ts. Opened by bin/ with the routes of all rooms. Only core/http imports fastify.
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { type Clock, realClock } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Log } from '../log.ts'
import { scopes } from '../model.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import { answering, type Floor, send } from './answer.ts'
import { openBudget } from './budget.ts'
import type { Authorise } from './door.ts'
import { faultAnswer, frameworkFailure, refusal, refuseRaw, unexpected } from './fault.ts'
import { defaultLimits, type HttpLimits, headMaxBytes } from './limits.ts'
import { alsoListenOn, houseOf, type Listen, listenOn, originOf } from './listen.ts'
import { openLoopDelay } from './loop-delay.ts'
import { securityHeaders } from './page.ts'
import { linked, outside, type Prefix, prefixOf, routed } from './prefix.ts'
import { refusalJson } from './prometheus-refusal.ts'
import type { Answer, Route } from './route.ts'

export type HttpOptions = Readonly<{
  routes: readonly Route[]
  listen: Listen
  // Further addresses of the same server.
  alsoListen?: readonly Listen[]
  authorise: Authorise
  log: Log
  own: OwnMetrics
  limits?: Partial<HttpLimits>
  clock?: Clock
  // Where people reach this service, when that is not the address it listens on.
  externalUrl?: string
  // Empty, or like /plimsoll; left out: the path of the external URL.
  routePrefix?: string
}>

export interface Http extends AsyncDisposable {
  // For callers on this machine; the prefix is part of it.
  readonly origin: string
  readonly port: number
  // Of the further addresses, in their order.
  readonly alsoPorts: readonly number[]
  // Takes nothing new, lets what is under way finish for limits.drainMs, then cuts.
  close(): Promise<void>
}

export async function openHttp(options: HttpOptions): Promise<Http> {
  const { routes, listen, alsoListen = [], log, own, clock = realClock } = options
  const limits = { ...defaultLimits, ...options.limits }
  using opened = new DisposableStack()
  const loop = opened.use(openLoopDelay())
  const shed = (): void => own.counter('plimsoll_http_shed_total').inc(1, { short_of: 'memory' })
  const budget = openBudget(limits.inFlightMaxBytes, shed)
  const strangersBudget = openBudget(limits.strangersMaxBytes, shed)
  const prefix = prefixOf(options)
  let isStopping = false
  const floor: Floor = {
    house: houseOf(options),
    prefix,
    limits,
    budget,
    strangersBudget,
    loop,
    log,
    own,
    clock,
    isStopping: () => isStopping,
  }
  const app = build(limits, prefix)
  const underWay = track(app)
  own.gauge('plimsoll_http_in_flight').read(() => underWay.count)
  own.gauge('plimsoll_http_in_flight_bytes').read(() => budget.bytes + strangersBudget.bytes)
  for (const route of routes) register(app, route, floor)
  answerTheRest(app, routes, floor)
  await app.ready()
  await listenOn(app.server, listen)
  const others = await alsoListenOn(app.server, alsoListen)

  const [port, ...alsoPorts] = [app.server, ...others].map(each => (each.address() as AddressInfo).port) as [
    number,
    ...number[],
  ]
  const stack = opened.move()
  let closed: Promise<void> | undefined
  const drain = async (): Promise<void> => {
    isStopping = true
    for (const each of [app.server, ...others]) each.close()
    app.server.closeIdleConnections()
    const left = await underWay.none(clock, limits.drainMs)
    if (left > 0)
      log.warn('http', 'requests were cut off at the end', { requests: left, afterMs: limits.drainMs })
    app.server.closeAllConnections()
    await app.close()
    stack.dispose()
  }
  const close = (): Promise<void> => {
    closed ??= drain()
    return closed
  }
  return {
    origin: originOf(listen.host, port) + prefix.routes,
    port,
    alsoPorts,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function build(limits: HttpLimits, prefix: Prefix): FastifyInstance {
  const app = fastify({
    logger: false,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      maxHeaderSize: headMaxBytes,
      connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
    },
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    // Addresses are often put together of two parts, each with a slash of its own.
    routerOptions: { maxParamLength: 1_000, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    rewriteUrl: ({ url = '/' }) => routed(url, prefix),
    // Bodies are judged by zod; left alone, fastify would load two compilers: 0.1 s and 2 MiB.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    // Anything that fails before a route is found.
    frameworkErrors: (error, { url }, reply) => {
      const failure = frameworkFailure(error) ?? new Failure('bad_request', error.message)
      reply.headers(securityHeaders)
      send(reply, faultAnswer(failure, shapeAt(url)), false)
    },
    clientErrorHandler: refuseRaw,
  })
  app.server.maxConnections = limits.connectionsMax
  app.removeAllContentTypeParsers()
  // Bodies are read by body.ts, after the caller was let in.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined))
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders)
    done()
  })
  return app
}

function noCompiler(): never {
  throw new Error('routes of this server have no JSON schemas')
}

function register(app: FastifyInstance, route: Route, floor: Floor): void {
  const { method, path, scope, alsoForm } = route
  if (scope !== 'open' && !scopes.includes(scope)) throw new Error(`${method} ${path} names no scope`)
  if (alsoForm && method !== 'GET') throw new Error(`${method} ${path}: alsoForm is for GET`)
  const handler = answering(route, floor)
  app.route({ method: alsoForm ? ['GET', 'POST'] : method, url: path, handler })
}

function answerTheRest(app: FastifyInstance, routes: readonly Route[], floor: Floor): void {
  const known = routes.map(route => ({ methods: methodsOf(route), pattern: patternOf(route.path) }))
  const requests = floor.own.counter('plimsoll_http_requests_total')
  const unknown = { route: 'unknown', class: '4xx' }
  app.setNotFoundHandler(async ({ method, url, originalUrl, headers }, reply) => {
    const path = url.split('?', 1)[0]!
    const allowed = [...new Set(known.filter(each => each.pattern.test(path)).flatMap(each => each.methods))]
    requests.inc(1, unknown)
    const isRoot = path === outside && method === 'GET' && originalUrl === '/'
    const answer = isRoot
      ? { status: 302, headers: { location: `${floor.prefix.routes}/` } }
      : linked(noRoute({ method, headers, url, path: originalUrl.split('?', 1)[0]! }, allowed), floor.prefix)
    send(reply, answer, floor.isStopping())
    return reply
  })
  app.setErrorHandler(async (error, { routeOptions, headers, url }, reply) => {
    const path = routeOptions.url ?? 'unknown'
    const failure = frameworkFailure(error) ?? unexpected(error, path, floor.log)
    send(reply, linked(refusal(failure, { url, headers }, shapeAt(url)), floor.prefix), floor.isStopping())
    return reply
  })
}

// Clients of Prometheus' API read its errors where no route says so, too.
const shapeAt = (url: string): Route['failure'] => (/^\/+api\/+v1\//.test(url) ? refusalJson : undefined)

// `url` is below the prefix, the path as the caller wrote it.
type Lost = Readonly<{ method: string; url: string; path: string; headers: IncomingHttpHeaders }>

function noRoute({ method, url, path, headers }: Lost, allowed: readonly string[]): Answer {
  const shape = shapeAt(url)
  if (allowed.length === 0)
    return refusal(new Failure('not_found', `${method} ${path}`), { url, headers }, shape)
  const failure = new Failure('method_not_allowed', `${path} takes ${allowed.join(', ')}, not ${method}`)
  const answer = refusal(failure, { url, headers }, shape)
  return { ...answer, headers: { ...answer.headers, allow: allowed.join(', ') } }
}

const methodsOf = ({ method, alsoForm }: Route): string[] =>
  method === 'GET' ? ['GET', 'HEAD', ...(alsoForm ? ['POST'] : [])] : [method]

const patternOf = (path: string): RegExp => {
  const parts = path
    .split('/')
    .map(part => (part.startsWith(':') ? '[^/]+' : part.replace(/[^\w-]/g, '\\$&')))
  return new RegExp(`^${parts.join('/')}$`)
}

// Counts requests until their answers have left, so that closing knows what it waits for.
function track(app: FastifyInstance) {
  let wake = (): void => {}
  const underWay = {
    count: 0,
    async none(clock: Clock, withinMs: number): Promise<number> {
      if (underWay.count === 0) return 0
      await new Promise<void>(resolve => {
        const timer = clock.after(withinMs, resolve)
        wake = () => {
          timer.cancel()
          resolve()
        }
      })
      return underWay.count
    },
  }
  app.server.on('request', (_request, response) => {
    underWay.count += 1
    response.once('close', () => {
      underWay.count -= 1
      if (underWay.count === 0) wake()
    })
  })
  return underWay
}
