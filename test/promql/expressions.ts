// Expressions of every shape, as the parser would make them: for properties of the parser, the printer and whoever
// walks trees.
import fc from 'fast-check'
import type { Matcher } from '#core/model.ts'
import {
  type Aggregator,
  aggregators,
  arithmetic,
  comparisons,
  type Expr,
  type Matching,
  setOperators,
  type ValueType,
  type VectorSelector,
} from '#promql/ast.ts'
import { functionNames, functionSpec } from '#promql/functions.ts'

const span = { from: 0, to: 0 }

const word = fc.constantFrom('host', 'job', 'le', 'on', 'by', 'sum', 'bool', 'offset', '_x1')
const label = fc.oneof(
  { weight: 4, arbitrary: word },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
)
const labels = fc.uniqueArray(label, { maxLength: 3 })
const text = fc.string({ unit: 'binary', maxLength: 8 })
const ms = fc.oneof(fc.integer({ min: 1, max: 7_200_000 }), fc.integer({ min: 1, max: 300_000_000_000 }))

const pattern = fc.constantFrom('a|b', 'a.*', '\\d+', '[a-z]+\\.x', '机器.+')
const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ name: label, op: fc.constantFrom('=', '!='), value: text }),
  fc.record({ name: label, op: fc.constantFrom('=~', '!~'), value: pattern }),
)
const metric = fc.constantFrom('up', 'a:b:c', 'sum', 'and', 'by', 'start', 'rate', '_', 'fill')

const shift = fc.record({
  offsetMs: fc.oneof(
    fc.constant(0),
    ms,
    ms.map(each => -each),
  ),
  at: fc.option(
    fc.oneof(fc.constantFrom('start' as const, 'end' as const), fc.integer({ min: -5e12, max: 5e12 })),
    {
      nil: undefined,
    },
  ),
})

const series: fc.Arbitrary<VectorSelector> = fc
  .tuple(fc.option(metric, { nil: undefined }), fc.array(matcher, { maxLength: 3 }))
  .map(([name, matchers]) => {
    const named = { name: '__name__', op: '=' as const, value: name ?? 'my.metric' }
    if (name === undefined) return { kind: 'selector', matchers: [named, ...matchers], offsetMs: 0, span }
    return { kind: 'selector', name, matchers: [named, ...matchers], offsetMs: 0, span }
  })

type Tie = (name: ValueType) => fc.Arbitrary<Expr>

const withShift = <T extends object>(expr: T, { offsetMs, at }: { offsetMs: number; at: unknown }): T =>
  (at === undefined ? { ...expr, offsetMs } : { ...expr, offsetMs, at }) as T

// What binds less strongly than its surroundings stands in brackets.
const closed = (expr: Expr): Expr => {
  const isNegative = expr.kind === 'number' && (expr.value < 0 || Object.is(expr.value, -0))
  const isLoose = expr.kind === 'binary' || expr.kind === 'unary' || isNegative
  return isLoose ? { kind: 'paren', expr, span } : expr
}

const number: fc.Arbitrary<Expr> = fc.oneof(
  fc.double().map(value => ({ kind: 'number' as const, value, span })),
  fc.integer({ min: -100, max: 100 }).map(value => ({ kind: 'number' as const, value, span })),
  ms.map(each => ({ kind: 'number' as const, value: each / 1_000, isDuration: true as const, span })),
)
const literal: fc.Arbitrary<Expr> = text.map(value => ({ kind: 'string', value, span }))

const plainMatching: Matching = { card: 'one-to-one', on: false, labels: [], include: [] }
const matching: fc.Arbitrary<Matching> = fc.oneof(
  fc.constant(plainMatching),
  fc
    .record({
      card: fc.constantFrom('one-to-one' as const, 'many-to-one' as const, 'one-to-many' as const),
      on: fc.boolean(),
      labels,
      include: labels,
    })
    .map(each => ({
      ...each,
      include:
        each.card === 'one-to-one' ? [] : each.include.filter(one => !each.on || !each.labels.includes(one)),
    })),
)

