// What operators do to numbers, as Go computes them, and to vectors with one number. Called by compute.ts and match.ts.
import type { Binary, BinaryOp } from '../ast.ts'
import { allUnnamed, type Columns, onlyKept, type Result, type Scalars } from './columns.ts'
import { type Budget, inSlices, type Run } from './limits.ts'
import type { Scope } from './scope.ts'

type Compute = (left: number, right: number) => number
type Compare = (left: number, right: number) => boolean

// Go says 1 where JavaScript says NaN.
function power(base: number, exponent: number): number {
  if (base === 1) return 1
  if (base === -1 && (exponent === Number.POSITIVE_INFINITY || exponent === Number.NEGATIVE_INFINITY))
    return 1
  return base ** exponent
}

export const computing: Readonly<Partial<Record<BinaryOp, Compute>>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: Math.atan2,
}

export const comparing: Readonly<Partial<Record<BinaryOp, Compare>>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
}

export function betweenScalars(op: BinaryOp, left: Scalars, right: Scalars): Scalars {
  const [compute, compare] = [computing[op], comparing[op]]
  const values = left.values.map((value, step) => {
    const other = right.values[step]!
    return compute === undefined ? Number(compare!(value, other)) : compute(value, other)
  })
  return { kind: 'scalar', values }
}

export function negated(value: Result): Result {
  if (value.kind === 'string') throw new Error('minus before a string')
  const values = value.values.map(each => -each)
  if (value.kind === 'scalar') return { kind: 'scalar', values }
  return { ...value, values, unnamed: allUnnamed(value.series.length) }
}

type Operand = Columns | Scalars

// One side is a vector, the other a number for each step.
export function* withScalar(expr: Binary, left: Operand, right: Operand, { budget }: Scope): Run<Columns> {
  const isSwapped = left.kind === 'scalar'
  const vector = (isSwapped ? right : left) as Columns
  const other = (isSwapped ? left : right).values
  budget.hold(vector.values.length)
  const compute = computing[expr.op]
  const sides = { vector, other, isSwapped }
  if (compute !== undefined) return yield* computed(sides, compute, budget)
  const compare = comparing[expr.op]!
  if (expr.bool) return yield* computed(sides, (a, b) => Number(compare(a, b)), budget)
  return yield* filtered(sides, compare, budget)
}

type Sides = Readonly<{ vector: Columns; other: Float64Array; isSwapped: boolean }>

function* computed({ vector, other, isSwapped }: Sides, compute: Compute, budget: Budget): Run<Columns> {
  const { steps, values, series } = vector
  const out = new Float64Array(values.length)
  yield* inSlices(series.length, steps, budget, (from, to) => {
    for (let row = from, at = from * steps; row < to; row++) {
      for (let step = 0; step < steps; step++, at++) {
        out[at] = isSwapped ? compute(other[step]!, values[at]!) : compute(values[at]!, other[step]!)
      }
    }
  })
  return { ...vector, values: out, unnamed: allUnnamed(series.length) }
}

// A comparison leaves the values as they are, and some of them out.
function* filtered({ vector, other, isSwapped }: Sides, compare: Compare, budget: Budget): Run<Columns> {
  const { steps, values, series, present } = vector
  const kept = new Uint8Array(values.length)
  yield* inSlices(series.length, steps, budget, (from, to) => {
    for (let row = from, at = from * steps; row < to; row++) {
      for (let step = 0; step < steps; step++, at++) {
        if (present !== undefined && present[at] === 0) continue
        const [value, than] = [values[at]!, other[step]!]
        if (isSwapped ? compare(than, value) : compare(value, than)) kept[at] = 1
      }
    }
  })
  return onlyKept(vector, kept)
}
