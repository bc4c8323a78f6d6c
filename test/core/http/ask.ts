// A server with the routes of a test on a free port, and a client that can send what browsers and fetch
// would not. Used by the tests of core/http and of rooms with routes.
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import type { Asking, Authorise } from '#core/http/door.ts'
import type { Route } from '#core/http/route.ts'
import { type Http, type HttpOptions, openHttp } from '#core/http/server.ts'
import { openLog } from '#core/log.ts'
import type { Principal, Scope } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'

export type Reply = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string; json: Json }>
// biome-ignore lint/suspicious/noExplicitAny: answers of all shapes
type Json = any

export type Ask = Readonly<{
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}>

export async function ask(http: Pick<Http, 'origin'>, path: string, what: Ask = {}): Promise<Reply> {
  const { method = what.body === undefined ? 'GET' : 'POST', headers, body } = what
  return new Promise((resolve, reject) => {
    const sent = request(http.origin, { path, method, agent: false, ...(headers && { headers }) }, reply => {
      textOf(reply).then(text => {
        const { statusCode: status = 0, headers } = reply
        const isJson = headers['content-type']?.startsWith('application/json') === true && text !== ''
        resolve({ status, headers, text, json: isJson ? JSON.parse(text) : undefined })
      }, reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

// Writes bytes to the port as they are, and answers with all that comes back until the end.
export function rawly(http: Pick<Http, 'port'>, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(http.port, '127.0.0.1', () => socket.write(bytes))
    textOf(socket).then(resolve, reject)
  })
}

export const holder = (...scopes: Scope[]): Principal => ({ kind: 'token', name: 'test', scopes })

// Whoever says `Bearer read,write` has these scopes; a cookie `session=read` is a person who logged in.
export const byWord: Authorise = async ({ headers, cookies }: Asking) => {
  const word = headers.authorization?.replace(/^Bearer /, '')
  if (word !== undefined) return holder(...(word.split(',') as Scope[]))
  const session = cookies['session']
  if (session === undefined) return undefined
  return { kind: 'user', name: 'ann', scopes: session.split(',') as Scope[] }
}

export const bearer = (...scopes: Scope[]) => ({ authorization: `Bearer ${scopes.join(',')}` })

export type Stand = Readonly<{ http: Http; lines: string[]; own: ReturnType<typeof openOwnMetrics> }>

export async function openStand(
  routes: readonly Route[],
  options: Partial<HttpOptions> = {},
): Promise<Stand & AsyncDisposable> {
  const lines: string[] = []
  const log = openLog({ write: line => lines.push(line) })
  const own = openOwnMetrics()
  const listen = { host: '127.0.0.1', port: 0 }
  const http = await openHttp({ routes, listen, authorise: byWord, log, own, ...options })
  const close = async (): Promise<void> => {
    await http.close()
    log.flush()
  }
  return { http, lines, own, [Symbol.asyncDispose]: close }
}
