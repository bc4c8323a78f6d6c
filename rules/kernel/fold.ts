// Is an expression one number, whatever the time and the samples? Then it is computed once, when rules are loaded.
// Called by plan.ts.
import type { Expr } from '#promql/ast.ts'
import { comparing, computing } from '#promql/evaluate/arithmetic.ts'

export function numberOf(expr: Expr): number | undefined {
  switch (expr.kind) {
    case 'number':
      return expr.value
    case 'paren':
      return numberOf(expr.expr)
    case 'unary': {
      const value = numberOf(expr.expr)
      return value === undefined || expr.op === '+' ? value : -value
    }
    case 'binary': {
      const left = numberOf(expr.left)
      const right = left === undefined ? undefined : numberOf(expr.right)
      if (left === undefined || right === undefined) return undefined
      const compute = computing[expr.op]
      return compute === undefined ? Number(comparing[expr.op]!(left, right)) : compute(left, right)
    }
    case 'call':
      return expr.name === 'pi' ? Math.PI : undefined
    default:
      return undefined
  }
}
