// What a room says about one address that it answers. The server (server.ts) does the rest: reading, checking,
// authorisation, errors, OpenAPI. Rooms export lists of these; bin/ hands them to the server.
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { ZodType } from 'zod'
import type { Failure } from '../errors.ts'
import type { Principal, Scope } from '../model.ts'

export type Call<Query = unknown, Body = unknown> = Readonly<{
  params: Readonly<Record<string, string>>
  // Without a schema: as it came, a list where a name occurs twice.
  query: Query
  body: Body
  // Path and query as they came, below the prefix.
  url: string
  headers: IncomingHttpHeaders
  // Of an open address: nobody, without scopes.
  principal: Principal
  remote: string
  // How long it has taken to read.
  readMs: number
  // Ends when the caller has gone away.
  signal: AbortSignal
}>

// An object goes out as JSON, text, bytes and streams as they are; no body and no status is 204.
export type Answer = Readonly<{
  status?: number
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array | Readable | object
}>

export type Route<Query = unknown, Body = unknown> = Readonly<{
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  // `/a/:name` takes one piece as params.name.
  path: string
  // Who may call: `open` is everyone, on purpose.
  scope: Scope | 'open'
  summary: string
  query?: ZodType<Query>
  // `bytes` is the body as it came, still compressed; a schema sees JSON, or the fields of a form.
  body?: ZodType<Body> | 'bytes'
  // Left out: 1 MiB.
  bodyMaxBytes?: number
  // Of a GET: the same by POST, whose form joins the query. Prometheus' clients send long queries so.
  alsoForm?: boolean
  answer?: ZodType
  // How a failure looks to this address's clients; left out: ours.
  failure?: (failure: Failure, status: number) => object
  handle(call: Call<Query, Body>): Promise<Answer> | Answer
}>

// Keeps the types of query and body between the schema and the handler, and forgets them for the list.
export const route = <Query, Body>(one: Route<Query, Body>): Route => one as unknown as Route
