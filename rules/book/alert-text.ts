// An alert as the state keeps it: JSON, in which the numbers that JSON lacks are texts as in Prometheus' API. Called by
// book.ts.
import { labelsOf } from '#core/labels.ts'
import type { AlertTransition, Labels } from '#core/model.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { Tracked } from '../state.ts'

type Written = Omit<Tracked, 'value'> & Readonly<{ value: number | string }>

export const alertText = (alert: Tracked): string =>
  JSON.stringify({ ...alert, value: written(alert.value) } satisfies Written)

// `at` says whose it is, for whoever has to mend it.
export function readAlert(text: string, at: string): Tracked {
  const { labels, value, ...rest } = readSaved<Written>(text, {
    at,
    wanted: 'an alert',
    isWhole: ({ labels, value }) => labels !== undefined && (typeof value === 'number' || value! in unusual),
  })
  return { ...rest, labels: ownLabels(labels), value: typeof value === 'number' ? value : unusual[value]! }
}

export function readTransition(text: string, at: string): AlertTransition {
  const isWhole = (found: Partial<AlertTransition>): boolean => found.alert?.labels !== undefined
  const { alert, ...rest } = readSaved<AlertTransition>(text, { at, wanted: 'an alert', isWhole })
  return { ...rest, alert: { ...alert, labels: ownLabels(alert.labels) } }
}

const ownLabels = (labels: Labels): Labels => labelsOf(Object.entries(labels))

const unusual: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  '-0': -0,
}

function written(value: number): number | string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value
  return Object.keys(unusual).find(name => Object.is(unusual[name], value))!
}
