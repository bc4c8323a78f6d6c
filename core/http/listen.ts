// Where the server listens, what that says about who can reach it, and why it may fail. Called by server.ts.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer, isIPv6, type Server as NetServer } from 'node:net'
import { type ErrorCode, Failure } from '../errors.ts'
import type { Authorise, House } from './door.ts'

export type Listen = Readonly<{ host: string; port: number }>

type Settled = Readonly<{
  listen: Listen
  alsoListen?: readonly Listen[]
  authorise: Authorise
  externalUrl?: string
}>

export async function listenOn(server: NetServer, { host, port }: Listen): Promise<void> {
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (cause) {
    const error = cause as Error & { code?: string }
    // A machine without IPv6: every address is every IPv4 address.
    if (error.code === 'EAFNOSUPPORT' && host === '::') return listenOn(server, { host: '0.0.0.0', port })
    throw listenFailure(error, `${host}:${port}`)
  }
  // From here on it is a caller who could not be let in, for want of memory or files; the next one may be.
  server.on('error', () => {})
}

const asHttp = { allowHalfOpen: true, noDelay: true }

// What connects there is handed to the one server.
export async function alsoListenOn(server: Server, listens: readonly Listen[]): Promise<NetServer[]> {
  const others: NetServer[] = []
  for (const listen of listens) {
    const other = createServer(asHttp, socket => void server.emit('connection', socket))
    other.maxConnections = server.maxConnections
    others.push(other)
    try {
      await listenOn(other, listen)
    } catch (error) {
      for (const each of [server, ...others]) each.close()
      throw error
    }
  }
  return others
}

function listenFailure(error: Error & { code?: string }, address: string): Error {
  const code = listenCodes[error.code ?? '']
  return code === undefined ? error : new Failure(code, address, { cause: error })
}

const listenCodes: Readonly<Record<string, ErrorCode>> = {
  EADDRINUSE: 'port_in_use',
  EACCES: 'port_forbidden',
  EADDRNOTAVAIL: 'address_not_ours',
  ENOTFOUND: 'address_not_ours',
  EAI_AGAIN: 'address_not_ours',
}

export function houseOf({ listen, alsoListen = [], authorise, externalUrl }: Settled): House {
  const loopback = [listen, ...alsoListen].every(({ host }) => isLoopback(host))
  const externalHost = externalUrl === undefined ? undefined : new URL(externalUrl).host
  return { loopback, externalHost, authorise }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')

export function originOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`
}
