// Templates in the labels and annotations of alerting rules: Go's syntax with Prometheus' functions and variables.
// Compiled once per rule, expanded for each alert; what fails becomes the text, and the alert still goes out. Called
// by the rule engine and by `plimsoll check`.
import type { Labels, Series } from '#core/model.ts'
import { type AlertWorld, alertFunctions } from './template/alert-functions.ts'
import { compileTemplate, type Expansion, expand, expandWaiting, type Template } from './template/engine.ts'
import { type Reads, readsNothing, readsOf } from './template/reads.ts'
import { type Spliced, splice, splicedOf } from './template/spliced.ts'
import { labelsValue, type Struct, structOf } from './template/value.ts'

export type AlertData = Readonly<{
  labels: Labels
  externalLabels: Labels
  externalUrl: string
  value: number
}>

// Most labels are plain text, and cost nothing.
export type AlertTemplate = Readonly<
  { plain: string } | { template: Template<AlertWorld>; spliced: Spliced | undefined }
>

const variables = {
  $labels: 'Labels',
  $externalLabels: 'ExternalLabels',
  $externalURL: 'ExternalURL',
  $value: 'Value',
}
const dataShape = {
  name: 'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }',
}

// Throws a Failure `bad_template` that names line and column.
export function compileAlertTemplate(text: string, alertName: string): AlertTemplate {
  if (!text.includes('{{')) return { plain: text }
  const options = { name: `__alert_${alertName}`, functions: alertFunctions, variables }
  const template = compileTemplate(text, options)
  return { template, spliced: splicedOf(template) }
}

// Whether it may ask a store that answers later; expandAlertTemplate is for those that do not.
export const waits = (compiled: AlertTemplate): boolean => 'template' in compiled && compiled.template.waits

// What it looks at: labels, the value, functions.
export const readsOfAlertTemplate = (compiled: AlertTemplate): Reads =>
  'plain' in compiled ? readsNothing : readsOf(compiled.template)

// The labels of all annotations of one alert are the same, so the data is made once.
export const alertData = ({ labels, externalLabels, externalUrl, value }: AlertData): Struct =>
  structOf(
    {
      Labels: labelsValue(labels),
      ExternalLabels: labelsValue(externalLabels),
      ExternalURL: externalUrl,
      Value: value,
    },
    dataShape,
  )

// The same text without the data and the engine, where that takes no more than the labels; nothing where it does.
export function spliceAlertTemplate(compiled: AlertTemplate, series: Series): string | undefined {
  if ('plain' in compiled) return compiled.plain
  const { template, spliced } = compiled
  const text = spliced && splice(spliced, series)
  return text === undefined || text.length > template.limits.outputLength ? undefined : text
}

export function expandAlertTemplate(compiled: AlertTemplate, data: Struct, world: AlertWorld): Expansion {
  if ('plain' in compiled) return { text: compiled.plain }
  return worded(compiled.template, expand(compiled.template, data, world))
}

export async function expandAlertTemplateWaiting(
  compiled: AlertTemplate,
  data: Struct,
  world: AlertWorld,
): Promise<Expansion> {
  if ('plain' in compiled) return { text: compiled.plain }
  return worded(compiled.template, await expandWaiting(compiled.template, data, world))
}

// In Prometheus' words.
function worded({ name }: Template<AlertWorld>, expansion: Expansion): Expansion {
  if (expansion.error === undefined) return expansion
  const error = `error executing template ${name}: ${expansion.error}`
  return { text: `<error expanding template: ${error}>`, error }
}
