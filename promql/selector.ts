// Text → which series, over which range: the expressions that are one selector and nothing else. Called by query/,
// where only series are asked for.

import type { Matcher } from '#core/model.ts'
import type { Expr, VectorSelector } from './ast.ts'
import { refusal } from './parse/refusal.ts'
import { parse } from './parse.ts'

// Without a range: the newest sample of each series.
export type Selector = Readonly<{ matchers: readonly Matcher[]; rangeMs: number | undefined }>

export function parseSelector(text: string): Selector {
  const expr = parse(text)
  const selector = expr.kind === 'range' ? expr.selector : expr
  const isPlain = selector.kind === 'selector' && selector.offsetMs === 0 && selector.at === undefined
  if (!isPlain)
    throw refusal(text, expr.span, `wanted a selector like up{host="a"} or up[5m], found ${plain(expr)}`)
  return { matchers: selector.matchers, rangeMs: expr.kind === 'range' ? expr.rangeMs : undefined }
}

const names: Readonly<Record<Exclude<Expr['kind'], 'selector' | 'range'>, string>> = {
  aggregate: 'an aggregation',
  binary: 'an operator',
  call: 'a function',
  number: 'a number',
  paren: 'brackets',
  string: 'a text',
  subquery: 'a subquery',
  unary: 'a sign',
}

function plain(expr: Expr): string {
  if (expr.kind !== 'selector' && expr.kind !== 'range') return names[expr.kind]
  const { at }: VectorSelector = expr.kind === 'range' ? expr.selector : expr
  return at === undefined ? 'an offset' : 'an @'
}
