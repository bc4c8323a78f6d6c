// What clients of Prometheus' API ask beside samples: who answers, what its metrics mean, and a list that is empty here.
// Called by query-routes.ts.
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { text } from '#core/http/parameters.ts'
import { readAs, refusalJson } from '#core/http/prometheus-refusal.ts'
import { type Route, route } from '#core/http/route.ts'
import { metrics } from '#core/metrics.ts'
import type { Expr } from '#promql/ast.ts'
import { childrenOf } from '#promql/children.ts'
import { parse } from '#promql/parse.ts'
import { rangeOf } from './parameters.ts'

// The Prometheus whose language and API this is. Grafana chooses by it what it asks for.
const speaks = '3.0.0'

export function aboutRoutes({ version }: Readonly<{ version: string }>): Route[] {
  const shape = { method: 'GET', scope: 'read', failure: refusalJson } as const
  const success = (data: unknown): { body: object } => ({ body: { status: 'success', data } })
  return [
    route({
      ...shape,
      path: '/api/v1/metadata',
      summary: 'What the metrics of this service and its agent mean.',
      query: z.object({
        metric: text('Only this one.'),
        limit: text('The most metrics that are told of.'),
        limit_per_metric: text('There is one meaning of each.'),
      }),
      handle: ({ query }) => {
        wholeNumber('limit_per_metric', query.limit_per_metric)
        return success(meanings(query.metric, wholeNumber('limit', query.limit)))
      },
    }),
    route({
      ...shape,
      path: '/api/v1/status/buildinfo',
      summary: 'Who answers. `version` is that of the Prometheus whose language this is.',
      // Without `features`: whoever tells of some is taken for Mimir by Grafana, which then asks it for its ruler.
      handle: () =>
        success({
          application: 'Plimsoll',
          version: speaks,
          revision: `plimsoll-${version}`,
          branch: '',
          buildUser: '',
          buildDate: '',
          goVersion: '',
        }),
    }),
    route({
      ...shape,
      path: '/api/v1/query_exemplars',
      alsoForm: true,
      summary: 'Samples carry no exemplars here: the list is empty.',
      query: z.object({ query: text('An expression of PromQL.'), start: text(''), end: text('') }),
      handle: ({ query }) => {
        const { fromMs, toMs } = rangeOf(query)
        if (toMs < fromMs) {
          throw new Failure('bad_request', 'end timestamp must not be before start timestamp')
        }
        const expr = readAs(undefined, () => parse(query.query ?? ''))
        // Prometheus has nothing to say about what names no series.
        return hasSelector(expr) ? success([]) : {}
      },
    }),
  ]
}

const hasSelector = (expr: Expr): boolean => expr.kind === 'selector' || childrenOf(expr).some(hasSelector)

function wholeNumber(name: string, said: string | undefined): number {
  if (said === undefined) return -1
  if (!/^[+-]?\d+$/.test(said)) throw new Failure('bad_request', `${name} must be a number`)
  return Number(said)
}

type Meaning = Readonly<{ type: string; help: string; unit: string }>

// Below zero the limit is none.
function meanings(metric: string | undefined, limit: number): Record<string, readonly Meaning[]> {
  const named = Object.entries(metrics).filter(([name]) => metric === undefined || name === metric)
  const told = limit < 0 ? named : named.slice(0, limit)
  return Object.fromEntries(
    told.map(([name, { kind, meaning, unit }]) => [name, [{ type: kind, help: meaning, unit }]]),
  )
}
