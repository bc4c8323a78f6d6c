// From the samples to the value: each part of an expression by the rule for its kind, its own parts first. Read this
// file to find which rule is where. Called by evaluate.ts.
import type {
  Aggregate,
  Binary,
  Call,
  Expr,
  MatrixSelector,
  Subquery,
  Unary,
  VectorSelector,
} from '../ast.ts'
import { aggregate } from './aggregate.ts'
import { betweenScalars, negated, withScalar } from './arithmetic.ts'
import { type Columns, hasAny, ofScalars, type Result, repeated, samplesOf } from './columns.ts'
import { isFixed } from './fixed.ts'
import { type Argument, call } from './functions.ts'
import { type Grid, innerGrid, shifted, timeAt } from './grid.ts'
import type { Run } from './limits.ts'
import { between } from './match.ts'
import type { Scope } from './scope.ts'
import { lookUp } from './selector.ts'
import { combined } from './sets.ts'
import type { Ranged } from './windows.ts'

export function* compute(expr: Expr, grid: Grid, scope: Scope): Run<Result> {
  const { budget } = scope
  const before = budget.held
  if (grid.count > 1 && isFixed(expr)) {
    const usedBefore = budget.used
    const once = yield* compute(expr, { ...grid, count: 1 }, scope)
    // Every step stands for what it would have used.
    budget.used += (budget.used - usedBefore) * (grid.count - 1)
    budget.hold(sizeOf(once) * grid.count)
    return repeated(once, grid.count)
  }
  const result = yield* byKind(expr, grid, scope)
  // What the parts held is no longer needed.
  budget.held = before
  budget.hold(sizeOf(result))
  return result
}

const sizeOf = (result: Result): number => (result.kind === 'string' ? 1 : result.values.length)

function* byKind(expr: Expr, grid: Grid, scope: Scope): Run<Result> {
  switch (expr.kind) {
    case 'number':
      return { kind: 'scalar', values: new Float64Array(grid.count).fill(expr.value) }
    case 'string':
      return { kind: 'string', value: expr.value }
    case 'paren':
      return yield* compute(expr.expr, grid, scope)
    case 'unary':
      return yield* unary(expr, grid, scope)
    case 'selector':
      return yield* select(expr, { grid, times: false }, scope)
    case 'binary':
      return yield* binary(expr, grid, scope)
    case 'aggregate':
      return yield* aggregated(expr, grid, scope)
    case 'call':
      return yield* called(expr, grid, scope)
    default:
      throw new Error(`a ${expr.kind} has no value of its own here`)
  }
}

type Wanted = Readonly<{ grid: Grid; times: boolean }>

function* select(expr: VectorSelector, { grid, times }: Wanted, scope: Scope): Run<Columns> {
  const { ends, lookbackMs, budget } = scope
  const looked = shifted(grid, expr, ends)
  return yield* lookUp(scope.slots.get(expr)!.found, { grid: looked, lookbackMs, times, budget })
}

function* unary(expr: Unary, grid: Grid, scope: Scope): Run<Result> {
  const value = yield* compute(expr.expr, grid, scope)
  return expr.op === '-' ? negated(value) : value
}

function* binary(expr: Binary, grid: Grid, scope: Scope): Run<Result> {
  const left = yield* compute(expr.left, grid, scope)
  const right = yield* compute(expr.right, grid, scope)
  if (left.kind === 'scalar' && right.kind === 'scalar') return betweenScalars(expr.op, left, right)
  if (left.kind === 'vector' && right.kind === 'scalar') return yield* withScalar(expr, left, right, scope)
  if (left.kind === 'scalar' && right.kind === 'vector') return yield* withScalar(expr, left, right, scope)
  if (left.kind !== 'vector' || right.kind !== 'vector') throw new Error(`${expr.op} between strings`)
  const sides = { left, right }
  if (expr.op === 'and' || expr.op === 'or' || expr.op === 'unless')
    return yield* combined(expr.op, expr, sides, scope.budget)
  return yield* between(expr, sides, scope)
}

function* aggregated(expr: Aggregate, grid: Grid, scope: Scope): Run<Result> {
  const param = expr.param === undefined ? undefined : yield* compute(expr.param, grid, scope)
  const input = yield* compute(expr.expr, grid, scope)
  if (input.kind !== 'vector') throw new Error(`${expr.op} of what is no vector`)
  return yield* aggregate(expr, input, param, scope)
}

function* called(expr: Call, grid: Grid, scope: Scope): Run<Result> {
  const exprs = expr.args.map(bare)
  const [first] = exprs
  // Only here are the times of the samples seen.
  if (expr.name === 'timestamp' && first?.kind === 'selector') {
    const once = first.at === undefined ? grid : { ...grid, count: 1 }
    const usedBefore = scope.budget.used
    const times = yield* select(first, { grid: once, times: true }, scope)
    const repeats = grid.count / once.count
    scope.budget.used += (scope.budget.used - usedBefore) * (repeats - 1)
    return repeated({ ...times, unnamed: times.unnamed.slice().fill(1) }, repeats)
  }
  const args: Argument[] = []
  for (const each of exprs) {
    if (each.kind === 'range') args.push(windowed(each, grid, scope))
    else if (each.kind === 'subquery') {
      const usedBefore = scope.budget.used
      args.push(yield* resampled(each, grid, scope))
      // Its windows count, not what they were made of.
      scope.budget.used = usedBefore
    } else args.push(yield* compute(each, grid, scope))
  }
  return yield* call(expr.name, { args, exprs, grid, scope })
}

// Superfluous parentheses say nothing.
export function bare(expr: Expr): Expr {
  return expr.kind === 'paren' ? bare(expr.expr) : expr
}

export function windowed({ selector, rangeMs }: MatrixSelector, grid: Grid, scope: Scope): Ranged {
  const rows = scope.slots.get(selector)!.found
  return { kind: 'range', rows, unnamed: undefined, looked: shifted(grid, selector, scope.ends), rangeMs }
}

// The values of the expression at the steps of the subquery are the samples of its windows.
export function* resampled(expr: Subquery, grid: Grid, scope: Scope): Run<Ranged> {
  const { rangeMs } = expr
  const looked = shifted(grid, expr, scope.ends)
  const inner = innerGrid(looked, rangeMs, expr.stepMs ?? scope.defaultStepMs)
  if (inner.count === 0) return { kind: 'range', rows: [], unnamed: undefined, looked, rangeMs }
  scope.budget.hold(inner.count)
  const value = yield* compute(expr.expr, inner, scope)
  if (value.kind === 'string') throw new Error('a subquery of a string')
  const columns = value.kind === 'scalar' ? ofScalars(value) : value
  const kept: number[] = []
  for (let row = 0; row < columns.series.length; row++) if (hasAny(columns, row)) kept.push(row)
  const times = Float64Array.from({ length: inner.count }, (_, step) => timeAt(inner, step))
  const rows = kept.map(row => samplesOf(columns, row, times))
  return {
    kind: 'range',
    rows,
    unnamed: Uint8Array.from(kept, row => columns.unnamed[row]!),
    looked,
    rangeMs,
  }
}
