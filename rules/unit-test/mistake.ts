// What a unit test wanted against what there was: the lines that are missing and those that are too many. Called by
// run-test.ts; shown by `plimsoll test`.

import { keyOf } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import { quote } from '#promql/string-literal.ts'
import type { Value } from '#promql/value.ts'
import type { Tracked } from '../state.ts'
import { nextAfter } from './next-after.ts'
import type { AlertCase, ExprCase, Texts, WantedSample } from './test-file.ts'

// Times count from the begin of the test. `missing` and `extra` are lines as a person reads them.
export type Mistake =
  | Readonly<{
      kind: 'alert' | 'expr'
      // Of the case in the file of tests.
      line: number
      atMs: number
      // The name of the alert, or the expression.
      subject: string
      missing: readonly string[]
      extra: readonly string[]
    }>
  | Readonly<{
      kind: 'error'
      line: number
      atMs: number
      // Of a rule: its file and name, and the line is there.
      file?: string
      rule?: string
      expr?: string
      error: string
    }>

export function alertMistake({ line, atMs, alert, wanted }: AlertCase, got: readonly Tracked[]): Mistake[] {
  const [missing, extra] = [
    wanted.map(each => alertText(each.labels, each.annotations)),
    got.map(each => alertText(Object.entries(each.labels), Object.entries(each.annotations))),
  ]
  for (const each of [...missing]) {
    const at = extra.indexOf(each)
    if (at < 0) continue
    extra.splice(at, 1)
    missing.splice(missing.indexOf(each), 1)
  }
  if (missing.length + extra.length === 0) return []
  return [{ kind: 'alert', line, atMs, subject: alert, missing: missing.sort(), extra: extra.sort() }]
}

const braces = (texts: Texts): string =>
  `{${texts
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join(', ')}}`

const alertText = (labels: Texts, annotations: Texts): string => `${braces(labels)} ${braces(annotations)}`

export function exprMistake(wanted: ExprCase, value: Value, isFuzzy: boolean): Mistake[] {
  const { line, atMs, text } = wanted
  if (value.kind !== 'vector' && value.kind !== 'scalar') {
    const error = `wanted a vector or a scalar, the expression comes to a ${value.kind}`
    return [{ kind: 'error', line, atMs, expr: text, error }]
  }
  const got = value.kind === 'scalar' ? [{ series: bare, value: value.value }] : samplesOf(value)
  const [missing, extra] = [[...wanted.wanted], [...got]]
  for (const each of wanted.wanted) {
    const at = extra.findIndex(
      other => keyOf(other.series) === keyOf(each.series) && isSame(each, other, isFuzzy),
    )
    if (at < 0) continue
    extra.splice(at, 1)
    missing.splice(missing.indexOf(each), 1)
  }
  if (missing.length + extra.length === 0) return []
  const shown = (samples: readonly WantedSample[]): string[] => samples.map(sampleText).sort()
  return [{ kind: 'expr', line, atMs, subject: text, missing: shown(missing), extra: shown(extra) }]
}

const bare: Series = { name: '', labels: {} }

const samplesOf = ({ series, values }: Extract<Value, { kind: 'vector' }>): WantedSample[] =>
  series.map((each, at) => ({ series: each, value: values[at]! }))

// As in promtool: exactly, or within one step of what a float64 can tell apart; NaN equals nothing.
function isSame(a: WantedSample, b: WantedSample, isFuzzy: boolean): boolean {
  if (a.value === b.value) return true
  return isFuzzy && (nextAfter(a.value, 1) === b.value || nextAfter(a.value, -1) === b.value)
}

function sampleText({ series: { name, labels }, value }: WantedSample): string {
  const isNameless = name === ''
  const pairs = Object.entries(labels)
  const text = pairs.length === 0 && !isNameless ? name : `${name}${braces(pairs)}`
  return `${text} ${Number.isNaN(value) ? 'NaN, which equals nothing: ask whether it != itself' : value}`
}
