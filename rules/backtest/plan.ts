// In which order are groups replayed, at which steps, and which of them cannot be replayed in long stretches? A rule
// that reads what it or a later rule of its group writes sees there the step before, so such a group goes step by
// step. Called by replay.ts.

import { durationText } from '#core/duration.ts'
import { metricName } from '#core/labels.ts'
import { matchesValue } from '#core/matchers.ts'
import type { Matcher } from '#core/model.ts'
import type { Expr } from '#promql/ast.ts'
import { childrenOf } from '#promql/children.ts'
import { type Class, classify } from '#promql/classify.ts'
import { lookbackMs } from '../lookback.ts'
import type { Rule, RuleGroup } from '../rule.ts'

export type GroupPlan = Readonly<{
  group: RuleGroup
  stepMs: number
  isStepwise: boolean
}>

export type Plan = Readonly<{
  // Those that others read come first.
  groups: readonly GroupPlan[]
  // Whether any rule reads the series that alerts write.
  readsAlerts: boolean
  // How far back anything looks that the rules have recorded.
  keepMs: number
  notes: readonly string[]
}>

// Of groups that are evaluated on arrival.
const arrivalStepMs = 15_000

export function planOf(groups: readonly RuleGroup[], stepMs: number | undefined): Plan {
  const reads = readsIn(groups)
  const { order, circle } = sorted(groups, reads)
  const notes: string[] = []
  if (circle.length > 0) {
    const names = circle.map(each => each.name).join(', ')
    notes.push(`Groups read each other's results in a circle (${names}): some are seen late.`)
  }
  const arriving = groups.filter(each => each.intervalMs === undefined)
  if (arriving.length > 0) {
    const every = `every ${durationText(stepMs ?? arrivalStepMs)}`
    const names = arriving.slice(0, 3).map(each => each.name)
    const more = arriving.length > 3 ? ` and ${arriving.length - 3} more` : ''
    notes.push(
      `Without an interval, rules are evaluated on arrival; here ${every}: ${names.join(', ')}${more}.`,
    )
  }
  const plans = order.map(group => {
    const ownMs = stepMs ?? group.intervalMs ?? arrivalStepMs
    return { group, stepMs: ownMs, isStepwise: isStepwise(group, reads) }
  })
  return {
    groups: plans,
    readsAlerts: [...reads.values()].some(writers => [...writers].some(each => each.kind === 'alert')),
    keepMs: keepMsOf(groups),
    notes,
  }
}

// What each rule may see of what others, or itself, write.
type Reads = ReadonlyMap<Rule, ReadonlySet<Rule>>

const isStepwise = ({ rules }: RuleGroup, reads: Reads): boolean =>
  rules.some((rule, at) => {
    const writers = reads.get(rule)
    return looksAtEnds(rule.expr) || rules.slice(at).some(each => writers?.has(each))
  })

// `@ end()` of a rule is the time of each evaluation.
const looksAtEnds = (expr: Expr): boolean =>
  ((expr.kind === 'selector' || expr.kind === 'subquery') && (expr.at === 'start' || expr.at === 'end')) ||
  childrenOf(expr).some(looksAtEnds)

const classes = new WeakMap<Expr, Class>()

// Once for each expression, whoever asks.
export function classOf(expr: Expr): Class {
  const known = classes.get(expr) ?? classify(expr, { lookbackMs })
  classes.set(expr, known)
  return known
}

function readsIn(groups: readonly RuleGroup[]): Reads {
  const rules = groups.flatMap(each => each.rules)
  const byName = new Map<string, Rule[]>()
  for (const rule of rules) {
    for (const name of rule.kind === 'record' ? [rule.record] : ['ALERTS', 'ALERTS_FOR_STATE']) {
      const known = byName.get(name)
      if (known === undefined) byName.set(name, [rule])
      else known.push(rule)
    }
  }
  return new Map(rules.map(rule => [rule, writersFor(rule, byName)]))
}

function writersFor(rule: Rule, byName: ReadonlyMap<string, readonly Rule[]>): Set<Rule> {
  const writers = new Set<Rule>()
  for (const { matchers } of classOf(rule.expr).selections) {
    const exact = matchers.find(({ name, op }) => name === metricName && op === '=')?.value
    for (const name of exact === undefined ? byName.keys() : [exact]) {
      if (!fits(matchers, metricName, name)) continue
      for (const each of byName.get(name) ?? []) {
        if (each.kind === 'record' || fits(matchers, 'alertname', each.alert)) writers.add(each)
      }
    }
  }
  return writers
}

const fits = (matchers: readonly Matcher[], label: string, value: string): boolean =>
  matchers.every(each => each.name !== label || matchesValue(value, each))

// As written, but for those that read another: it comes first.
function sorted(groups: readonly RuleGroup[], reads: Reads): { order: RuleGroup[]; circle: RuleGroup[] } {
  const homes = new Map(groups.flatMap(group => group.rules.map(rule => [rule, group] as const)))
  const needs = new Map(
    groups.map(group => {
      const homesRead = group.rules.flatMap(rule => [...(reads.get(rule) ?? [])].map(each => homes.get(each)))
      return [group, new Set(homesRead.filter(each => each !== group))]
    }),
  )
  const order: RuleGroup[] = []
  const left = new Set(groups)
  for (;;) {
    const next = [...left].find(group => ![...(needs.get(group) ?? [])].some(each => left.has(each!)))
    if (next === undefined) break
    order.push(next)
    left.delete(next)
  }
  return { order: [...order, ...left], circle: [...left] }
}

// A time that is fixed by @ may lie anywhere.
function keepMsOf(groups: readonly RuleGroup[]): number {
  const all = groups.flatMap(group =>
    group.rules.map(rule => {
      const { windowMs, selections } = classOf(rule.expr)
      const isFixed = selections.some(each => each.atMs !== undefined)
      return isFixed ? Number.POSITIVE_INFINITY : windowMs + group.queryOffsetMs
    }),
  )
  return Math.max(lookbackMs, ...all)
}
