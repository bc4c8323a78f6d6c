// Text → the same expression, well laid out: what does not fit into a line is split over several, by the rules of
// Prometheus' own formatter and to the letter of its answer. Called by /api/v1/format_query and the console.
import type { Expr } from './ast.ts'
import { parse } from './parse.ts'
import { print, printAggregator, printOperator, printWindow } from './print.ts'

const lineMax = 100

// Comments are lost, as in Prometheus. A narrower line is for tests and terminals.
export function format(text: string, widthMax: number = lineMax): string {
  return layOut(parse(text), 0, widthMax)
}

// `level` is how deep the expression stands; each level is two spaces.
function layOut(expr: Expr, level: number, widthMax: number): string {
  const indent = '  '.repeat(level)
  const inner = (child: Expr): string => layOut(child, level + 1, widthMax)
  const line = print(expr)
  const fits = Buffer.byteLength(line) <= widthMax
  switch (expr.kind) {
    case 'unary':
      return indent + expr.op + layOut(expr.expr, level, widthMax).trim()
    case 'subquery':
      // Prometheus forgets to indent one that fits.
      return fits ? line : layOut(expr.expr, level, widthMax) + printWindow(expr)
  }
  if (fits) return indent + line
  switch (expr.kind) {
    case 'paren':
      return `${indent}(\n${inner(expr.expr)}\n${indent})`
    case 'binary':
      return `${inner(expr.left)}\n${indent}${printOperator(expr)}\n${inner(expr.right)}`
    case 'aggregate': {
      const args = expr.param === undefined ? [expr.expr] : [expr.param, expr.expr]
      return `${indent}${printAggregator(expr)}(\n${args.map(inner).join(',\n')}\n${indent})`
    }
    case 'call':
      return `${indent}${expr.name}(\n${expr.args.map(inner).join(',\n')}\n${indent})`
    default:
      return indent + line
  }
}
