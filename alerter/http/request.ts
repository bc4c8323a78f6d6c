// What is asked, as bytes: head and body in one, so that it leaves in one piece. Called by lines.ts.
import type { Outgoing } from '../channel.ts'
import { basicOf } from './proxy.ts'

export type Request = Omit<Outgoing, 'url'> & Readonly<{ url: URL }>

// These are ours to say.
const ours = /^(?:connection|content-length|host|transfer-encoding)$/i

export function bytesOf({ method, url, headers, body }: Request, proxy: URL | undefined): Buffer {
  const isByProxy = proxy !== undefined && url.protocol === 'http:'
  const target = `${url.pathname}${url.search}`
  const size = Buffer.byteLength(body)
  let head = `${method} ${isByProxy ? `http://${url.host}` : ''}${target} HTTP/1.1\r\n`
  let names = ' '
  const add = (name: string, value: string): void => {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw refused('ERR_INVALID_HTTP_TOKEN')
    // A line break would begin another header.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw refused('ERR_INVALID_CHAR')
    names += `${name.toLowerCase()} `
    head += `${name}: ${value}\r\n`
  }
  add('host', url.host)
  for (const [name, value] of Object.entries(headers)) if (!ours.test(name)) add(name, value)
  const [login, proxyLogin] = [basicOf(url), isByProxy ? basicOf(proxy) : undefined]
  if (!names.includes(' user-agent ')) add('user-agent', 'plimsoll')
  if (login !== undefined && !names.includes(' authorization ')) add('authorization', login)
  if (proxyLogin !== undefined) add('proxy-authorization', proxyLogin)
  if (method !== 'GET' || size > 0) add('content-length', String(size))
  head += 'connection: keep-alive\r\n\r\n'
  const bytes = Buffer.allocUnsafe(head.length + size)
  bytes.write(head, 'latin1')
  if (typeof body === 'string') bytes.write(body, head.length)
  else bytes.set(body, head.length)
  return bytes
}

const refused = (code: string): Error => Object.assign(new Error(code), { code })
