// A store of a few series in memory, and a way to ask the query API over it without a server. Used by the tests of the
// routes.
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { faultAnswer } from '#core/http/fault.ts'
import { judge } from '#core/http/judge.ts'
import type { Answer, Call, Route } from '#core/http/route.ts'
import { labelNamesOf, labelsOf, labelValue } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Series } from '#core/model.ts'
import type { Range, SeriesSamples, Store } from '#core/store.ts'
import { type QueryOptions, queryRoutes } from '../../query/query-routes.ts'

export const nowMs = Date.UTC(2026, 10, 20, 12)
export const minute = 60_000

export const series = (name: string, labels: Record<string, string>): Series => ({
  name,
  labels: labelsOf(Object.entries(labels)),
})

export const samples = (one: Series, points: readonly (readonly [number, number])[]): SeriesSamples => ({
  series: one,
  tMs: Float64Array.from(points, ([tMs]) => tMs),
  values: Float64Array.from(points, ([, value]) => value),
})

export function storeOf(all: readonly SeriesSamples[]): Store {
  const within = ({ series, tMs, values }: SeriesSamples, { fromMs, toMs }: Range): SeriesSamples => {
    const places = [...tMs.keys()].filter(at => tMs[at]! >= fromMs && tMs[at]! <= toMs)
    const [from, to] = [places[0] ?? 0, (places.at(-1) ?? -1) + 1]
    return { series, tMs: tMs.slice(from, to), values: values.slice(from, to) }
  }
  const select: Store['select'] = async (matchers, range) =>
    all
      .filter(each => matches(each.series, matchers))
      .map(each => within(each, range))
      .filter(each => each.tMs.length > 0)
  const found: Store['series'] = async (matchers, range) =>
    (await select(matchers, range)).map(each => each.series)
  const distinct = (texts: readonly string[]): string[] =>
    [...new Set(texts)].filter(text => text !== '').sort()
  return {
    select,
    series: found,
    labelNames: async (matchers, range) => distinct((await found(matchers, range)).flatMap(labelNamesOf)),
    labelValues: async (name, matchers, range) =>
      distinct((await found(matchers, range)).map(series => labelValue(series, name))),
  } as Partial<Store> as Store
}

export type Said = Readonly<Record<string, string | readonly string[]>>
export type Asking = Readonly<{ body: unknown; status: number }>

export type Api = Readonly<{
  // The answer as JSON, as the server would send it.
  ask(path: string, said?: Said): Promise<Asking>
  // As the handler gives it, or throws it.
  raw(path: string, said: Said, signal?: AbortSignal, headers?: Call['headers']): Promise<Answer>
}>

const principal = { kind: 'token', name: 'grafana', scopes: ['read'] }

export function apiOver(store: Store, more: Partial<QueryOptions> = {}): Api {
  const routes = queryRoutes({ store, clock: new SimulatedClock(nowMs), version: '0.1.0', ...more })
  const raw: Api['raw'] = async (path, said, signal = new AbortController().signal, headers = {}) => {
    const { route, params } = routeOf(routes, `/api/v1/${path}`)
    const query = route.query === undefined ? said : judge(route.query, said, 'query')
    return route.handle({ params, query, signal, headers, principal } as unknown as Call)
  }
  return {
    raw,
    async ask(path, said = {}) {
      try {
        const { status = 200, body } = await raw(path, said)
        return { status, body: typeof body === 'string' ? JSON.parse(body) : body }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        const { route } = routeOf(routes, `/api/v1/${path}`)
        const { status = 200, body } = faultAnswer(error, route.failure)
        return { status, body }
      }
    },
  }
}

function routeOf(routes: readonly Route[], path: string): { route: Route; params: Record<string, string> } {
  for (const route of routes) {
    const found = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(path)
    if (found !== null) return { route, params: { ...found.groups } }
  }
  throw new Error(`no route for ${path}`)
}
