// The table of PromQL's functions: what each takes, how much of it, and what it gives. The one vocabulary of the
// checker, the evaluator and the classifier.
import type { ValueType } from './ast.ts'

// The last of `args` may repeat; between `min` and `max` arguments are taken.
export type FunctionSpec = Readonly<{
  args: readonly ValueType[]
  min: number
  max: number
  returns: 'scalar' | 'vector'
  // Behind a flag in Prometheus; here it works, and `plimsoll check` may mention it.
  experimental: boolean
}>

const exactly = (...args: ValueType[]): FunctionSpec => ({
  args,
  min: args.length,
  max: args.length,
  returns: 'vector',
  experimental: false,
})
const fromVector = exactly('vector')
const fromRange = exactly('matrix')
const scalarOf = (...args: ValueType[]): FunctionSpec => ({ ...exactly(...args), returns: 'scalar' })
// The last argument may be left out.
const upTo = (...args: ValueType[]): FunctionSpec => ({ ...exactly(...args), min: args.length - 1 })
// The last argument may be left out or repeated.
const any = (...args: ValueType[]): FunctionSpec => ({ ...upTo(...args), max: Number.POSITIVE_INFINITY })
const experimental = (spec: FunctionSpec): FunctionSpec => ({ ...spec, experimental: true })

export const functions = {
  abs: fromVector,
  absent: fromVector,
  absent_over_time: fromRange,
  acos: fromVector,
  acosh: fromVector,
  asin: fromVector,
  asinh: fromVector,
  atan: fromVector,
  atanh: fromVector,
  avg_over_time: fromRange,
  ceil: fromVector,
  changes: fromRange,
  clamp: exactly('vector', 'scalar', 'scalar'),
  clamp_max: exactly('vector', 'scalar'),
  clamp_min: exactly('vector', 'scalar'),
  cos: fromVector,
  cosh: fromVector,
  count_over_time: fromRange,
  day_of_month: upTo('vector'),
  day_of_week: upTo('vector'),
  day_of_year: upTo('vector'),
  days_in_month: upTo('vector'),
  deg: fromVector,
  delta: fromRange,
  deriv: fromRange,
  double_exponential_smoothing: experimental(exactly('matrix', 'scalar', 'scalar')),
  exp: fromVector,
  first_over_time: experimental(fromRange),
  floor: fromVector,
  histogram_fraction: exactly('scalar', 'scalar', 'vector'),
  histogram_quantile: exactly('scalar', 'vector'),
  hour: upTo('vector'),
  idelta: fromRange,
  increase: fromRange,
  irate: fromRange,
  label_join: any('vector', 'string', 'string', 'string'),
  label_replace: exactly('vector', 'string', 'string', 'string', 'string'),
  last_over_time: fromRange,
  ln: fromVector,
  log10: fromVector,
  log2: fromVector,
  mad_over_time: experimental(fromRange),
  max_over_time: fromRange,
  min_over_time: fromRange,
  minute: upTo('vector'),
  month: upTo('vector'),
  pi: scalarOf(),
  predict_linear: exactly('matrix', 'scalar'),
  present_over_time: fromRange,
  quantile_over_time: exactly('scalar', 'matrix'),
  rad: fromVector,
  rate: fromRange,
  resets: fromRange,
  round: upTo('vector', 'scalar'),
  scalar: scalarOf('vector'),
  sgn: fromVector,
  sin: fromVector,
  sinh: fromVector,
  sort: fromVector,
  sort_by_label: experimental(any('vector', 'string')),
  sort_by_label_desc: experimental(any('vector', 'string')),
  sort_desc: fromVector,
  sqrt: fromVector,
  stddev_over_time: fromRange,
  stdvar_over_time: fromRange,
  sum_over_time: fromRange,
  tan: fromVector,
  tanh: fromVector,
  time: scalarOf(),
  timestamp: fromVector,
  ts_of_first_over_time: experimental(fromRange),
  ts_of_last_over_time: experimental(fromRange),
  ts_of_max_over_time: experimental(fromRange),
  ts_of_min_over_time: experimental(fromRange),
  vector: exactly('scalar'),
  year: upTo('vector'),
} as const satisfies Readonly<Record<string, FunctionSpec>>

export type FunctionName = keyof typeof functions

export const functionNames = Object.keys(functions) as readonly FunctionName[]

const nativeHistograms = 'works on native histograms, which this service does not store'
const notHere = 'is experimental in Prometheus and not built here'

// What Prometheus has and this service has not, with the reason that a person gets to read.
export const refusedFunctions: Readonly<Record<string, string>> = {
  end: notHere,
  histogram_avg: nativeHistograms,
  histogram_count: nativeHistograms,
  histogram_quantiles: notHere,
  histogram_stddev: nativeHistograms,
  histogram_stdvar: nativeHistograms,
  histogram_sum: nativeHistograms,
  holt_winters: 'is called double_exponential_smoothing since Prometheus 3',
  info: notHere,
  integral: notHere,
  limit_ratio: notHere,
  limitk: notHere,
  max_of: notHere,
  min_of: notHere,
  range: notHere,
  start: notHere,
  start_timestamp: notHere,
  step: notHere,
}

export function functionSpec(name: string): FunctionSpec | undefined {
  return Object.hasOwn(functions, name) ? functions[name as FunctionName] : undefined
}
