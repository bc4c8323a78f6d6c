// What is a value compared with? Read from the expression in the link that alerts carry (`…/graph?g0.expr=…`), as
// Prometheus and we write it. Called by compose.ts, and for pictures.
import { madeOnce } from '#core/made-once.ts'
import type { BinaryOp, Expr } from '#promql/ast.ts'
import { comparisons } from '#promql/ast.ts'
import { parse } from '#promql/parse.ts'

type Comparison = (typeof comparisons)[number]

// The same with its sides exchanged.
export const turned: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
}
export const isComparison = (op: BinaryOp): op is Comparison => comparisons.some(each => each === op)

const exprMax = 10_000
const rememberedMax = 1_000

// `> 90`, or nothing. All alerts of a rule have one link, so each is read once.
export const openThresholds = (): ((generatorUrl: string) => string) => madeOnce(rememberedMax, thresholdIn)

function thresholdIn(url: string): string {
  const expr = url === '' ? undefined : exprIn(url)
  return expr === undefined ? '' : thresholdOf(expr)
}

// Nothing where it is of another language, or of another version of this one.
export function exprIn(url: string): Expr | undefined {
  const written = URL.canParse(url, 'http://nowhere')
    ? new URL(url, 'http://nowhere').searchParams.get('g0.expr')
    : null
  if (written === null || written.length > exprMax) return undefined
  try {
    return parse(written)
  } catch {
    return undefined
  }
}

export function thresholdOf(expr: Expr): string {
  if (expr.kind === 'paren') return thresholdOf(expr.expr)
  if (expr.kind !== 'binary') return ''
  const { op, left, right } = expr
  // The value is that of the left side.
  if (op === 'and' || op === 'unless') return thresholdOf(left)
  if (!isComparison(op) || expr.bool) return ''
  const [before, after] = [numberIn(left), numberIn(right)]
  if (after !== undefined) return `${op} ${after}`
  return before === undefined ? '' : `${turned[op]} ${before}`
}

export function numberIn(expr: Expr): number | undefined {
  if (expr.kind === 'number') return expr.value
  if (expr.kind === 'paren') return numberIn(expr.expr)
  if (expr.kind !== 'unary') return undefined
  const value = numberIn(expr.expr)
  return value === undefined || expr.op === '+' ? value : -value
}
