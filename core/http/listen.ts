// Where the server listens, what that says about who can reach it, and why it may fail. Called by server.ts.
import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { type ErrorCode, Failure } from '../errors.ts'
import type { Authorise, House } from './door.ts'

export type Listen = Readonly<{ host: string; port: number }>

type Settled = Readonly<{ listen: Listen; authorise: Authorise; externalUrl?: string }>

export function listenOn(server: Server, { host, port }: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(listenFailure(error, `${host}:${port}`)))
    server.listen({ host, port }, resolve)
  })
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

export function houseOf({ listen, authorise, externalUrl }: Settled): House {
  const loopback = listen.host === 'localhost' || listen.host === '::1' || listen.host.startsWith('127.')
  const externalHost = externalUrl === undefined ? undefined : new URL(externalUrl).host
  return { loopback, externalHost, authorise }
}

export function originOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`
}
