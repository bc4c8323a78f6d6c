// A gateway without a server, for tests: what is posted, what it answers, and what arrived on the bus.

import type { Batch } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import { SimulatedClock } from '#core/clock.ts'
import type { Failure } from '#core/errors.ts'
import { faultAnswer } from '#core/http/fault.ts'
import type { Answer, Route } from '#core/http/route.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale } from '#core/stale.ts'
import {
  type GatewayOptions,
  gatewayLimits,
  gatewayRoutes,
} from '../../../collector/gateway/gateway-routes.ts'

export const nowMs = Date.UTC(2026, 10, 20, 12)

export type Told = Readonly<{ series: string; tMs: number; value: number | 'stale' | string }>

type Posted = Readonly<{
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  source?: string
}>

// Partitions come in no order that a test could name.
export const byName = (told: readonly Told[]): Told[] =>
  told.toSorted((a, b) => (a.series < b.series ? -1 : a.series > b.series ? 1 : a.tMs - b.tMs))

export function openGateway(options: Partial<GatewayOptions> = {}, carries: Bus['carries'] = 'rows') {
  const clock = new SimulatedClock(nowMs)
  const own = openOwnMetrics()
  const table = options.table ?? new SeriesTable()
  const batches: Batch[] = []
  const told: Told[] = []
  let handle: (records: readonly Batch[]) => Promise<void> = async () => {}
  const bus: Bus = {
    carries,
    health: async () => ({ writable: true }),
    async publish(_topic, handed) {
      const records = handed as readonly Batch[]
      await handle(records)
      // Copied, since the publisher uses its arrays again.
      batches.push(...records)
      told.push(...records.flatMap(each => readable(each, table)))
    },
    subscribe: () => Promise.reject(new Error('nobody subscribes here')),
    places: async () => new Map(),
    close: async () => {},
  }
  const said: string[] = []
  const log = openLog({ clock, write: line => said.push(line) })
  const routes = gatewayRoutes({ bus, clock, own, table, log, ...options })
  const limits = { ...gatewayLimits, ...options.limits }

  return {
    routes,
    own,
    table,
    clock,
    limits,
    batches,
    told,
    // What was logged, but for the time.
    logged: () =>
      said.map(line => {
        const { time: _, ...rest } = JSON.parse(line) as Record<string, unknown>
        return rest
      }),
    // What the sink does with each batch from now on.
    onPublish(next: typeof handle): void {
      handle = next
    },
    post: (path: string, body: Uint8Array | string, posted: Posted = {}) =>
      call(found(routes, 'POST', path), Buffer.from(body), posted),
    get: (path: string) => call(found(routes, 'GET', path), Buffer.alloc(0), {}),
    count(name: string, labels: Readonly<Record<string, string>> = {}): number {
      const matching = own
        .samples(nowMs)
        .filter(({ series }) => series.name === name)
        .filter(({ series }) =>
          Object.entries(labels).every(([label, value]) => series.labels[label] === value),
        )
      return matching.reduce((sum, { value }) => sum + value, 0)
    },
  }
}

function found(routes: readonly Route[], method: string, path: string): Route {
  const route = routes.find(each => each.method === method && each.path === path)
  if (route === undefined) throw new Error(`no ${method} ${path}`)
  return route
}

// As the server does it: the schema judges the query, a Failure becomes an answer, anything else is a bug.
async function call(route: Route, body: Buffer, { query = {}, headers = {}, source = 'tests' }: Posted) {
  try {
    const answer: Answer = await route.handle({
      params: {},
      query: route.query?.parse(query) ?? query,
      body,
      url: route.path,
      headers,
      principal: { kind: 'token', name: source, scopes: ['write'] },
      remote: '127.0.0.1',
      readMs: 0,
      signal: new AbortController().signal,
    })
    return answer
  } catch (error) {
    if ((error as Failure).code in { internal: 1 } || !('detail' in (error as object))) throw error
    return faultAnswer(error as Failure, route.failure)
  }
}

export function readable({ rows, notes }: Batch, table: SeriesTable): Told[] {
  const samples = [...rows.series].map((id, at) => ({
    series: written(table, id),
    tMs: rows.tMs[at]!,
    value: isStale(rows.values, at) ? 'stale' : rows.values[at]!,
  }))
  const texts = notes.map(({ series, tMs, text }) => ({ series: written(table, series), tMs, value: text }))
  return [...samples, ...texts]
}

function written(table: SeriesTable, id: number): string {
  const { name, labels } = table.get(id)
  const pairs = Object.keys(labels).map(label => `${label}="${labels[label]}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}
