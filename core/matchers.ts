// Which series does a list of matchers select? As in Prometheus: anchored expressions, and an absent label is an
// empty one. Called by the series table and by whoever filters alerts.
import { labelValue } from './labels.ts'
import type { Matcher, Series } from './model.ts'
import { matchesPattern } from './pattern.ts'

export function matches(series: Series, matchers: readonly Matcher[]): boolean {
  // A plain loop, because a table asks this of every series that it has.
  for (const matcher of matchers) {
    if (!matchesValue(labelValue(series, matcher.name), matcher)) return false
  }
  return true
}

export function matchesValue(value: string, { op, value: wanted }: Matcher): boolean {
  if (op === '=') return value === wanted
  if (op === '!=') return value !== wanted
  return matchesPattern(wanted, value) === (op === '=~')
}
