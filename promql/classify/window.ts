// Which samples does an expression need: for each of its selectors, from when to when, seen from the time of
// evaluation. Called by classify.ts.
import type { Matcher } from '#core/model.ts'
import type { Expr, Shift } from '../ast.ts'
import { childrenOf } from '../children.ts'

// Samples from `farMs` before to `nearMs` before the time of evaluation, or before `atMs` where @ binds it to a time.
// `nearMs` is below 0 where a negative offset looks ahead.
export type Selection = Readonly<{
  matchers: readonly Matcher[]
  farMs: number
  nearMs: number
  atMs: number | undefined
}>

type View = Readonly<{ farMs: number; nearMs: number; atMs: number | undefined }>

const now: View = { farMs: 0, nearMs: 0, atMs: undefined }

export function selectionsOf(expr: Expr, lookbackMs: number): Selection[] {
  return inView(expr, now, lookbackMs)
}

function inView(expr: Expr, view: View, lookbackMs: number): Selection[] {
  switch (expr.kind) {
    case 'selector':
      return [{ matchers: expr.matchers, ...back(shifted(view, expr), lookbackMs) }]
    case 'range':
      return [{ matchers: expr.selector.matchers, ...back(shifted(view, expr.selector), expr.rangeMs) }]
    case 'subquery':
      return inView(expr.expr, back(shifted(view, expr), expr.rangeMs), lookbackMs)
    default:
      return childrenOf(expr).flatMap(child => inView(child, view, lookbackMs))
  }
}

// start() and end() are those of the question, also inside of a subquery; of a rule both are the time of evaluation.
function shifted(view: View, { at, offsetMs }: Shift): View {
  const base = at === undefined ? view : { ...now, atMs: typeof at === 'number' ? at : undefined }
  return { ...base, farMs: base.farMs + offsetMs, nearMs: base.nearMs + offsetMs }
}

const back = (view: View, ms: number): View => ({ ...view, farMs: view.farMs + ms })
