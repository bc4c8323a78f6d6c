// What a rule makes of what its expression finds: alerts with labels and annotations filled in, or samples under a
// new name. Two that would be one are an error of the rule. Called by evaluate-rule.ts.
import { Failure } from '#core/errors.ts'
import { fingerprint, keyOf, labelsOf, metricName } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import { evaluate, evaluateNow, type Options } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import type { Source } from '#promql/source.ts'
import { alertData, expandAlertTemplate, expandAlertTemplateWaiting, waits } from '#promql/template.ts'
import type { Answer } from '#promql/value.ts'
import { type Asking, ask } from './ask.ts'
import type { AlertRule, RecordRule, Rule, Worded } from './rule.ts'
import type { Instance } from './state.ts'

// What an evaluation sees of the world around it.
export type World = Readonly<{
  nowMs: number
  source: Source
  externalLabels: Labels
  externalUrl: string
  options?: Options
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

// By fingerprint.
export function* instancesOf(
  rule: AlertRule,
  found: readonly Found[],
  world: World,
): Asking<Map<string, Instance>> {
  const instances = new Map<string, Instance>()
  for (const each of found) {
    const labels = yield* alertLabels(rule, each, world)
    const key = fingerprint(labels)
    if (instances.has(key)) throw twice(labels, 'alert')
    const annotations = yield* annotationsOf(rule, each, world)
    instances.set(key, { labels, annotations, value: each.value })
  }
  return instances
}

export function* alertLabels(rule: AlertRule, found: Found, world: World): Asking<Labels> {
  const fill = filler(found, world)
  const pairs = Object.entries(found.series.labels)
  for (const [name, worded] of rule.labels) pairs.push([name, yield* fill(worded)])
  pairs.push(['alertname', rule.alert])
  return labelsOf(pairs)
}

export function* annotationsOf(rule: AlertRule, found: Found, world: World): Asking<Labels> {
  const fill = filler(found, world)
  const annotations: [string, string][] = []
  for (const [name, worded] of rule.annotations) annotations.push([name, yield* fill(worded)])
  return Object.fromEntries(annotations)
}

// What cannot be expanded becomes the text that says why, and the alert still goes out.
function filler({ series, value }: Found, world: World): (worded: Worded) => Asking<string> {
  const { nowMs, externalLabels, externalUrl, source, options } = world
  let made: ReturnType<typeof alertData> | undefined
  const data = (): ReturnType<typeof alertData> => {
    made ??= alertData({ labels: withName(series), externalLabels, externalUrl, value })
    return made
  }
  const around = { nowMs, externalUrl }
  return function* ({ template }) {
    if ('plain' in template) return template.plain
    if (!waits(template)) return expandAlertTemplate(template, data(), around).text
    const { text } = yield* ask(
      () => {
        const query = (text: string, atMs: number): Found[] =>
          samplesOf(evaluateNow(parse(text), source, { atMs }, options))
        return expandAlertTemplate(template, data(), { ...around, query })
      },
      () => {
        const query = async (text: string, atMs: number): Promise<Found[]> =>
          samplesOf(await evaluate(parse(text), source, { atMs }, options))
        return expandAlertTemplateWaiting(template, data(), { ...around, query })
      },
    )
    return text
  }
}

const withName = ({ name, labels }: Series): Labels =>
  name === '' ? labels : labelsOf([...Object.entries(labels), [metricName, name]])

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
