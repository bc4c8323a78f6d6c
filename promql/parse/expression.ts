// The parser's heart: operators by precedence, calls, aggregations, brackets, as Prometheus' grammar has them. Called
// by parse.ts; what stands behind a selector is read by postfix.ts, what stands in braces by matchers.ts.
import { metricName } from '#core/labels.ts'
import { guessed } from '#core/nearest.ts'
import {
  type Aggregator,
  aggregators,
  type BinaryOp,
  type Expr,
  type Matching,
  type NumberLiteral,
  setOperators,
  type VectorSelector,
} from '../ast.ts'
import { functionNames, functionSpec, refusedFunctions } from '../functions.ts'
import { typeOf } from '../type-of.ts'
import { type Cursor, depthMax, isWord } from './cursor.ts'
import type { Token } from './lexer.ts'
import { labelList, matchersOf, textOf } from './matchers.ts'
import { matchingOf } from './matching.ts'
import { numberOf, postfixed } from './postfix.ts'

const mulLevel = 5
const powLevel = 6

const levels: Readonly<Record<BinaryOp, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': mulLevel,
  '/': mulLevel,
  '%': mulLevel,
  atan2: mulLevel,
  '^': powLevel,
}

// Words that are no metric where an expression begins.
const keywords = ['bool', 'on', 'ignoring', 'group_left', 'group_right', 'atan2']
const wantsParam: ReadonlySet<Aggregator> = new Set(['topk', 'bottomk', 'quantile', 'count_values'])
const isAggregator = (word: string): word is Aggregator => (aggregators as readonly string[]).includes(word)
const everyLabel: Matching = { card: 'one-to-one', on: false, labels: [], include: [] }
const refusedAggregators = ['limitk', 'limit_ratio']

// Takes operators that bind more strongly than `above`.
export function expression(cursor: Cursor, above = 0): Expr {
  return cursor.deeper(() => {
    let left = operand(cursor)
    for (let links = 0; ; links++) {
      const op = operatorAt(cursor.peek())
      if (op === undefined || levels[op] <= above) return left
      if (links === depthMax) {
        cursor.refuse(cursor.peek(), `found a chain of more than ${depthMax} operators; part it by brackets`)
      }
      left = binary(cursor, op, left)
    }
  })
}

function operatorAt(token: Token): BinaryOp | undefined {
  if (token.kind !== 'mark' && token.kind !== 'word') return undefined
  const text = token.text.toLowerCase()
  return Object.hasOwn(levels, text) ? (text as BinaryOp) : undefined
}

function binary(cursor: Cursor, op: BinaryOp, left: Expr): Expr {
  cursor.take()
  const bool = cursor.accept('bool') !== undefined
  const written = matchingOf(cursor)
  // To the right, as 2^3^2 is 2^9.
  const right = expression(cursor, op === '^' ? powLevel - 1 : levels[op])
  const isJoin = typeOf(left) === 'vector' && typeOf(right) === 'vector'
  const isSet = (setOperators as readonly string[]).includes(op)
  // Between numbers nothing is matched; the checker refuses labels there.
  const isKept = isJoin || (written?.labels.length ?? 0) > 0
  const matching = isKept ? (written ?? everyLabel) : undefined
  const isMany = isSet && matching?.card === 'one-to-one'
  return {
    kind: 'binary',
    op,
    left,
    right,
    bool,
    matching: isMany ? { ...matching, card: 'many-to-many' } : matching,
    span: { from: left.span.from, to: right.span.to },
  }
}

function operand(cursor: Cursor): Expr {
  const sign = cursor.accept('-', '+')
  if (sign === undefined) return postfixed(cursor, primary(cursor))
  // -2^2 is -4.
  const expr = expression(cursor, mulLevel)
  const span = { from: sign.from, to: expr.span.to }
  if (expr.kind === 'number') return { ...expr, value: sign.text === '-' ? -expr.value : expr.value, span }
  return { kind: 'unary', op: sign.text === '-' ? '-' : '+', expr, span }
}

function primary(cursor: Cursor): Expr {
  const token = cursor.peek()
  if (token.kind === 'number') return numeral(cursor, cursor.take())
  if (token.kind === 'string') {
    cursor.take()
    return { kind: 'string', value: textOf(cursor, token), span: { from: token.from, to: token.to } }
  }
  if (token.kind === 'word') return named(cursor, token)
  if (token.kind === 'mark' && token.text === '{') return selector(cursor, undefined)
  if (token.kind !== 'mark' || token.text !== '(') return cursor.unexpected('an expression')
  cursor.take()
  const expr = expression(cursor)
  if (cursor.accept(')') === undefined) wantOperator(cursor, 'the closing )')
  return { kind: 'paren', expr, span: { from: token.from, to: cursor.end() } }
}

function numeral(cursor: Cursor, token: Token): NumberLiteral {
  const { value, isDuration } = numberOf(cursor, token)
  const span = { from: token.from, to: token.to }
  return isDuration ? { kind: 'number', value, isDuration, span } : { kind: 'number', value, span }
}

