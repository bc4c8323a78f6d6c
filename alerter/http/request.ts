// What is asked, as bytes that leave together. Called by lines.ts.
// Hot in a storm: see bench/storm.ts, `single`.
import type { Outgoing } from '../channel.ts'
import { headerName } from './header-name.ts'
import { basicOf } from './proxy.ts'

export type Request = Omit<Outgoing, 'url'> & Readonly<{ url: URL }>

// These are ours to say.
const ours = new Set(['connection', 'content-length', 'host', 'transfer-encoding'])

// Head and body in one, because two pieces cost more than a short copy does.
const oneMaxBytes = 16_384

export function piecesOf(request: Request, proxy: URL | undefined): readonly Uint8Array[] {
  const { body } = request
  const head = headOf(request, proxy)
  if (typeof body !== 'string' && body.length > oneMaxBytes) return [Buffer.from(head, 'latin1'), body]
  const bytes = Buffer.allocUnsafe(head.length + Buffer.byteLength(body))
  bytes.write(head, 'latin1')
  if (typeof body === 'string') bytes.write(body, head.length)
  else bytes.set(body, head.length)
  return [bytes]
}

function headOf({ method, url, headers, body }: Request, proxy: URL | undefined): string {
  const isByProxy = proxy !== undefined && url.protocol === 'http:'
  const size = Buffer.byteLength(body)
  const origin = isByProxy ? `http://${url.host}` : ''
  let head = `${method} ${origin}${url.pathname}${url.search} HTTP/1.1\r\n${lineOf('host', url.host)}`
  let [saysAgent, saysLogin] = [false, false]
  for (const name in headers) {
    const lower = headerName(name)
    if (lower === undefined) throw refused('ERR_INVALID_HTTP_TOKEN')
    if (ours.has(lower)) continue
    head += lineOf(name, headers[name]!)
    saysAgent ||= lower === 'user-agent'
    saysLogin ||= lower === 'authorization'
  }
  const [login, proxyLogin] = [basicOf(url), isByProxy ? basicOf(proxy) : undefined]
  if (!saysAgent) head += lineOf('user-agent', 'plimsoll')
  if (login !== undefined && !saysLogin) head += lineOf('authorization', login)
  if (proxyLogin !== undefined) head += lineOf('proxy-authorization', proxyLogin)
  if (method !== 'GET' || size > 0) head += `content-length: ${size}\r\n`
  return `${head}connection: keep-alive\r\n\r\n`
}

function lineOf(name: string, value: string): string {
  // A line break would begin another header.
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw refused('ERR_INVALID_CHAR')
  return `${name}: ${value}\r\n`
}

const refused = (code: string): Error => Object.assign(new Error(code), { code })
