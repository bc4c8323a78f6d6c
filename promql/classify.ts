// What the rule engine must know of an expression before it evaluates it: which series belong together, how far back
// it looks, and whether time alone can change its result. Called once per rule, when rules are loaded.
import type { Expr } from './ast.ts'
import { childrenOf } from './children.ts'
import { everything, isGlobal, type Signature, signatureOf } from './classify/signature.ts'
import { type Selection, selectionsOf } from './classify/window.ts'

export type Class = Readonly<{
  // Local: each result depends only on series that agree in the labels of `signature`. Series that disagree there
  // can be evaluated apart, in any order, on any machine.
  scope: 'local' | 'global'
  // Of a global one: `by` no labels, so that all series belong together.
  signature: Signature
  // A local one that aggregates looks at several series for one result: all those of its signature. So does one
  // whose operators match vectors, and it may fail for what it does not show: two series where one was wanted.
  aggregates: boolean
  // Its result may change at any moment without a new sample: time(), hour(), absent(), timestamp(), predict_linear().
  usesTime: boolean
  // Its result moves a little with each moment, though only a new sample changes it much: rate, increase and delta
  // reach out to the ends of their window, and the steps of a subquery go along with the clock.
  drifts: boolean
  // The farthest back that any selector looks from the time of evaluation; those bound to a time by @ apart.
  windowMs: number
  selections: readonly Selection[]
}>

// up == 0                               local, by every label
// rate(a[5m]) / rate(b[5m])             local, by every label, 5 minutes
// a / on (host) b                       local, by host
// a * on (host) group_left (rack) b     local, by host
// sum by (host, device) (a)             local, by host and device; aggregates
// sum without (cpu) (a)                 local, by every label but cpu; aggregates
// histogram_quantile(0.9, rate(b[5m]))  local, by every label but le
// label_replace(a, "x", "$1", "y", "(.*)")  local, by every label but x
// a and on () hour() > 8                local, by every label: what is on the right is no series
// sum(a), absent(a), a / scalar(b), time()   global
export function classify(expr: Expr, { lookbackMs }: Readonly<{ lookbackMs: number }>): Class {
  const selections = selectionsOf(expr, lookbackMs)
  // What reads no series has its result once, and not once for each series.
  const signature = selections.length === 0 ? everything : signatureOf(expr)
  const relative = selections.filter(each => each.atMs === undefined)
  return {
    scope: isGlobal(signature) ? 'global' : 'local',
    signature,
    aggregates: some(expr, isAggregating),
    usesTime: some(expr, isTimely),
    drifts: some(expr, isDrifting),
    windowMs: Math.max(0, ...relative.map(each => each.farMs)),
    selections,
  }
}

const isAggregating = (expr: Expr): boolean =>
  expr.kind === 'aggregate' ||
  (expr.kind === 'call' && (expr.name === 'histogram_quantile' || expr.name === 'histogram_fraction'))

const timely = new Set(['time', 'timestamp', 'absent', 'absent_over_time', 'predict_linear'])
const isTimely = (expr: Expr): boolean =>
  expr.kind === 'call' && (timely.has(expr.name) || (dates.has(expr.name) && expr.args.length === 0))
const dates = new Set([
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'days_in_month',
  'hour',
  'minute',
  'month',
  'year',
])

const drifting = new Set(['rate', 'increase', 'delta', 'predict_linear'])
const isDrifting = (expr: Expr): boolean =>
  expr.kind === 'subquery' || (expr.kind === 'call' && drifting.has(expr.name))

function some(expr: Expr, test: (expr: Expr) => boolean): boolean {
  return test(expr) || childrenOf(expr).some(child => some(child, test))
}
