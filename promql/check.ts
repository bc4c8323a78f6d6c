// Does an expression make sense as Prometheus sees it: types, numbers of arguments, matching? Called by parse.ts, so
// that whoever holds an Expr need not ask again.
import { metricName } from '#core/labels.ts'
import { matchesValue } from '#core/matchers.ts'
import {
  type Aggregate,
  type Binary,
  type Call,
  comparisons,
  type Expr,
  type Span,
  setOperators,
  type ValueType,
  type VectorSelector,
} from './ast.ts'
import { childrenOf } from './children.ts'
import { functionSpec } from './functions.ts'
import { refusal } from './parse/refusal.ts'
import { typeOf } from './type-of.ts'

// Throws a Failure that names the place in `text`.
export function check(expr: Expr, text: string): void {
  for (const child of childrenOf(expr)) check(child, text)
  const wrong = wrongWith(expr)
  if (wrong !== undefined) throw refusal(text, trimmed(wrong.span, text), wrong.what)
}

type Wrong = Readonly<{ span: Span; what: string }>

function wrongWith(expr: Expr): Wrong | undefined {
  switch (expr.kind) {
    case 'selector':
      return wrongSelector(expr)
    case 'subquery':
      return mustBe(expr.expr, 'vector', 'a subquery')
    case 'unary':
      return mustCompute(expr.expr, `the sign ${expr.op}`)
    case 'binary':
      return wrongBinary(expr)
    case 'aggregate':
      return wrongAggregate(expr)
    case 'call':
      return wrongCall(expr)
    default:
      return undefined
  }
}

// Of what stands between two operands, without the space around.
function trimmed({ from, to }: Span, text: string): Span {
  const part = text.slice(from, to)
  const head = part.length - part.trimStart().length
  return { from: from + head, to: from + head + part.trim().length }
}

const plain: Readonly<Record<ValueType, string>> = {
  scalar: 'a number',
  vector: 'an instant vector',
  matrix: 'a range vector',
  string: 'a text',
}

const hints: Readonly<Record<string, string>> = {
  'vector for matrix': 'a subquery makes one, as in (…)[5m:]',
  'matrix for vector': 'leave out the brackets, or put a function like rate around',
  'vector for scalar': 'scalar(…) makes one',
  'scalar for vector': 'vector(…) makes one',
  'vector for string': 'put it in quotes',
}

function mustBe(expr: Expr, wanted: ValueType, of: string): Wrong | undefined {
  const found = typeOf(expr)
  if (found === wanted) return undefined
  const isBare = wanted === 'matrix' && expr.kind === 'selector'
  const hint = isBare ? 'give the selector a range, as in up[5m]' : hints[`${found} for ${wanted}`]
  const what = `${of} wants ${plain[wanted]}, found ${plain[found]}${hint === undefined ? '' : `; ${hint}`}`
  return { span: expr.span, what }
}

function mustCompute(expr: Expr, of: string): Wrong | undefined {
  const found = typeOf(expr)
  return found === 'scalar' ? undefined : mustBe(expr, 'vector', of)
}

function wrongSelector({ name, matchers, span }: VectorSelector): Wrong | undefined {
  const names = matchers.filter(each => each.name === metricName)
  if (name !== undefined && names.length > 1) {
    return { span, what: `the name of the metric is said twice: ${name} and ${names[1]?.value}` }
  }
  // Else one slip would select everything there is.
  if (matchers.some(each => !matchesValue('', each))) return undefined
  return { span, what: 'wanted at least one matcher that an empty label does not meet, as in {host=~".+"}' }
}

function wrongBinary({ op, left, right, bool, matching, span }: Binary): Wrong | undefined {
  const compares = (comparisons as readonly string[]).includes(op)
  const isSet = (setOperators as readonly string[]).includes(op)
  const [leftType, rightType] = [typeOf(left), typeOf(right)]
  const wrong = mustCompute(left, op) ?? mustCompute(right, op)
  if (wrong !== undefined) return wrong
  const gap = { from: left.span.to, to: right.span.from }
  if (bool && !compares)
    return { span: gap, what: `bool stands behind == != > < >= <= only, found it behind ${op}` }
  const isJoin = leftType === 'vector' && rightType === 'vector'
  if (isSet && !isJoin) {
    const side = leftType === 'scalar' ? left : right
    return { span: side.span, what: `${op} joins instant vectors, found a number; vector(…) makes one` }
  }
  if (compares && !bool && leftType === 'scalar' && rightType === 'scalar') {
    return { span: gap, what: `two numbers are compared by ${op} bool, found ${op}` }
  }
  if (matching === undefined) return undefined
  if (!isJoin) {
    return matching.labels.length > 0
      ? { span, what: 'on and ignoring match two instant vectors, found a number' }
      : undefined
  }
  const { card, include } = matching
  if (isSet && card !== 'many-to-many')
    return { span: gap, what: `${op} takes no group_left and no group_right` }
  const twice = matching.on ? matching.labels.find(each => include.includes(each)) : undefined
  if (twice === undefined) return undefined
  return {
    span: gap,
    what: `the label ${twice} stands in on and in group_${card === 'many-to-one' ? 'left' : 'right'}`,
  }
}

function wrongAggregate({ op, expr, param }: Aggregate): Wrong | undefined {
  const wrong = mustBe(expr, 'vector', op)
  if (wrong !== undefined || param === undefined) return wrong
  return mustBe(param, op === 'count_values' ? 'string' : 'scalar', `the first argument of ${op}`)
}

function wrongCall({ name, args, span }: Call): Wrong | undefined {
  const spec = functionSpec(name)
  if (spec === undefined) throw new Error(`${name} is no function of functions.ts`)
  const count = args.length
  if (count < spec.min || count > spec.max) {
    return { span, what: `found ${counted(count)} of ${name}, wanted ${range(spec.min, spec.max)}` }
  }
  for (const [at, arg] of args.entries()) {
    const wanted = spec.args[at] ?? spec.args.at(-1)
    const which = spec.args.length > 1 ? `argument ${at + 1} of ${name}` : name
    const wrong = wanted === undefined ? undefined : mustBe(arg, wanted, which)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const counted = (count: number): string =>
  count === 1 ? '1 argument' : `${count === 0 ? 'no' : count} arguments`

function range(min: number, max: number): string {
  if (min === max) return min === 0 ? 'none' : `${min}`
  return max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`
}
