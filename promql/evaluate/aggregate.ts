// sum, avg, min … by (…): which rows make one, and by which rule. Called by compute.ts.
import { Failure } from '#core/errors.ts'
import type { Aggregate } from '../ast.ts'
import { countValues } from './aggregate-count-values.ts'
import { folds } from './aggregate-folds.ts'
import { quantiles } from './aggregate-quantile.ts'
import { top } from './aggregate-top.ts'
import { type Columns, emptyColumns, type Result } from './columns.ts'
import { ofGroups } from './group-rows.ts'
import { sortIntoGroups, specOf } from './grouping.ts'
import { inSlices, type Run } from './limits.ts'
import type { Scope } from './scope.ts'

export function* aggregate(
  expr: Aggregate,
  input: Columns,
  param: Result | undefined,
  scope: Scope,
): Run<Columns> {
  const { op } = expr
  if (op === 'count_values') {
    if (param?.kind !== 'string') throw new Error('count_values without a label')
    return yield* countValues(expr, input, param.value, scope)
  }
  const spec = specOf(expr.without, expr.labels)
  const numbers = param?.kind === 'scalar' ? param.values : new Float64Array(0)
  if (op === 'quantile') for (const q of numbers) scope.notes.quantile(q)
  if (op === 'topk' || op === 'bottomk') {
    refuseCounts(numbers)
    const groups = yield* sortIntoGroups(spec, input.series, scope.budget)
    return yield* top(input, groups, { ks: numbers, isTop: op === 'topk' }, scope)
  }
  if (input.series.length === 0) return emptyColumns(input.steps)
  const groups = yield* sortIntoGroups(spec, input.series, scope.budget)
  if (op === 'quantile') return yield* quantiles(input, groups, numbers, scope)
  scope.budget.hold(groups.groups.length * input.steps * 3)
  const folded = folds[op](input.steps * groups.groups.length)
  yield* inSlices(input.series.length, input.steps, scope.budget, (from, to) =>
    folded.add(input, groups.of, { from, to }),
  )
  return { ...ofGroups(input, groups), values: folded.values(), present: presence(folded.seen, input.steps) }
}

function presence(seen: Uint8Array, steps: number): Uint8Array | undefined {
  return steps === 1 || !seen.includes(0) ? undefined : seen
}

// One of them anywhere, before another is looked for.
function refuseCounts(ks: Float64Array): void {
  if (ks.some(Number.isNaN)) throw new Failure('query_failed', 'Parameter value is NaN')
  const low = ks.find(k => k <= -(2 ** 63))
  if (low !== undefined) throw new Failure('query_failed', `Scalar value ${low} underflows int64`)
  const high = ks.find(k => k >= 2 ** 63)
  if (high !== undefined) throw new Failure('query_failed', `Scalar value ${high} overflows int64`)
}
