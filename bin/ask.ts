// Asks the running service over HTTP: where it is, with which token, and what to do when it does not answer.
// Called by the commands that show or change something in it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Address, addressText } from '#core/config.ts'
import { type Call, Stop } from './command.ts'
import { settingsRead } from './settings.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

export type Ask = Readonly<{
  url: string
  // The parsed JSON of the answer; undefined when it has no body.
  // A form goes as one, everything else as JSON.
  send(method: Method, path: string, body?: object): Promise<unknown>
  // Of an answer that is a file.
  bytes(path: string): Promise<Uint8Array>
  // Of an answer that comes line by line: each is JSON. Whoever stops reading ends the work behind it.
  lines(path: string, body: object): AsyncGenerator<unknown>
}>

// Nobody listens there, as opposed to somebody who refuses.
export class Unreachable extends Stop {}

// Somebody listens who does not have this: it is not among his roles.
export class Absent extends Stop {}

const patienceMs = 600_000

export function openAsk(call: Pick<Call, 'text' | 'io'>): Ask {
  const { text, io } = call
  const named = text['url'] ?? present(io.env['PLIMSOLL_URL'])
  const given = text['token'] ?? present(io.env['PLIMSOLL_TOKEN'])
  if (named !== undefined && !/^https?:\/\/[^/]/.test(named)) {
    throw new Stop(`wanted a URL that begins with http:// or https://, found ${named}`, 2)
  }
  // Who says both needs no configuration, nor a good one.
  const read = named === undefined || given === undefined ? settingsRead(call) : undefined
  const config = read?.config
  const ourUrl = urlOf(config?.listen) + (config?.routePrefix ?? '')
  const url = (named ?? ourUrl).replace(/\/+$/, '')
  // The token of this machine's service goes to no other one.
  const isOurs = named === undefined || url === ourUrl
  const file = config !== undefined && isOurs ? join(config.data, 'token') : undefined
  const local = given !== undefined || file === undefined ? {} : tokenIn(file)
  const token = given ?? local.token
  const isElsewhere = token === undefined && read !== undefined && read.file === undefined
  const door: Door = { url, token, file, isClosed: local.isClosed ?? false, isElsewhere }
  return {
    url,
    send: (method, path, body) => send(door, { method, path, body }),
    bytes: path => bytes(door, { method: 'GET', path, body: undefined }),
    lines: (path, body) => lines(door, { method: 'POST', path, body }),
  }
}

const present = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

// Who listens on every address is met on the loopback one.
export function urlOf(listen: Address | undefined): string {
  if (listen === undefined) return ''
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listen.host] ?? listen.host
  return `http://${addressText({ ...listen, host })}`
}

// `isClosed`: it is there, but belongs to somebody else.
function tokenIn(file: string): { token?: string | undefined; isClosed?: boolean } {
  try {
    return { token: present(readFileSync(file, 'utf8').trim()) }
  } catch (error) {
    return { isClosed: (error as NodeJS.ErrnoException).code === 'EACCES' }
  }
}

type Door = Readonly<{
  url: string
  token: string | undefined
  file: string | undefined
  isClosed: boolean
  // There is neither a configuration nor a token: it is not the folder of the service.
  isElsewhere: boolean
}>
type Request = Readonly<{ method: Method; path: string; body: object | undefined }>

async function send(door: Door, request: Request): Promise<unknown> {
  const response = await answered(door, request, AbortSignal.timeout(patienceMs))
  const text = await response.text()
  if (response.ok) return text === '' ? undefined : jsonOf(text, door.url)
  const refusal = refusalText(door, response.status, text)
  throw response.status === 404 ? new Absent(refusal) : new Stop(refusal)
}

async function bytes(door: Door, request: Request): Promise<Uint8Array> {
  const response = await answered(door, request, AbortSignal.timeout(patienceMs))
  if (!response.ok) throw new Stop(refusalText(door, response.status, await response.text()))
  return new Uint8Array(await response.arrayBuffer())
}

async function* lines(door: Door, request: Request): AsyncGenerator<unknown> {
  const end = new AbortController()
  const response = await answered(door, request, end.signal)
  if (!response.ok) throw new Stop(refusalText(door, response.status, await response.text()))
  let rest = ''
  try {
    for await (const piece of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const [first = '', ...more] = piece.split('\n')
      rest += first
      for (const each of more) {
        if (rest !== '') yield jsonOf(rest, door.url)
        rest = each
      }
    }
  } catch (cause) {
    if (cause instanceof Stop) throw cause
    throw new Stop(`${door.url} broke off in the middle of its answer: ${(cause as Error).message}`)
  } finally {
    end.abort()
  }
  if (rest !== '') yield jsonOf(rest, door.url)
}

function answered(door: Door, { method, path, body }: Request, signal: AbortSignal): Promise<Response> {
  const isForm = body instanceof URLSearchParams
  return fetch(door.url + path, {
    method,
    headers: {
      accept: 'application/json',
      ...(door.token === undefined ? {} : { authorization: `Bearer ${door.token}` }),
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    signal,
  }).catch((cause: Error) => {
    throw new Unreachable(unreachableText(door.url, cause))
  })
}

function jsonOf(text: string, url: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Stop(`${url} does not answer like Plimsoll: wanted JSON, found ${text.slice(0, 60)}`)
  }
}

function unreachableText(url: string, cause: Error): string {
  const { code, message = cause.message } = (cause.cause ?? {}) as Partial<NodeJS.ErrnoException>
  if (code !== 'ECONNREFUSED') {
    return `${url} does not answer (${code ?? message}). Is the address right? --url or PLIMSOLL_URL names another.`
  }
  return `nothing listens at ${url}. Start the service by \`plimsoll up\`, or name another address by --url or PLIMSOLL_URL.`
}

function refusalText(
  { url, token, file, isClosed, isElsewhere }: Door,
  status: number,
  text: string,
): string {
  const said = saidIn(text)
  if (status !== 401 && status !== 403)
    // A caret below a line must stay below it.
    return said === '' ? `${url} answered ${status}` : said.replace(/(?=\n|$)/, ` (${status})`)
  const why = said === '' ? '' : `: ${said}`
  if (status === 403)
    return `the token may not do this${why}. One with the right scope comes by --token or PLIMSOLL_TOKEN.`
  const places = file === undefined ? '--token and PLIMSOLL_TOKEN' : `--token, PLIMSOLL_TOKEN and ${file}`
  if (isClosed) {
    return `${url} wants a token${why}. The one in ${file} may be read by the owner of the data folder only: ask as that user, or with a token of your own by --token or PLIMSOLL_TOKEN.`
  }
  const found = token === undefined ? 'There was none' : 'The one found there is not good'
  const todo =
    file === undefined
      ? '`plimsoll token create` on its machine makes one.'
      : isElsewhere
        ? 'There is no plimsoll.yml here: ask in the folder of the service, or name its configuration by --config.'
        : 'A new start of the service writes a good one into that file.'
  return `${url} wants a token${why}. ${found}: looked at ${places}. ${todo}`
}

// Ours, Prometheus' and InfluxDB's answers put it in different places; Alertmanager's is a bare text.
function saidIn(text: string): string {
  try {
    const body = JSON.parse(text) as Record<string, unknown> | string
    if (typeof body === 'string') return body
    const inner = typeof body['error'] === 'object' && body['error'] !== null ? body['error'] : body
    const { detail, message, error } = inner as Record<string, unknown>
    return String(detail ?? message ?? error ?? '')
  } catch {
    return text.length > 200 ? `${text.slice(0, 199)}…` : text
  }
}
