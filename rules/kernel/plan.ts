// Can an expression be computed series by series, from the samples of one selector, and how? What it says is brought
// into the few forms that link.ts knows; whatever is not said here is left to the evaluator. Called by kernel.ts.

import { metricName } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import type { Binary, BinaryOp, Call, Expr, Unary, VectorSelector } from '#promql/ast.ts'
import { comparing, computing } from '#promql/evaluate/arithmetic.ts'
import { bare } from '#promql/evaluate/compute.ts'
import { larger, mathematics, roundedTo, smaller } from '#promql/evaluate/mathematics.ts'
import { rangeFunctions } from '#promql/evaluate/range-functions.ts'
import { matchersKey } from '../matchers-key.ts'
import { numberOf } from './fold.ts'
import type { Comparison } from './threshold.ts'

// Equal texts are equal plans. Results keep the metric's name or drop it, all alike.
type Said = Readonly<{ text: string; keepsName: boolean }>

export type Newest = Said & Readonly<{ kind: 'newest'; matchers: readonly Matcher[] }>
// `p` and `q` are the function's other arguments.
export type Windowed = Said &
  Readonly<{
    kind: 'windowed'
    matchers: readonly Matcher[]
    name: string
    rangeMs: number
    p: number
    q: number
  }>
export type Changed = Said & Readonly<{ kind: 'changed'; change: (value: number) => number; of: Plan }>
export type Thresholded = Said & Readonly<{ kind: 'threshold'; op: Comparison; than: number; of: Plan }>
export type Joined = Said & Readonly<{ kind: 'joined'; op: BinaryOp; bool: boolean; left: Plan; right: Plan }>

export type Plan = Newest | Windowed | Changed | Thresholded | Joined

export function planOf(expr: Expr): Plan | undefined {
  switch (expr.kind) {
    case 'paren':
      return planOf(expr.expr)
    case 'unary':
      return planOfUnary(expr)
    case 'selector':
      return planOfSelector(expr)
    case 'call':
      return planOfCall(expr)
    case 'binary':
      return planOfBinary(expr)
    default:
      return undefined
  }
}

function planOfUnary({ op, expr }: Unary): Plan | undefined {
  const of = planOf(expr)
  return of === undefined || op === '+' ? of : changed(of, '-', value => -value)
}

function changed(of: Plan, what: string, change: (value: number) => number): Plan {
  return { kind: 'changed', text: `${what}(${of.text})`, keepsName: false, change, of }
}

// Series of one name still differ when they have lost it; others may not.
const isPlain = ({ matchers, offsetMs, at }: VectorSelector): boolean =>
  offsetMs === 0 &&
  at === undefined &&
  matchers.some(({ name, op, value }) => name === metricName && op === '=' && value !== '')

function planOfSelector(selector: VectorSelector): Plan | undefined {
  if (!isPlain(selector)) return undefined
  const { matchers } = selector
  return { kind: 'newest', text: `{${matchersKey(matchers)}}`, keepsName: true, matchers }
}

function planOfCall({ name, args }: Call): Plan | undefined {
  const exprs = args.map(bare)
  const range = exprs.find(each => each.kind === 'range')
  const numbers = exprs.filter(each => each !== range).map(numberOf)
  if (range !== undefined) {
    if (numbers.includes(undefined) || !isPlain(range.selector)) return undefined
    return planOfWindow(name, range, numbers as number[])
  }
  const [first] = exprs
  const change = first === undefined ? undefined : changeOf(name, numbers.slice(1))
  const of = change === undefined ? undefined : planOf(first!)
  return of === undefined ? undefined : changed(of, `${name} ${numbers.map(numberText)}`, change!)
}

// absent_over_time makes labels, predict_linear goes on with time.
const isLeftOut = new Set(['absent_over_time', 'predict_linear'])

type RangeOf = Readonly<{ selector: VectorSelector; rangeMs: number }>

function planOfWindow(
  name: string,
  { selector, rangeMs }: RangeOf,
  [p = 0, q = 0]: number[],
): Plan | undefined {
  const does = rangeFunctions[name]
  if (does === undefined || isLeftOut.has(name)) return undefined
  // What the evaluator warns of or refuses, it shall.
  if (name === 'quantile_over_time' && !(p >= 0 && p <= 1)) return undefined
  if (name === 'double_exponential_smoothing' && !(p > 0 && p < 1 && q > 0 && q < 1)) return undefined
  const { matchers } = selector
  const text = `${name} ${numberText(p)} ${numberText(q)}({${matchersKey(matchers)}}[${rangeMs}])`
  return { kind: 'windowed', text, keepsName: does.keepsName === true, matchers, name, rangeMs, p, q }
}

// Functions of one number and of constants.
function changeOf(
  name: string,
  others: readonly (number | undefined)[],
): ((value: number) => number) | undefined {
  if (Object.hasOwn(mathematics, name)) return mathematics[name]
  if (others.includes(undefined)) return undefined
  const [first = 1, second = Number.POSITIVE_INFINITY] = others
  switch (name) {
    case 'round':
      return value => roundedTo(value, first)
    case 'clamp':
      // Between bounds that have changed places there is nothing.
      return second < first ? undefined : clamped(first, second)
    case 'clamp_min':
      return clamped(first, Number.POSITIVE_INFINITY)
    case 'clamp_max':
      return clamped(Number.NEGATIVE_INFINITY, first)
    default:
      return undefined
  }
}

const clamped =
  (low: number, high: number) =>
  (value: number): number =>
    larger(low, smaller(high, value))

// 0 and -0 are two numbers.
const numberText = (value: number | undefined): string => (Object.is(value, -0) ? '-0' : String(value))

const turned: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

function planOfBinary(expr: Binary): Plan | undefined {
  const [left, right] = [numberOf(expr.left), numberOf(expr.right)]
  if (left !== undefined && right !== undefined) return undefined
  if (left === undefined && right === undefined) return planOfTwo(expr)
  const of = planOf(left === undefined ? expr.left : expr.right)
  if (of === undefined) return undefined
  const { op, bool } = expr
  const number = (left ?? right)!
  const said = bool ? `${op} bool` : op
  const [compute, compare] = [computing[op], comparing[op]]
  if (compare !== undefined && !bool) {
    const by = left === undefined ? (op as Comparison) : turned[op as Comparison]
    const text = `${by} ${numberText(number)}(${of.text})`
    return { kind: 'threshold', text, keepsName: of.keepsName, op: by, than: number, of }
  }
  const does = compute ?? ((a: number, b: number) => Number(compare!(a, b)))
  if (left === undefined) return changed(of, `${said} ${numberText(number)}`, value => does(value, number))
  return changed(of, `${numberText(number)} ${said}`, value => does(number, value))
}

function planOfTwo({ op, bool, matching, ...expr }: Binary): Plan | undefined {
  const isEachByEach =
    matching === undefined ||
    (!matching.on &&
      matching.labels.length === 0 &&
      (matching.card === 'one-to-one' || matching.card === 'many-to-many'))
  const left = isEachByEach ? planOf(expr.left) : undefined
  const right = left === undefined ? undefined : planOf(expr.right)
  if (left === undefined || right === undefined) return undefined
  if (op === 'or' && left.keepsName !== right.keepsName) return undefined
  const keepsName = left.keepsName && !bool && computing[op] === undefined
  const text = `(${left.text}) ${op} ${bool} (${right.text})`
  return { kind: 'joined', text, keepsName, op, bool, left, right }
}
