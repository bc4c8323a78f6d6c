// What host:port texts are made of, by the rules of Go's net package. Called by alert-functions.ts.
import { isIP } from 'node:net'

type HostPort = Readonly<{ host: string; port: string }>

// Nothing when it is none: without a port, or an address of version 6 without brackets.
function split(text: string): HostPort | undefined {
  const colon = text.lastIndexOf(':')
  if (colon === -1) return undefined
  const port = text.slice(colon + 1)
  if (!text.startsWith('[')) {
    const host = text.slice(0, colon)
    return /[:[\]]/.test(host) || /[[\]]/.test(port) ? undefined : { host, port }
  }
  const close = text.indexOf(']')
  const isPlain = close === colon - 1 && !text.slice(1).includes('[') && !port.includes(']')
  return isPlain ? { host: text.slice(1, close), port } : undefined
}

export const stripPort = (text: string): string => split(text)?.host ?? text

export function stripDomain(text: string): string {
  const { host, port } = split(text) ?? { host: text, port: '' }
  if (isIP(host) !== 0 && !host.includes('%')) return text
  const first = host.split('.')[0]!
  if (port === '') return first
  return first.includes(':') ? `[${first}]:${port}` : `${first}:${port}`
}
