// The connections that requests leave by, apart for each way of sending, so that what one may reach is not reached by
// another. Ways that are alike share them, so that a host does not see more of them. Called by post.ts.
import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { guardedLookup, type Trust } from '#core/guard.ts'
import type { Transport } from '../channel.ts'
import { settingsDigest } from '../settings-digest.ts'
import { Lines } from './lines.ts'
import type { ProxyNames } from './proxy.ts'

const kindsMax = 256

export interface Pools {
  of(transport: Transport, trust: Trust): Promise<Lines>
  // Certificates are read anew next time.
  forget(transport: Transport): void
  close(): void
}

export function openPools(environment: ProxyNames, lookup = guardedLookup): Pools {
  const pools: Readonly<Record<Trust, Map<string, Promise<Lines>>>> = {
    operator: new Map(),
    outsider: new Map(),
  }
  // What is on its way arrives; connections that wait are closed.
  const drop = (pool: Map<string, Promise<Lines>>, alike: string): void => {
    const found = pool.get(alike)
    pool.delete(alike)
    void found?.then(lines => lines.closeIdle(), neverMade)
  }
  return {
    of(transport, trust) {
      const pool = pools[trust]
      const alike = settingsDigest(transport)
      const known = pool.get(alike)
      if (known !== undefined) return known
      const [oldest] = pool.keys()
      if (pool.size >= kindsMax && oldest !== undefined) drop(pool, oldest)
      // Who is no operator does not choose by whom we are led.
      const proxies = trust === 'operator' ? proxiesOf(transport, environment) : undefined
      const made = tlsOf(transport.tls).then(tls => new Lines({ tls, lookup: lookup(trust), proxies }))
      pool.set(alike, made)
      return made
    },
    forget(transport) {
      for (const pool of Object.values(pools)) drop(pool, settingsDigest(transport))
    },
    close() {
      const all = [...pools.operator.values(), ...pools.outsider.values()]
      for (const pool of Object.values(pools)) pool.clear()
      for (const found of all) void found.then(lines => lines.destroy(), neverMade)
    },
  }
}

const neverMade = (): void => {}

function proxiesOf({ proxy }: Transport, environment: ProxyNames): ProxyNames | undefined {
  if (proxy === undefined) return undefined
  if (proxy === 'environment') return environment
  const url = proxy.url.reveal()
  return { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: proxy.except }
}

async function tlsOf(tls: Transport['tls']): Promise<ConnectionOptions> {
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
