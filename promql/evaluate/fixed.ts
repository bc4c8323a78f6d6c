// Is the value of an expression the same at every step? Then it is computed once. It is when every selector in it
// stands under an `@` and no function in it looks at the time. Called by the plan and by compute.ts, which must agree.
import type { Expr } from '../ast.ts'

// As Prometheus has them.
const lookAtTime = new Set([
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'days_in_month',
  'hour',
  'minute',
  'month',
  'predict_linear',
  'time',
  'timestamp',
  'year',
])

const known = new WeakMap<Expr, boolean>()

export function isFixed(expr: Expr): boolean {
  const found = known.get(expr)
  if (found !== undefined) return found
  const fixed = decide(expr)
  known.set(expr, fixed)
  return fixed
}

function decide(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return true
    case 'selector':
    case 'subquery':
      return expr.at !== undefined
    case 'range':
      return isFixed(expr.selector)
    case 'paren':
    case 'unary':
      return isFixed(expr.expr)
    case 'binary':
      return isFixed(expr.left) && isFixed(expr.right)
    case 'aggregate':
      return isFixed(expr.expr) && (expr.param === undefined || isFixed(expr.param))
    case 'call':
      return !lookAtTime.has(expr.name) && expr.args.every(isFixed)
  }
}
