// What a rule makes of what its expression finds: alerts with labels and annotations filled in, or samples under a
// new name. Two that would be one are an error of the rule. Called by evaluate-rule.ts.
import { Failure } from '#core/errors.ts'
import { keyOf, labelsOf } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import { evaluate, evaluateNow, type Options } from '#promql/evaluate.ts'
import type { Source } from '#promql/source.ts'
import type { Answer } from '#promql/value.ts'
import { type Asking, ask } from './ask.ts'
import type { RecordRule, Rule } from './rule.ts'

// What an evaluation sees of the world around it.
export type World = Readonly<{
  nowMs: number
  source: Source
  externalLabels: Labels
  externalUrl: string
  options?: Options
  // Counts an annotation that was too long.
  cutText?: () => void
}>

export type Found = Readonly<{ series: Series; value: number }>

export function* find({ expr }: Rule, { source, options }: World, atMs: number): Asking<Found[]> {
  const answer = yield* ask(
    () => evaluateNow(expr, source, { atMs }, options),
    () => evaluate(expr, source, { atMs }, options),
  )
  return samplesOf(answer)
}

export function samplesOf({ value }: Answer): Found[] {
  if (value.kind === 'vector') return value.series.map((series, at) => ({ series, value: value.values[at]! }))
  if (value.kind === 'scalar') return [{ series: { name: '', labels: labelsOf([]) }, value: value.value }]
  throw new Failure('rule_failed', `wanted a vector or a scalar, the expression comes to a ${value.kind}`)
}

// Under the name and with the labels of a recording rule.
export function recorded({ record, labels }: RecordRule, found: readonly Found[]): Found[] {
  const seen = new Set<string>()
  return found.map(({ series, value }) => {
    const named = { name: record, labels: labelsOf([...Object.entries(series.labels), ...labels]) }
    const key = keyOf(named)
    if (seen.has(key)) throw twice(named.labels, 'series')
    seen.add(key)
    return { series: named, value }
  })
}

export function twice(labels: Labels, what: string): Failure {
  const shown = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const why = `two results would be one ${what}: {${shown.join(', ')}}`
  return new Failure('rule_failed', `${why}, once the labels of the rule are set`)
}
