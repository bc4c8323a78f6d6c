// What stands behind a selector or a subquery: [5m], [1h:5m], offset 5m, @ 1700000000, @ start(). Part of the parser;
// called by expression.ts.
import type { AtModifier, Expr, MatrixSelector, Subquery, VectorSelector } from '../ast.ts'
import { type Cursor, isWord } from './cursor.ts'
import type { Token } from './lexer.ts'
import { type ReadNumber, readNumber } from './number.ts'

// Prometheus counts nanoseconds in 64 bits: 292 years.
const longestMs = 9_223_372_036_854

type Shiftable = VectorSelector | MatrixSelector | Subquery

export function postfixed(cursor: Cursor, inner: Expr): Expr {
  let expr = inner
  for (;;) {
    const token = cursor.peek()
    if (token.kind === 'mark' && token.text === '[') expr = ranged(cursor, expr)
    else if (isWord(token, 'offset')) expr = withOffset(cursor, expr)
    else if (token.kind === 'mark' && token.text === '@') expr = withAt(cursor, expr)
    else return expr
  }
}

function ranged(cursor: Cursor, expr: Expr): Expr {
  const open = cursor.take()
  const rangeMs = positiveMs(cursor, 'a duration like 5m')
  const behind = (): { from: number; to: number } => ({ from: expr.span.from, to: cursor.end() })
  if (cursor.accept(':') === undefined) {
    cursor.expect(']', ': or the closing ]')
    refuseRange(cursor, expr, { from: open.from, to: cursor.end() })
    return { kind: 'range', selector: expr as VectorSelector, rangeMs, span: behind() }
  }
  const stepMs =
    cursor.peek().text === ']' ? undefined : positiveMs(cursor, 'a step like 1m, or the closing ]')
  cursor.expect(']', 'the closing ]')
  return { kind: 'subquery', expr, rangeMs, stepMs, offsetMs: 0, span: behind() }
}

function refuseRange(cursor: Cursor, expr: Expr, span: { from: number; to: number }): void {
  if (expr.kind !== 'selector') {
    const range = cursor.text.slice(span.from + 1, span.to - 1)
    cursor.refuse(span, `only a selector has a range; of anything else it is a subquery: [${range}:]`)
  } else if (expr.offsetMs !== 0 || expr.at !== undefined) {
    cursor.refuse(span, 'the range stands directly behind the selector, before offset and @')
  }
}

function withOffset(cursor: Cursor, expr: Expr): Expr {
  const word = cursor.take()
  const sign = cursor.accept('-', '+')
  const ms = durationOf(cursor, 'a duration behind offset, as in offset 5m')
  const offsetMs = sign?.text === '-' ? -ms : ms
  const target = shiftable(cursor, expr, word)
  if ((target.kind === 'range' ? target.selector : target).offsetMs !== 0) {
    cursor.refuse({ from: word.from, to: cursor.end() }, 'there is an offset already')
  }
  return shifted(target, { offsetMs }, cursor.end())
}

function withAt(cursor: Cursor, expr: Expr): Expr {
  const mark = cursor.take()
  const at = momentOf(cursor)
  const target = shiftable(cursor, expr, mark)
  if ((target.kind === 'range' ? target.selector : target).at !== undefined) {
    cursor.refuse({ from: mark.from, to: cursor.end() }, 'there is an @ already')
  }
  return shifted(target, { at }, cursor.end())
}

function momentOf(cursor: Cursor): AtModifier {
  const word = cursor.accept('start', 'end')
  if (word !== undefined) {
    cursor.expect('(', `( behind ${word.text}`)
    cursor.expect(')', `) behind ${word.text}(`)
    return word.text.toLowerCase() as 'start' | 'end'
  }
  const sign = cursor.accept('-', '+')
  const token = cursor.peek()
  const { value } = literalAt(cursor, 'a time in seconds since 1970, start() or end() behind @')
  const atMs = Math.round(value * 1_000) * (sign?.text === '-' ? -1 : 1)
  if (!Number.isSafeInteger(atMs)) cursor.refuse(token, 'this is no time: wanted seconds since 1970')
  // No minus before a zero.
  return atMs + 0
}

function shiftable(cursor: Cursor, expr: Expr, said: Token): Shiftable {
  if (expr.kind === 'selector' || expr.kind === 'range' || expr.kind === 'subquery') return expr
  const where =
    expr.kind === 'aggregate' || expr.kind === 'call' ? '; put it inside, behind the selector' : ''
  return cursor.refuse(said, `${said.text} stands only behind a selector or a subquery${where}`)
}

function shifted(expr: Shiftable, shift: { offsetMs: number } | { at: AtModifier }, to: number): Expr {
  const span = { from: expr.span.from, to }
  if (expr.kind === 'range') return { ...expr, selector: { ...expr.selector, ...shift }, span }
  return { ...expr, ...shift, span }
}

function positiveMs(cursor: Cursor, wanted: string): number {
  const token = cursor.peek()
  const ms = durationOf(cursor, wanted)
  return ms > 0 ? ms : cursor.refuse(token, `found ${token.text}, wanted a duration above 0`)
}

function durationOf(cursor: Cursor, wanted: string): number {
  const token = cursor.peek()
  const { value, isDuration } = literalAt(cursor, wanted)
  // As Prometheus: of a number, what goes beyond milliseconds is cut off.
  const ms = isDuration ? Math.round(value * 1_000) : Math.trunc(Math.round(value * 1e9) / 1e6)
  if (ms > longestMs) cursor.refuse(token, `${token.text} is longer than 292 years`)
  refuseArithmetic(cursor)
  return ms
}

function literalAt(cursor: Cursor, wanted: string): ReadNumber {
  const token = cursor.peek()
  if (token.kind !== 'number') {
    const isSum = token.text === '(' || isWord(token, 'step', 'range', 'min_of', 'max_of', 'min', 'max')
    if (isSum) refuseDurationExpression(cursor)
    cursor.unexpected(wanted)
  }
  cursor.take()
  return numberOf(cursor, token)
}

export function numberOf(cursor: Cursor, token: Token): ReadNumber {
  const read = readNumber(token.text)
  if (read !== undefined) return read
  const isDurationLike = /^(?!0x)[\d.]+(?!e\d)[a-z]/i.test(token.text)
  const wanted = isDurationLike
    ? 'wanted whole numbers with units from large to small (y w d h m s ms), like 5m or 1h30m'
    : 'wanted one like 5, 0.5, 1e6 or 0x1f'
  return cursor.refuse(token, `${token.text} is no ${isDurationLike ? 'duration' : 'number'}: ${wanted}`)
}

// Inside of brackets only: behind offset an operator belongs to the expression.
function refuseArithmetic(cursor: Cursor): void {
  if (cursor.isIn('[') && ['+', '-', '*', '/', '%', '^'].includes(cursor.peek().text)) {
    refuseDurationExpression(cursor)
  }
}

function refuseDurationExpression(cursor: Cursor): never {
  const what = 'durations that are computed are experimental in Prometheus and not built here'
  return cursor.refuse(cursor.peek(), `${what}: wanted a plain one like 5m`)
}
