// What an expression of PromQL is, once it has been read: plain data, made by parse.ts, checked by check.ts, read by
// everyone else in this room and by the rule engine.
import type { Matcher } from '#core/model.ts'

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string'

// Where it stands in the text, in characters: for messages with a caret.
export type Span = Readonly<{ from: number; to: number }>

// A number is a time in milliseconds since 1970; `start` and `end` are those of the question.
export type AtModifier = number | 'start' | 'end'

// What may be said behind a selector or a subquery. Positive offsets look back.
export type Shift = Readonly<{ offsetMs: number; at?: AtModifier }>

// `isDuration` where it was written as one: 5m is 300, and is printed as 5m.
export type NumberLiteral = Readonly<{ kind: 'number'; value: number; isDuration?: true; span: Span }>
export type StringLiteral = Readonly<{ kind: 'string'; value: string; span: Span }>

// The name, when there is one, is the matcher of `__name__` with `=`. `name` only where it stood before the braces:
// for printing.
export type VectorSelector = Shift &
  Readonly<{ kind: 'selector'; name?: string; matchers: readonly Matcher[]; span: Span }>
export type MatrixSelector = Readonly<{
  kind: 'range'
  selector: VectorSelector
  rangeMs: number
  span: Span
}>
// Without a step: the one that the question has by default.
export type Subquery = Shift &
  Readonly<{ kind: 'subquery'; expr: Expr; rangeMs: number; stepMs: number | undefined; span: Span }>

export type Paren = Readonly<{ kind: 'paren'; expr: Expr; span: Span }>
export type Unary = Readonly<{ kind: 'unary'; op: '+' | '-'; expr: Expr; span: Span }>

export const arithmetic = ['+', '-', '*', '/', '%', '^', 'atan2'] as const
export const comparisons = ['==', '!=', '>', '<', '>=', '<='] as const
export const setOperators = ['and', 'or', 'unless'] as const
export type BinaryOp =
  | (typeof arithmetic)[number]
  | (typeof comparisons)[number]
  | (typeof setOperators)[number]

// Which elements of both sides belong together. Without on or ignoring: `on` false and no labels. `include` are the
// labels that group_left or group_right copies from the side of one.
export type Matching = Readonly<{
  card: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'
  on: boolean
  labels: readonly string[]
  include: readonly string[]
}>

// `matching` where both sides are vectors.
export type Binary = Readonly<{
  kind: 'binary'
  op: BinaryOp
  left: Expr
  right: Expr
  bool: boolean
  matching: Matching | undefined
  span: Span
}>

export const aggregators = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
] as const
export type Aggregator = (typeof aggregators)[number]

export type Aggregate = Readonly<{
  kind: 'aggregate'
  op: Aggregator
  expr: Expr
  // Of topk, bottomk, quantile and count_values.
  param: Expr | undefined
  without: boolean
  labels: readonly string[]
  span: Span
}>

// `name` is one of the table in functions.ts.
export type Call = Readonly<{ kind: 'call'; name: string; args: readonly Expr[]; span: Span }>

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Paren
  | Unary
  | Binary
  | Aggregate
  | Call