const paren = (inner: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> =>
  inner.map(expr => ({ kind: 'paren', expr, span }))
const unary = (inner: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> =>
  fc.tuple(fc.constantFrom('+' as const, '-' as const), inner).map(([op, expr]) => {
    // A sign before a number is part of it.
    const isNumber = expr.kind === 'number'
    return {
      kind: 'unary',
      op,
      expr: isNumber || expr.kind === 'binary' ? { kind: 'paren', expr, span } : expr,
      span,
    }
  })

function joined(tie: Tie): fc.Arbitrary<Expr> {
  const vector = tie('vector').map(closed)
  const isCompare = (op: string): boolean => (comparisons as readonly string[]).includes(op)
  const both = fc
    .tuple(fc.constantFrom(...arithmetic, ...comparisons), vector, vector, fc.boolean(), matching)
    .map(([op, left, right, bool, how]) => {
      return { kind: 'binary' as const, op, left, right, bool: bool && isCompare(op), matching: how, span }
    })
  const sets = fc
    .tuple(fc.constantFrom(...setOperators), vector, vector, fc.boolean(), labels)
    .map(([op, left, right, on, names]) => {
      const many: Matching = { card: 'many-to-many', on, labels: names, include: [] }
      return { kind: 'binary' as const, op, left, right, bool: false, matching: many, span }
    })
  const mixed = fc
    .tuple(fc.constantFrom(...arithmetic, ...comparisons), vector, tie('scalar').map(closed), fc.boolean())
    .map(([op, left, right, bool]) => {
      return {
        kind: 'binary' as const,
        op,
        left,
        right,
        bool: bool && isCompare(op),
        matching: undefined,
        span,
      }
    })
  return fc.oneof(both, sets, mixed)
}

const scalars = (tie: Tie): fc.Arbitrary<Expr> =>
  fc
    .tuple(
      fc.constantFrom(...arithmetic, ...comparisons),
      tie('scalar').map(closed),
      tie('scalar').map(closed),
    )
    .map(([op, left, right]) => {
      const bool = (comparisons as readonly string[]).includes(op)
      return { kind: 'binary' as const, op, left, right, bool, matching: undefined, span }
    })

const paramOf = (op: Aggregator, tie: Tie): fc.Arbitrary<Expr | undefined> => {
  if (op === 'count_values') return literal
  return ['topk', 'bottomk', 'quantile'].includes(op) ? tie('scalar') : fc.constant(undefined)
}

const aggregate = (tie: Tie): fc.Arbitrary<Expr> =>
  fc
    .constantFrom(...aggregators)
    .chain(op => fc.tuple(fc.constant(op), paramOf(op, tie), tie('vector'), fc.boolean(), labels))
    .map(([op, param, expr, without, names]) => ({
      kind: 'aggregate',
      op,
      expr,
      param,
      without,
      labels: names,
      span,
    }))

const call = (tie: Tie, returns: 'scalar' | 'vector'): fc.Arbitrary<Expr> =>
  fc
    .constantFrom(...functionNames.filter(name => functionSpec(name)?.returns === returns))
    .chain(name => {
      const { args, min, max } = functionSpec(name)!
      const kinds = fc
        .integer({ min, max: Math.min(max, args.length + 1) })
        .map(count => Array.from({ length: count }, (_, at) => args[at] ?? args.at(-1)!))
      return fc.tuple(
        fc.constant(name),
        kinds.chain(each => fc.tuple(...each.map(tie))),
      )
    })
    .map(([name, args]) => ({ kind: 'call', name, args, span }))

const ranged = fc
  .tuple(series, shift, ms)
  .map(([each, by, rangeMs]): Expr => ({ kind: 'range', selector: withShift(each, by), rangeMs, span }))

const subquery = (tie: Tie): fc.Arbitrary<Expr> =>
  fc
    .tuple(tie('vector').map(closed), shift, ms, fc.option(ms, { nil: undefined }))
    .map(([expr, by, rangeMs, stepMs]) => {
      return withShift({ kind: 'subquery' as const, expr, rangeMs, stepMs, offsetMs: 0, span }, by)
    })

const trees = fc.letrec<Record<ValueType, Expr>>(tie => ({
  scalar: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    number,
    call(tie, 'scalar'),
    scalars(tie),
    paren(tie('scalar')),
    unary(tie('scalar')),
  ),
  string: fc.oneof({ maxDepth: 3 }, literal, paren(tie('string'))),
  matrix: fc.oneof({ maxDepth: 4 }, ranged, subquery(tie)),
  vector: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(series, shift).map(([each, by]) => withShift(each, by)),
    call(tie, 'vector'),
    aggregate(tie),
    joined(tie),
    paren(tie('vector')),
    unary(tie('vector')),
  ),
}))

export const expressions: fc.Arbitrary<Expr> = fc.oneof(
  { weight: 6, arbitrary: trees.vector },
  trees.scalar,
  trees.matrix,
  trees.string,
)

// What an expression is, wherever it stands and however its matchers are ordered.
export function withoutSpans(expr: Expr): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value) => {
      if (key === 'span') return undefined
      if (key === 'matchers') return value.map((each: Matcher) => JSON.stringify(each)).sort()
      const isPlain = typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))
      return isPlain ? value : `number ${Object.is(value, -0) ? '-0' : value}`
    }),
  )
}