function named(cursor: Cursor, token: Token): Expr {
  const word = token.text.toLowerCase()
  if (word === 'inf' || word === 'nan') {
    cursor.take()
    const value = word === 'inf' ? Number.POSITIVE_INFINITY : Number.NaN
    return { kind: 'number', value, span: { from: token.from, to: token.to } }
  }
  if (keywords.includes(word)) {
    const asMetric = `as a metric it is written {"${token.text}"}`
    return cursor.unexpected('an expression', `${word} is a word of the language; ${asMetric}`)
  }
  cursor.take()
  const next = cursor.peek()
  const isOpen = next.kind === 'mark' && next.text === '('
  if (refusedAggregators.includes(word) && (isOpen || isWord(next, 'by', 'without'))) {
    return cursor.refuse(token, `${word} ${refusedFunctions[word]}`)
  }
  if (isAggregator(word) && (isOpen || isWord(next, 'by', 'without'))) return aggregate(cursor, word, token)
  return isOpen ? call(cursor, token) : selector(cursor, token)
}

function selector(cursor: Cursor, name: Token | undefined): VectorSelector {
  const from = (name ?? cursor.peek()).from
  const braces = cursor.accept('{')
  const inBraces = braces === undefined ? [] : matchersOf(cursor)
  const span = { from, to: cursor.end() }
  if (name === undefined) return { kind: 'selector', matchers: inBraces, offsetMs: 0, span }
  const matchers = [{ name: metricName, op: '=' as const, value: name.text }, ...inBraces]
  return { kind: 'selector', name: name.text, matchers, offsetMs: 0, span }
}

function call(cursor: Cursor, name: Token): Expr {
  if (functionSpec(name.text) === undefined) cursor.refuse(name, unknownFunction(name.text))
  const args = argumentsOf(cursor)
  return { kind: 'call', name: name.text, args, span: { from: name.from, to: cursor.end() } }
}

function unknownFunction(name: string): string {
  if (Object.hasOwn(refusedFunctions, name)) return `${name} ${refusedFunctions[name]}`
  if (/^(?:by|without|and|or|unless|offset)$/i.test(name)) return `found ${name}, wanted an expression`
  return `there is no function ${name}${guessed(name, [...functionNames, ...aggregators])}`
}

function argumentsOf(cursor: Cursor): Expr[] {
  cursor.expect('(', '( and arguments')
  if (cursor.accept(')') !== undefined) return []
  for (const args = [expression(cursor)]; ; args.push(expression(cursor))) {
    if (cursor.accept(')') !== undefined) return args
    if (cursor.accept(',') === undefined) wantOperator(cursor, 'a comma or the closing )')
    if (cursor.peek().text === ')') cursor.unexpected('one more argument behind the comma')
  }
}

function aggregate(cursor: Cursor, op: Aggregator, name: Token): Expr {
  const before = groupingOf(cursor)
  if (cursor.peek().text !== '(') cursor.unexpected(`( and what ${op} is taken of`)
  const args = argumentsOf(cursor)
  const { without, labels } = before ?? groupingOf(cursor) ?? { without: false, labels: [] }
  const span = { from: name.from, to: cursor.end() }
  const wanted = wantsParam.has(op) ? 2 : 1
  const expr = args.at(-1)
  if (args.length !== wanted || expr === undefined) {
    const shape =
      wanted === 2 ? `${op}(${op === 'count_values' ? '"label"' : 'number'}, vector)` : `${op}(vector)`
    const found = args.length === 1 ? '1 argument' : `${args.length} arguments`
    return cursor.refuse(span, `found ${found} of ${op}, wanted ${shape}`)
  }
  return { kind: 'aggregate', op, expr, param: wanted === 2 ? args[0] : undefined, without, labels, span }
}

function groupingOf(cursor: Cursor): { without: boolean; labels: string[] } | undefined {
  const word = cursor.accept('by', 'without')
  if (word === undefined) return undefined
  const said = word.text.toLowerCase()
  return { without: said === 'without', labels: labelList(cursor, said) }
}

// Says what is wrong behind a whole expression, where only an operator or `closing` can stand.
export function wantOperator(cursor: Cursor, closing: string): never {
  const token = cursor.peek()
  const wanted = `an operator or ${closing}`
  if (isWord(token, 'anchored', 'smoothed')) {
    return cursor.refuse(token, `${token.text} is experimental in Prometheus and not built here`)
  }
  if (token.text === '</' || token.text === '>/') {
    return cursor.refuse(token, `${token.text} trims native histograms, which this service does not store`)
  }
  return cursor.unexpected(wanted, token.kind === 'string' ? inBraces : hintOf(token))
}

const inBraces = 'labels are compared in braces, as in up{host="a"}'

function hintOf(token: Token): string | undefined {
  if (token.text === '=') return 'numbers are compared by =='
  if (token.text === '=~' || token.text === '!~') return inBraces
  if (token.text === '{') return 'braces stand directly behind the name of a metric'
  if (isWord(token, 'by', 'without')) {
    return `${token.text} stands behind the name or the closing ) of an aggregation, as in sum by (host) (up)`
  }
  if (isWord(token, 'bool', 'on', 'ignoring')) return `${token.text} stands behind an operator`
  if (isWord(token, 'group_left', 'group_right')) return `${token.text} stands behind on (…) or ignoring (…)`
  if (token.kind === 'number') return `a range is written [${token.text}], a shift offset ${token.text}`
  return undefined
}
