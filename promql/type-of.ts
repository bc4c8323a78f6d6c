// What kind of value an expression gives: scalar, vector, matrix or string. Called by the parser, the checker and
// whoever needs to know what an answer will look like.
import type { Binary, Expr, ValueType } from './ast.ts'
import { functionSpec } from './functions.ts'

// Chains of operators would be walked again at each link.
const known = new WeakMap<Binary, ValueType>()

export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'selector':
    case 'aggregate':
      return 'vector'
    case 'range':
    case 'subquery':
      return 'matrix'
    case 'paren':
    case 'unary':
      return typeOf(expr.expr)
    case 'call':
      return functionSpec(expr.name)?.returns ?? 'vector'
    case 'binary':
      return typeOfBinary(expr)
  }
}

function typeOfBinary(expr: Binary): ValueType {
  const before = known.get(expr)
  if (before !== undefined) return before
  const areScalars = typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar'
  const type = areScalars ? 'scalar' : 'vector'
  known.set(expr, type)
  return type
}
