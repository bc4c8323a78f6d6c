// Expressions, at one time or over a range: /api/v1/query and /api/v1/query_range, and the language itself by
// format_query. Called by query-routes.ts.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { text } from '#core/http/parameters.ts'
import type { Pieces } from '#core/http/pieces.ts'
import { readAs, refusalJson, refuse } from '#core/http/prometheus-refusal.ts'
import { type Call, type Route, route } from '#core/http/route.ts'
import type { Range, Store } from '#core/store.ts'
import type { Expr } from '#promql/ast.ts'
import { evaluate, type Question } from '#promql/evaluate.ts'
import { format } from '#promql/format.ts'
import { parse } from '#promql/parse.ts'
import type { Source } from '#promql/source.ts'
import { typeOf } from '#promql/type-of.ts'
import type { Answer, Value } from '#promql/value.ts'
import { successJson, valueJson } from './answer-json.ts'
import type { Desk } from './desk.ts'
import type { QueryLimits } from './limits.ts'
import { limitOf, lookbackOf, spanOf, timeOf, timeOr } from './parameters.ts'
import { Stopwatch } from './stopwatch.ts'

export type EvaluateOptions = Readonly<{ store: Store; clock: Clock; limits: QueryLimits; desk: Desk }>

const common = {
  query: text('An expression of PromQL.'),
  timeout: text('How long the caller is willing to wait: seconds, or a duration like 30s.'),
  limit: text('The most series of the answer.'),
  lookback_delta: text('How long a sample stands for its series after it came; left out: 5m.'),
  stats: text('Anything: the answer also says how long it took, and how many samples.'),
}
const atOneTime = z.object({
  ...common,
  time: text('Seconds since 1970, or RFC 3339; left out: now.'),
})
const overRange = z.object({
  ...common,
  start: text('Seconds since 1970, or RFC 3339.'),
  end: text('Seconds since 1970, or RFC 3339.'),
  step: text('Between two points: seconds, or a duration like 30s.'),
})

export function evaluateRoutes(options: EvaluateOptions): Route[] {
  const { clock, limits, desk } = options
  const ask = asking(options)
  const shape = { method: 'GET', scope: 'read', alsoForm: true, failure: refusalJson } as const
  return [
    route({
      ...shape,
      path: '/api/v1/query',
      summary: 'What an expression comes to at one time.',
      query: atOneTime,
      handle: ({ query: said, ...call }) => {
        const most = limitOf(said.limit)
        const atMs = timeOr('time', said.time, clock.nowMs())
        const timeMs = patienceOf(said.timeout)
        const lookbackMs = lookbackOf(said.lookback_delta)
        const expr = readAs('query', () => parse(said.query ?? ''))
        const timed = said.stats !== undefined
        return desk.serve(
          { ...askerOf(call, said.query), timeMs },
          ask({ expr, question: { atMs }, most, lookbackMs, timed }),
        )
      },
    }),
    route({
      ...shape,
      path: '/api/v1/query_range',
      summary: 'What an expression comes to at each step of a range of times.',
      query: overRange,
      handle: ({ query: said, ...call }) => {
        const most = limitOf(said.limit)
        const question = stepsOf(said, limits.points)
        const timeMs = patienceOf(said.timeout)
        const lookbackMs = lookbackOf(said.lookback_delta)
        const expr = readAs('query', () => parse(said.query ?? ''))
        refuseWindows(expr)
        const timed = said.stats !== undefined
        return desk.serve(
          { ...askerOf(call, said.query), timeMs },
          ask({ expr, question, most, lookbackMs, timed }),
        )
      },
    }),
    route({
      ...shape,
      path: '/api/v1/format_query',
      summary: 'The same expression, well laid out.',
      query: z.object({ query: common.query }),
      handle: ({ query: { query } }) => ({
        body: { status: 'success', data: readAs('query', () => format(query ?? '')) },
      }),
    }),
  ]
}

type Caller = Pick<Call, 'signal' | 'principal' | 'headers'>

// For the desk.
export const askerOf = ({ signal, principal, headers }: Caller, question = '') => ({
  signal,
  question,
  who: principal.name,
  encodings: headers['accept-encoding'],
})

const patienceOf = (said: string | undefined): number | undefined =>
  said === undefined ? undefined : Math.max(0, spanOf('timeout', said))

type Steps = Readonly<{ startMs: number; endMs: number; stepMs: number }>
type Said = Readonly<{ start: string | undefined; end: string | undefined; step: string | undefined }>

function stepsOf({ start, end, step }: Said, points: number): Steps {
  const [startMs, endMs] = [timeOf('start', start), timeOf('end', end)]
  if (endMs < startMs) throw refuse('end', 'end timestamp must not be before start time')
  const stepMs = spanOf('step', step)
  if (stepMs <= 0) {
    throw refuse(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  }
  if (Math.floor((endMs - startMs) / stepMs) > points) {
    const most = points.toLocaleString('en')
    const what = `exceeded maximum resolution of ${most} points per timeseries. Try decreasing the query resolution (?step=XX)`
    throw new Failure('too_many_steps', what)
  }
  return { startMs, endMs, stepMs }
}

function refuseWindows(expr: Expr): void {
  const type = typeOf(expr)
  if (type === 'scalar' || type === 'vector') return
  const found = type === 'matrix' ? 'range vector' : 'string'
  throw refuse(
    'query',
    `invalid expression type "${found}" for range query, must be Scalar or instant Vector`,
  )
}

type Asked = Readonly<{
  expr: Expr
  question: Question
  // Series of the answer.
  most: number
  lookbackMs: number | undefined
  // Whether the answer says how long it took, and how many samples.
  timed: boolean
}>

const asking =
  ({ store, clock, limits }: EvaluateOptions) =>
  ({ expr, question, most, lookbackMs, timed }: Asked) => {
    const watch = new Stopwatch(() => clock.monotonicMs())
    return async (signal: AbortSignal): Promise<Pieces> => {
      const { samples, series, points } = limits
      watch.begin()
      const answer = await evaluate(expr, watch.over(sourceOf(store)), question, {
        // The desk keeps the time.
        limits: { samples, series, steps: points + 1, timeMs: Number.POSITIVE_INFINITY },
        signal,
        ...(lookbackMs === undefined || lookbackMs <= 0 ? {} : { lookbackMs }),
      })
      const { value, warnings, infos, cost } = cut(answer, most)
      const stats = timed ? watch.stats(cost) : undefined
      return successJson(valueJson(value, stats), { warnings, infos })
    }
  }

// Up to the end of the year 9999.
const latestMs = 253_402_300_799_999

// Stores know no times before 1970; whoever asks for them is told that there is nothing.
export const storedTimes = ({ fromMs, toMs, ...rest }: Range): Range => ({
  ...rest,
  fromMs: Math.max(0, fromMs),
  toMs: Math.min(latestMs, toMs),
})

const sourceOf = (store: Store): Source => ({
  select(matchers, wanted, signal) {
    const range = storedTimes(wanted)
    return range.fromMs > range.toMs ? [] : store.select(matchers, range, signal)
  },
})

export const truncated = 'results truncated due to limit'

function cut(answer: Answer, most: number): Answer {
  const value = fewer(answer.value, most)
  return value === answer.value ? answer : { ...answer, value, warnings: [...answer.warnings, truncated] }
}

function fewer(value: Value, most: number): Value {
  if (value.kind === 'scalar' || value.kind === 'string' || value.series.length <= most) return value
  if (value.kind === 'matrix') return { ...value, series: value.series.slice(0, most) }
  return { ...value, series: value.series.slice(0, most), values: value.values.slice(0, most) }
}
