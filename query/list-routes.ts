// What there is: series, names of labels and their values, as Prometheus' API lists them. Called by query-routes.ts.
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { text, texts } from '#core/http/parameters.ts'
import type { Pieces } from '#core/http/pieces.ts'
import { refusalJson } from '#core/http/prometheus-refusal.ts'
import { type Route, route } from '#core/http/route.ts'
import { keyOf } from '#core/labels.ts'
import type { Matcher, Series } from '#core/model.ts'
import type { Range, Store } from '#core/store.ts'
import { inSeriesOrder } from '#promql/evaluate/sorting.ts'
import { listJson, metricJson, type Notes, successJson } from './answer-json.ts'
import type { Desk } from './desk.ts'
import { askerOf, storedTimes, truncated } from './evaluate-routes.ts'
import type { QueryLimits } from './limits.ts'
import { limitOf, rangeOf, selectorsOf } from './parameters.ts'
import { unescapedName } from './unescaped-name.ts'

export type ListOptions = Readonly<{ store: Store; limits: QueryLimits; desk: Desk }>

const said = z.object({
  'match[]': texts('Selectors like up{host="a"}; what meets one of them is listed.'),
  start: text(
    'Seconds since 1970, or RFC 3339; left out: since ever. The store of one machine looks through 32 days at most: of a longer part of what it keeps, series of other times are listed too.',
  ),
  end: text('Seconds since 1970, or RFC 3339; left out: for ever.'),
  limit: text('The most that are listed.'),
})

type Said = z.infer<typeof said>

const lookUp = (what: string, query: Said, call: Parameters<typeof askerOf>[0]) =>
  askerOf(call, [what, ...query['match[]']].join(' '))

export function listRoutes(options: ListOptions): Route[] {
  const { store, limits, desk } = options
  const shape = { method: 'GET', scope: 'read', query: said, failure: refusalJson } as const
  return [
    route({
      ...shape,
      path: '/api/v1/series',
      alsoForm: true,
      summary: 'The series that meet one of the selectors.',
      handle: ({ query, ...call }) => {
        if (query['match[]'].length === 0) {
          throw new Failure('bad_request', 'no match[] parameter provided')
        }
        const asked = askedOf(query, 'match[]')
        return desk.serve(lookUp('series', query, call), signal => seriesOf({ store, limits }, asked, signal))
      },
    }),
    route({
      ...shape,
      path: '/api/v1/labels',
      alsoForm: true,
      summary: 'The names of labels.',
      handle: ({ query, ...call }) => {
        const asked = askedOf(query)
        return desk.serve(lookUp('labels', query, call), signal =>
          distinct(asked, (matchers, range) => store.labelNames(matchers, range, signal)),
        )
      },
    }),
    route({
      ...shape,
      path: '/api/v1/label/:name/values',
      summary: 'The values of one label. A name that an address cannot carry is escaped: U__host_2e_name.',
      handle: ({ params, query, ...call }) => {
        const name = unescapedName(params['name'] ?? '')
        const asked = askedOf(query)
        return desk.serve(lookUp(`values of ${name}`, query, call), signal =>
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
  const [first = [], ...others] = selectors
  let found = await store.series(first, range, signal)
  if (others.length > 0)
    found = await withOthers(found, others, matchers => store.series(matchers, range, signal))
  const wanted = Math.min(found.length, most)
  if (wanted > limits.series) {
    throw new Failure('too_many_samples', `${wanted} series are found, at most ${limits.series} may be`)
  }
  // As Prometheus merges them; what one selector finds stands as the store has it.
  const inOrder = others.length > 0 && found.length <= sortedMax ? byLabels(found) : found
  return successJson(listJson(inOrder.slice(0, wanted), metricJson), notesOf(found.length > most))
}

// Others wait while series are sorted: 20 000 take a fifth of a second, 200 000 two.
const sortedMax = 20_000

const byLabels = (found: readonly Series[]): readonly Series[] =>
  inSeriesOrder(found.map(series => ({ series }))).map(({ series }) => series)

type Selector = readonly Matcher[]

// One selector after the other: all at once would hold what each of hundreds finds.
async function withOthers(
  first: readonly Series[],
  others: readonly Selector[],
  find: (selector: Selector) => Promise<readonly Series[]>,
): Promise<Series[]> {
  const all = new Map(first.map(series => [keyOf(series), series]))
  for (const selector of others) {
    for (const series of await find(selector)) all.set(keyOf(series), series)
  }
  return [...all.values()]
}

type List = (matchers: readonly Matcher[], range: Range) => Promise<string[]>

async function distinct({ selectors, range, most }: Asked, list: List): Promise<Pieces> {
  if (range.fromMs > range.toMs) return successJson(['[]'])
  const [first = [], ...others] = selectors
  let found = await list(first, range)
  if (others.length > 0) {
    const all = new Set(found)
    for (const each of others) for (const text of await list(each, range)) all.add(text)
    found = [...all].sort()
  }
  const told = found.length > most ? found.slice(0, most) : found
  return successJson(
    listJson(told, text => JSON.stringify(text)),
    notesOf(found.length > most),
  )
}

const notesOf = (isCut: boolean): Notes => (isCut ? { warnings: [truncated] } : {})
