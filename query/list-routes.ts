// What there is: series, names of labels and their values, as Prometheus' API lists them. Called by query-routes.ts.
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { type Route, route } from '#core/http/route.ts'
import { keyOf } from '#core/labels.ts'
import type { Matcher, Series } from '#core/model.ts'
import type { Range, Store } from '#core/store.ts'
import { listJson, metricJson, type Notes, type Pieces, successJson } from './answer-json.ts'
import type { Desk } from './desk.ts'
import { storedTimes, truncated } from './evaluate-routes.ts'
import type { QueryLimits } from './limits.ts'
import { limitOf, rangeOf, selectorsOf, text, texts } from './parameters.ts'
import { refusalJson } from './refusal.ts'
import { unescapedName } from './unescaped-name.ts'

export type ListOptions = Readonly<{ store: Store; limits: QueryLimits; desk: Desk }>

const said = z.object({
  'match[]': texts('Selectors like up{host="a"}; what meets one of them is listed.'),
  start: text('Seconds since 1970, or RFC 3339; left out: since ever.'),
  end: text('Seconds since 1970, or RFC 3339; left out: for ever.'),
  limit: text('The most that are listed.'),
})

export function listRoutes(options: ListOptions): Route[] {
  const { store, limits, desk } = options
  const shape = { method: 'GET', scope: 'read', query: said, failure: refusalJson } as const
  return [
    route({
      ...shape,
      path: '/api/v1/series',
      alsoForm: true,
      summary: 'The series that meet one of the selectors.',
      handle: ({ query, signal }) => {
        if (query['match[]'].length === 0) {
          throw new Failure('bad_request', 'no match[] parameter provided')
        }
        const asked = askedOf(query, 'match[]')
        return desk.serve({ signal }, signal => seriesOf({ store, limits }, asked, signal))
      },
    }),
    route({
      ...shape,
      path: '/api/v1/labels',
      alsoForm: true,
      summary: 'The names of labels.',
      handle: ({ query, signal }) => {
        const asked = askedOf(query)
        return desk.serve({ signal }, signal =>
          distinct(asked, (matchers, range) => store.labelNames(matchers, range, signal)),
        )
      },
    }),
    route({
      ...shape,
      path: '/api/v1/label/:name/values',
      summary: 'The values of one label. A name that an address cannot carry is escaped: U__host_2e_name.',
      handle: ({ params, query, signal }) => {
        const name = unescapedName(params['name'] ?? '')
        const asked = askedOf(query)
        return desk.serve({ signal }, signal =>
          distinct(asked, (matchers, range) => store.labelValues(name, matchers, range, signal)),
        )
      },
    }),
  ]
}

type Asked = Readonly<{ selectors: readonly (readonly Matcher[])[]; range: Range; most: number }>

// `name` is told with a bad selector where Prometheus does.
function askedOf(query: z.output<typeof said>, name?: string): Asked {
  const most = limitOf(query.limit)
  const range = storedTimes(rangeOf(query))
  return { selectors: selectorsOf(query['match[]'], name), range, most }
}

type Answering = Pick<ListOptions, 'store' | 'limits'>

async function seriesOf(
  { store, limits }: Answering,
  { selectors, range, most }: Asked,
  signal: AbortSignal,
): Promise<Pieces> {
  if (range.fromMs > range.toMs) return successJson(['[]'])
  const lists = await Promise.all(selectors.map(matchers => store.series(matchers, range, signal)))
  const found = lists.length === 1 ? lists[0]! : oncePerSeries(lists)
  const wanted = Math.min(found.length, most)
  if (wanted > limits.series) {
    throw new Failure('too_many_samples', `${wanted} series are found, at most ${limits.series} may be`)
  }
  return successJson(listJson(found.slice(0, wanted), metricJson), notesOf(found.length > most))
}

const oncePerSeries = (lists: readonly (readonly Series[])[]): Series[] => [
  ...new Map(lists.flat().map(series => [keyOf(series), series])).values(),
]

type List = (matchers: readonly Matcher[], range: Range) => Promise<string[]>

async function distinct({ selectors, range, most }: Asked, list: List): Promise<Pieces> {
  if (range.fromMs > range.toMs) return successJson(['[]'])
  const lists = await Promise.all((selectors.length === 0 ? [[]] : selectors).map(each => list(each, range)))
  const found = lists.length === 1 ? lists[0]! : [...new Set(lists.flat())].sort()
  const told = found.length > most ? found.slice(0, most) : found
  return successJson(
    listJson(told, text => JSON.stringify(text)),
    notesOf(found.length > most),
  )
}

const notesOf = (isCut: boolean): Notes => (isCut ? { warnings: [truncated] } : {})
