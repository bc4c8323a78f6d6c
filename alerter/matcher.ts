// A condition on one label, as routes, inhibitions and silences have it, and how it is written. Read by matcher-text.ts;
// asked by whoever must know whether an alert is meant.
import type { Labels, Matcher, MatchOp } from '#core/model.ts'
import { patternTest } from '#core/pattern.ts'
import { quote } from '#promql/string-literal.ts'

export type LabelMatcher = Readonly<{
  name: string
  op: MatchOp
  value: string
  // An absent label is an empty one.
  matches(labels: Labels): boolean
}>

// Throws a Failure where the value should be a regular expression and is none.
export function labelMatcher({ name, op, value }: Matcher): LabelMatcher {
  const test = testOf(op, value)
  return { name, op, value, matches: labels => test(labels[name] ?? '') }
}

function testOf(op: MatchOp, wanted: string): (value: string) => boolean {
  if (op === '=') return value => value === wanted
  if (op === '!=') return value => value !== wanted
  const test = patternTest(wanted)
  // Prometheus' dot takes a newline, Alertmanager's does not.
  const matches = (value: string): boolean =>
    value.includes('\n') ? patternTest(`(?-s:${wanted})`)(value) : test(value)
  return op === '=~' ? matches : value => !matches(value)
}

export const matchAll = (matchers: readonly LabelMatcher[], labels: Labels): boolean =>
  matchers.every(each => each.matches(labels))

const ops: readonly MatchOp[] = ['=', '!=', '=~', '!~']

// In Alertmanager's order, so that keys of routes are the same however the file lists them.
export function sortedMatchers<M extends Matcher>(matchers: readonly M[]): readonly M[] {
  return matchers.toSorted(
    (a, b) => inOrder(a.name, b.name) || inOrder(a.value, b.value) || ops.indexOf(a.op) - ops.indexOf(b.op),
  )
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

// Go's idea of white space, and what a name must be quoted for.
export const reserved =
  /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{}!=~,\\"'`]/

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }

// As amtool shows it: a form that the old reading understands wherever there is one.
export function matcherText({ name, op, value }: Matcher): string {
  if (reserved.test(name) || name === '') return `${quote(name)}${op}${quote(value)}`
  return `${name}${op}"${value.replaceAll(/[\\\n"]/g, each => escapes[each]!)}"`
}

export const matchersText = (matchers: readonly Matcher[]): string =>
  `{${matchers.map(matcherText).join(',')}}`
