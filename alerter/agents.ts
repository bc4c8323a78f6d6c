// The connections that requests leave by: kept alive, few, and apart for each way of sending, so that what one may reach
// is not reached by another. Ways that are alike share them, so that a host does not see more of them. Called by post.ts.
import { readFile } from 'node:fs/promises'
import { Agent as PlainAgent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Transport } from './channel.ts'
import { guardedLookup, type Trust } from './guard.ts'
import { settingsDigest } from './settings-digest.ts'

export type Agents = Readonly<{ http: PlainAgent; https: TlsAgent }>

// As in the environment: HTTP_PROXY and so on.
export type ProxyNames = Readonly<Record<string, string | undefined>>

const socketsMax = 16
const idleMs = 30_000
const kindsMax = 256

export interface AgentPool {
  of(transport: Transport, trust: Trust): Promise<Agents>
  // Certificates are read anew next time.
  forget(transport: Transport): void
  close(): void
}

export function openAgents(environment: ProxyNames, lookup = guardedLookup): AgentPool {
  const pools: Readonly<Record<Trust, Map<string, Promise<Agents>>>> = {
    operator: new Map(),
    outsider: new Map(),
  }
  // What is on its way arrives; connections that wait are closed.
  const drop = (pool: Map<string, Promise<Agents>>, alike: string): void => {
    const agents = pool.get(alike)
    pool.delete(alike)
    void agents?.then(({ http, https }) => {
      closeIdle(http)
      closeIdle(https)
    }, neverMade)
  }
  return {
    of(transport, trust) {
      const pool = pools[trust]
      const alike = settingsDigest(transport)
      const known = pool.get(alike)
      if (known !== undefined) return known
      const [oldest] = pool.keys()
      if (pool.size >= kindsMax && oldest !== undefined) drop(pool, oldest)
      const agents = agentsOf(transport, trust, { environment, lookup })
      pool.set(alike, agents)
      return agents
    },
    forget(transport) {
      for (const pool of Object.values(pools)) drop(pool, settingsDigest(transport))
    },
    close() {
      const all = [...pools.operator.values(), ...pools.outsider.values()]
      for (const pool of Object.values(pools)) pool.clear()
      for (const agents of all) {
        void agents.then(({ http, https }) => {
          http.destroy()
          https.destroy()
        }, neverMade)
      }
    },
  }
}

const neverMade = (): void => {}

function closeIdle({ freeSockets }: PlainAgent): void {
  for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}

type Around = Readonly<{ environment: ProxyNames; lookup: typeof guardedLookup }>

async function agentsOf(transport: Transport, trust: Trust, around: Around): Promise<Agents> {
  // Who is no operator does not choose by whom we are led.
  const proxy = trust === 'operator' ? proxyOf(transport, around.environment) : undefined
  const options = {
    keepAlive: true,
    maxSockets: socketsMax,
    maxFreeSockets: socketsMax,
    timeout: idleMs,
    lookup: around.lookup(trust),
    ...(proxy === undefined ? {} : { proxyEnv: proxy }),
  }
  return {
    http: new PlainAgent(options),
    https: new TlsAgent({ ...options, ...(await tlsOf(transport.tls)) }),
  }
}

function proxyOf({ proxy }: Transport, environment: ProxyNames): ProxyNames | undefined {
  if (proxy === undefined) return undefined
  if (proxy === 'environment') return environment
  const url = proxy.url.reveal()
  return { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: proxy.except }
}

async function tlsOf(tls: Transport['tls']) {
  const read = async (text: string | undefined, file: string | undefined): Promise<string | undefined> =>
    file === undefined ? text : await readFile(file, 'utf8')
  const [ca, cert, key] = await Promise.all([
    read(tls.ca, tls.caFile),
    read(tls.cert, tls.certFile),
    read(tls.key?.reveal(), tls.keyFile),
  ])
  return {
    rejectUnauthorized: tls.verify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    ...(tls.minVersion !== undefined && { minVersion: tls.minVersion }),
    ...(tls.maxVersion !== undefined && { maxVersion: tls.maxVersion }),
  }
}
