// The functions of PromQL, each by its name. What they take is in the table beside the parser (../functions.ts);
// here is what they do. Called by compute.ts.
import type { Series } from '#core/model.ts'
import type { Expr } from '../ast.ts'
import type { FunctionName } from '../functions.ts'
import { stepsOfNothing, whereNothing } from './absent.ts'
import { fractionOfBuckets, quantileOfBuckets } from './buckets.ts'
import { allUnnamed, type Columns, ofScalars, onlyKept, type Result, type Scalars } from './columns.ts'
import { dates } from './dates.ts'
import { isFixed } from './fixed.ts'
import { type Grid, timeAt } from './grid.ts'
import { ofHistograms } from './histograms.ts'
import { labelJoin, labelReplace } from './label-change.ts'
import { inSlices, type Run } from './limits.ts'
import { larger, mathematics, roundedTo, smaller } from './mathematics.ts'
import { rangeFunctions } from './range-functions.ts'
import type { Scope } from './scope.ts'
import { byLabels, byValue } from './sorting.ts'
import { refuseFactors } from './trend.ts'
import { overTime, type Ranged } from './windows.ts'

export type Argument = Result | Ranged
// `exprs` are the arguments as they are written, without superfluous parentheses.
type Call = Readonly<{ args: readonly Argument[]; exprs: readonly Expr[]; grid: Grid; scope: Scope }>

export function* call(name: string, its: Call): Run<Result> {
  const { args, scope, grid } = its
  const ranged = args.find(each => each.kind === 'range')
  if (ranged !== undefined) return yield* overRange(name, ranged, its)
  const number = mathematics[name]
  if (number !== undefined) return yield* each(vector(args[0]), number, scope)
  const date = dates[name]
  if (date !== undefined) {
    const [given] = args
    if (given === undefined) return ofScalars({ values: secondsOf(grid).map(date) })
    return yield* each(vector(given), date, scope)
  }
  const special = specials[name as FunctionName]
  if (special === undefined)
    throw new Error(`${name}() is in the table of functions, but nobody has built it`)
  const result = special(its)
  // Only what may take long is done in parts.
  return 'kind' in result ? result : yield* result
}

function* overRange(name: string, ranged: Ranged, { args, exprs, grid, scope }: Call): Run<Columns> {
  const params = args.filter(each => each.kind === 'scalar').map(each => each.values)
  if (name === 'double_exponential_smoothing' && ranged.rows.length > 0) refuseFactors(params[0]!, params[1]!)
  const does = rangeFunctions[name]
  if (does === undefined) throw new Error(`${name}() is in the table of functions, but nobody has built it`)
  const columns = yield* overTime(does, ranged, { grid, params, scope })
  if (name === 'quantile_over_time') {
    const nothing = stepsOfNothing(columns)
    for (let step = 0; step < grid.count; step++)
      if (nothing[step] === 0) scope.notes.quantile(params[0]![step]!)
  }
  if (name === 'absent_over_time') return whereNothing(columns, exprs[0]!)
  if (name === 'rate' || name === 'increase') doubtCounters(columns.series, scope)
  return columns
}

const counterName = /_(?:total|sum|count|bucket)$/

function doubtCounters(series: readonly Series[], { notes }: Scope): void {
  let last = ''
  for (const { name, labels } of series) {
    if (name === last) continue
    last = name
    const type = labels['__type__']
    if (type === 'counter' || type === 'histogram' || (type === undefined && counterName.test(name))) continue
    const why = 'name does not end in _total/_sum/_count/_bucket'
    notes.inform(`metric might not be a counter, ${why}: ${JSON.stringify(name)}`)
  }
}

function vector(arg: Argument | undefined): Columns {
  if (arg?.kind !== 'vector')
    throw new Error(`wanted a vector, found ${arg?.kind}: the checker lets nothing else through`)
  return arg
}

function scalars(arg: Argument | undefined): Float64Array {
  if (arg?.kind !== 'scalar')
    throw new Error(`wanted a scalar, found ${arg?.kind}: the checker lets nothing else through`)
  return arg.values
}

const texts = (args: readonly Argument[]): string[] =>
  args.flatMap(each => (each.kind === 'string' ? [each.value] : []))

// Each value by itself, and where it matters by the number of its step.
type Change = (value: number, step: number) => number

function* each(columns: Columns, change: Change, { budget }: Scope): Run<Columns> {
  const { steps, series, values } = columns
  budget.hold(values.length)
  const out = new Float64Array(values.length)
  yield* inSlices(series.length, steps, budget, (from, to) => {
    for (let row = from, at = from * steps; row < to; row++) {
      for (let step = 0; step < steps; step++, at++) out[at] = change(values[at]!, step)
    }
  })
  return { ...columns, values: out, unnamed: allUnnamed(series.length) }
}

const secondsOf = (grid: Grid): Float64Array =>
  Float64Array.from({ length: grid.count }, (_, step) => timeAt(grid, step) / 1_000)

