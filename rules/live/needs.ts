// What must be in memory for an expression, and whether time alone can change what it comes to. Called by program.ts.
import type { Matcher } from '#core/model.ts'
import type { Expr } from '#promql/ast.ts'
import { childrenOf } from '#promql/children.ts'
import { type Class, classify } from '#promql/classify.ts'
import { parse } from '#promql/parse.ts'
import type { Watch } from '../head.ts'
import type { AlertRule, Rule, Worded } from '../rule.ts'
import { shortMs } from './paces.ts'

export type Needs = Readonly<{
  class: Class
  watches: readonly Watch[]
  // By templates: nothing is evaluated because of them.
  asked: readonly Watch[]
  // Its short windows, also those of other times than now.
  windows: readonly Watch[]
  // Its result may be another one at each moment; it is looked at each second.
  isTimely: boolean
  // Reaches back to a fixed time, however long ago that is.
  isFixed: boolean
  farMs: number
}>

export type Horizon = Readonly<{ lookbackMs: number; queryOffsetMs: number }>

export function needsOf(rule: Rule, horizon: Horizon): Needs {
  const { lookbackMs, queryOffsetMs } = horizon
  const kind = classify(rule.expr, { lookbackMs })
  const isShifted = queryOffsetMs !== 0 || some(rule.expr, isMoved)
  const isTimely = kind.usesTime || isShifted || some(rule.expr, each => each.kind === 'subquery')
  const watches: Watch[] =
    isShifted || some(rule.expr, each => each.kind === 'subquery')
      ? kind.selections.map(({ matchers, farMs }) => ({
          matchers,
          keepMs: Math.max(0, farMs) + queryOffsetMs,
          windowsMs: [],
          ends: true,
        }))
      : readsOf(rule.expr).map(({ matchers, rangeMs }) => watchOf(matchers, rangeMs))
  return {
    class: kind,
    watches,
    windows: readsOf(rule.expr)
      .filter(({ rangeMs }) => rangeMs !== undefined && rangeMs < shortMs)
      .map(({ matchers, rangeMs }) => watchOf(matchers, rangeMs)),
    asked: rule.kind === 'alert' ? asked(rule, lookbackMs) : [],
    isTimely,
    isFixed: kind.selections.some(each => each.atMs !== undefined),
    farMs: kind.windowMs + queryOffsetMs,
  }
}

type Read = Readonly<{ matchers: readonly Matcher[]; rangeMs: number | undefined }>

const watchOf = (matchers: readonly Matcher[], rangeMs: number | undefined): Watch =>
  rangeMs === undefined
    ? { matchers, keepMs: 0, windowsMs: [], ends: true }
    : { matchers, keepMs: rangeMs, windowsMs: [rangeMs], ends: false }

function readsOf(expr: Expr): Read[] {
  if (expr.kind === 'selector') return [{ matchers: expr.matchers, rangeMs: undefined }]
  if (expr.kind === 'range') return [{ matchers: expr.selector.matchers, rangeMs: expr.rangeMs }]
  return childrenOf(expr).flatMap(readsOf)
}

function isMoved(expr: Expr): boolean {
  if (expr.kind === 'range') return isMoved(expr.selector)
  if (expr.kind !== 'selector' && expr.kind !== 'subquery') return false
  return expr.offsetMs !== 0 || expr.at !== undefined
}

function some(expr: Expr, test: (expr: Expr) => boolean): boolean {
  return test(expr) || childrenOf(expr).some(child => some(child, test))
}

// What templates ask with `query`. Its text is often put together with printf, so all series of a name are kept that
// stands in one of the template's texts.
function asked({ labels, annotations }: AlertRule, lookbackMs: number): Watch[] {
  return [...labels.values(), ...annotations.values()]
    .flatMap(textsIn)
    .flatMap(text => expressionIn(text, lookbackMs))
}

const quoted = /"((?:[^"\\]|\\.)*)"|`([^`]*)`/g

const textsIn = ({ text, template }: Worded): string[] =>
  'plain' in template || !/\bquery\b/.test(text)
    ? []
    : [...text.matchAll(quoted)].map(([, escaped, raw]) => raw ?? escaped!.replace(/\\(.)/g, '$1'))

function expressionIn(text: string, lookbackMs: number): Watch[] {
  try {
    const expr = parse(text.replace(/%[-+# 0-9.]*[a-z]/g, 'x'))
    return classify(expr, { lookbackMs }).selections.flatMap(({ matchers, farMs }) => {
      const named = matchers.filter(({ name, op }) => name === '__name__' && op === '=')
      return named.length === 0 ? [] : [{ matchers: named, keepMs: farMs, windowsMs: [], ends: false }]
    })
  } catch {
    // Some other text, such as a format of its own.
    return []
  }
}
