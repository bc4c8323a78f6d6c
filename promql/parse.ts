// Text → expression, checked: the one way into the language. Throws a Failure that says line, column, what was found
// and what was wanted. Called by the query API, the rule engine and every tool that reads PromQL.
import { Failure } from '#core/errors.ts'
import type { Expr } from './ast.ts'
import { check } from './check.ts'
import { childrenOf } from './children.ts'
import { cursorOf, depthMax } from './parse/cursor.ts'
import { expression, wantOperator } from './parse/expression.ts'
import { refusal } from './parse/refusal.ts'

// A list of ten thousand hosts passes.
const lengthMax = 262_144

export function parse(text: string): Expr {
  if (text.length > lengthMax) {
    throw new Failure('bad_query', `found ${text.length} characters, wanted at most ${lengthMax}`)
  }
  const cursor = cursorOf(text)
  if (cursor.peek().kind === 'end') {
    throw refusal(text, { from: 0, to: 0 }, 'found nothing, wanted an expression like up{host="a"}')
  }
  const expr = expression(cursor)
  if (cursor.peek().kind !== 'end') wantOperator(cursor, 'the end')
  refuseDepth(expr, text)
  check(expr, text)
  return expr
}

// Without recursion, since it guards those that recur.
function refuseDepth(top: Expr, text: string): void {
  const waiting = [{ expr: top, depth: 1 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { expr, depth } = next
    if (depth > depthMax)
      throw refusal(text, expr.span, `found more than ${depthMax} levels, one inside the other`)
    for (const child of childrenOf(expr)) waiting.push({ expr: child, depth: depth + 1 })
  }
}
