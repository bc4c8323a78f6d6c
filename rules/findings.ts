// What is sound in rule files and still probably not meant: expressions that look back further than memory goes, metrics
// that nobody writes, and one rule in two files. Called by `plimsoll check`.
import type { Problem } from '#core/config/problem.ts'
import { durationText } from '#core/duration.ts'
import { metricName } from '#core/labels.ts'
import { metrics } from '#core/metrics.ts'
import { nearest } from '#core/nearest.ts'
import { classify } from '#promql/classify.ts'
import { print } from '#promql/print.ts'
import { lookbackMs } from './lookback.ts'
import { nameOf, type Rule, type RuleGroup } from './rule.ts'
import { identityText } from './rule-ids.ts'

export const about = ({ file, name }: RuleGroup, rule: Rule): Omit<Problem, 'wanted' | 'found'> => ({
  file,
  line: rule.line,
  column: rule.column,
  path: `group ${name}, rule ${nameOf(rule)}, expr`,
})

export function farSighted(groups: readonly RuleGroup[], headWindowMs: number): Problem[] {
  return groups.flatMap(group =>
    group.rules.flatMap(rule => {
      const farMs = classify(rule.expr, { lookbackMs }).windowMs + group.queryOffsetMs
      if (farMs <= headWindowMs) return []
      const hint = 'it is evaluated once a minute, over the store'
      const wanted = `at most ${durationText(headWindowMs)} back (limits.head_window)`
      return [{ ...about(group, rule), wanted, found: durationText(farMs), hint }]
    }),
  )
}

// A recording rule writes its own, and alerts write two.
export function unwritten(groups: readonly RuleGroup[]): Problem[] {
  const rules = groups.flatMap(each => each.rules)
  const recorded = rules.flatMap(rule => (rule.kind === 'record' ? [rule.record] : []))
  const known = [...Object.keys(metrics), ...recorded, 'ALERTS', 'ALERTS_FOR_STATE']
  const written = new Set(known)
  return groups.flatMap(group =>
    group.rules.flatMap(rule =>
      namesIn(rule)
        .filter(name => !written.has(name) && !written.has(name.replace(/_(?:bucket|sum|count)$/, '')))
        .map(name => {
          const near = nearest(name, known)
          const hint = near === undefined ? 'others may write it' : `did you mean ${near}?`
          return {
            ...about(group, rule),
            wanted: 'metrics that Plimsoll or a rule writes',
            found: name,
            hint,
          }
        }),
    ),
  )
}

function namesIn({ expr }: Rule): string[] {
  const names = classify(expr, { lookbackMs }).selections.flatMap(({ matchers }) =>
    matchers.filter(({ name, op }) => name === metricName && op === '=').map(({ value }) => value),
  )
  return [...new Set(names)]
}

// Two rules that would find the same under the same name and labels, where one file cannot show it (rule-file.ts does).
export function copied(groups: readonly RuleGroup[]): Problem[] {
  const first = new Map<string, Readonly<{ file: string; line: number }>>()
  return groups.flatMap(group =>
    group.rules.flatMap(rule => {
      const { file } = group
      const key =
        identityText({ ...rule, group: '', name: nameOf(rule), labels: textsOf(rule) }) + print(rule.expr)
      const known = first.get(key)
      if (known === undefined) first.set(key, { file, line: rule.line })
      if (known === undefined || known.file === file) return []
      const hint = 'each alert or series comes from both of them: leave one out'
      const found = `the same rule as in ${known.file}:${known.line}`
      return [{ ...about(group, rule), wanted: 'each rule once', found, hint }]
    }),
  )
}

const textsOf = (rule: Rule): ReadonlyMap<string, string> =>
  rule.kind === 'record' ? rule.labels : new Map([...rule.labels].map(([name, { text }]) => [name, text]))
