// Which numbers are worth drawing of a rule: its expression without the comparison, and what it compares with. Called by
// last-hour.ts.
import type { Expr } from '#promql/ast.ts'
import { childrenOf } from '#promql/children.ts'
import { typeOf } from '#promql/type-of.ts'
import { isComparison, numberIn, turned } from '../delivery/threshold.ts'
import type { Threshold } from '../picture.ts'

export type DrawnExpr = Readonly<{ expr: Expr; threshold: Threshold | undefined }>

// Nothing where there is no line to see: constants, absence, and choices of several conditions.
export function drawnExpr(rule: Expr): DrawnExpr | undefined {
  const { expr, threshold } = bare(rule)
  return isVisible(expr) ? { expr, threshold } : undefined
}

function bare(expr: Expr): DrawnExpr {
  if (expr.kind === 'paren') return bare(expr.expr)
  if (expr.kind !== 'binary') return { expr, threshold: undefined }
  const { op, left, right } = expr
  // The value is that of the left side.
  if (op === 'and' || op === 'unless') return bare(left)
  if (!isComparison(op) || expr.bool) return { expr, threshold: undefined }
  const [before, after] = [numberIn(left), numberIn(right)]
  if (before !== undefined) return { expr: bare(right).expr, threshold: { op: turned[op], value: before } }
  return { expr: bare(left).expr, threshold: after === undefined ? undefined : { op, value: after } }
}

function isVisible(expr: Expr): boolean {
  if (typeOf(expr) !== 'vector' || (expr.kind === 'binary' && expr.op === 'or')) return false
  let hasSelector = false
  const waiting = [expr]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'call' && next.name.startsWith('absent')) return false
    hasSelector ||= next.kind === 'selector'
    waiting.push(...childrenOf(next))
  }
  return hasSelector
}