type Bound = Float64Array | number

function* clamp(columns: Columns, low: Bound, high: Bound, scope: Scope): Run<Columns> {
  const at = (bound: Bound, step: number): number => (typeof bound === 'number' ? bound : bound[step]!)
  const clamped = yield* each(
    columns,
    (value, step) => larger(at(low, step), smaller(at(high, step), value)),
    scope,
  )
  const { steps, present } = columns
  // Between bounds that have changed places there is nothing.
  const isCrossed = Uint8Array.from({ length: steps }, (_, step) => Number(at(high, step) < at(low, step)))
  if (!isCrossed.includes(1)) return clamped
  const isKept = (_: number, cell: number): number =>
    isCrossed[cell % steps] === 1 ? 0 : (present?.[cell] ?? 1)
  return onlyKept(clamped, Uint8Array.from(clamped.values, isKept))
}

// The number of the only series, where there is one.
function only({ steps, series, values, present }: Columns): Scalars {
  const out = new Float64Array(steps).fill(Number.NaN)
  const found = new Uint8Array(steps)
  for (let row = 0; row < series.length; row++) {
    for (let step = 0; step < steps; step++) {
      const at = row * steps + step
      if (present !== undefined && present[at] === 0) continue
      out[step] = found[step] === 0 ? values[at]! : Number.NaN
      found[step] = 1
    }
  }
  return { kind: 'scalar', values: out }
}

function sorted({ args, exprs, scope }: Call, sort: (columns: Columns) => Columns): Columns {
  const columns = vector(args[0])
  if (scope.stepMs === 0) return columns.steps === 1 ? sort(columns) : columns
  const { startMs, endMs } = scope.ends
  if (startMs === endMs || isFixed(exprs[0]!)) return columns
  scope.notes.warn('sort is ineffective for range queries since results are always ordered by labels')
  return columns
}

function histogramQuantile({ args, scope }: Call): Run<Columns> {
  const qs = scalars(args[0])
  for (const q of qs) scope.notes.quantile(q)
  return ofHistograms(
    vector(args[1]),
    (buckets, step, name) => {
      const { value, isForced } = quantileOfBuckets(qs[step]!, buckets)
      if (isForced) {
        const what = 'input to histogram_quantile needed to be fixed for monotonicity'
        scope.notes.inform(
          `${what} (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name ${JSON.stringify(name)}`,
        )
      }
      return value
    },
    scope,
  )
}

function histogramFraction({ args, scope }: Call): Run<Columns> {
  const [lower, upper] = [scalars(args[0]), scalars(args[1])]
  return ofHistograms(
    vector(args[2]),
    (buckets, step) => fractionOfBuckets(lower[step]!, upper[step]!, buckets),
    scope,
  )
}

function round({ args, scope }: Call): Run<Columns> {
  const nearest = args[1] === undefined ? undefined : scalars(args[1])
  return each(vector(args[0]), (value, step) => roundedTo(value, nearest?.[step] ?? 1), scope)
}

type Special = (call: Call) => Result | Run<Columns>

const specials: Readonly<Partial<Record<FunctionName, Special>>> = {
  absent: ({ args, exprs }) => whereNothing(vector(args[0]), exprs[0]!),
  clamp: ({ args, scope }) => clamp(vector(args[0]), scalars(args[1]), scalars(args[2]), scope),
  clamp_max: ({ args, scope }) => clamp(vector(args[0]), Number.NEGATIVE_INFINITY, scalars(args[1]), scope),
  clamp_min: ({ args, scope }) => clamp(vector(args[0]), scalars(args[1]), Number.POSITIVE_INFINITY, scope),
  histogram_fraction: histogramFraction,
  histogram_quantile: histogramQuantile,
  label_join: ({ args, scope }) => labelJoin(vector(args[0]), texts(args), scope.budget),
  label_replace: ({ args, scope }) => labelReplace(vector(args[0]), texts(args), scope.budget),
  pi: ({ grid }) => ({ kind: 'scalar', values: new Float64Array(grid.count).fill(Math.PI) }),
  round,
  scalar: ({ args }) => only(vector(args[0])),
  sort: call => sorted(call, columns => byValue(columns, 1)),
  sort_by_label: call => sorted(call, columns => byLabels(columns, texts(call.args), 1)),
  sort_by_label_desc: call => sorted(call, columns => byLabels(columns, texts(call.args), -1)),
  sort_desc: call => sorted(call, columns => byValue(columns, -1)),
  time: ({ grid }) => ({ kind: 'scalar', values: secondsOf(grid) }),
  timestamp: ({ args, grid, scope }) => {
    const seconds = secondsOf(grid)
    return each(vector(args[0]), (_, step) => seconds[step]!, scope)
  },
  vector: ({ args }) => ofScalars({ values: scalars(args[0]) }),
}
