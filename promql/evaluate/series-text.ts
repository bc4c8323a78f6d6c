// How Prometheus writes a series in its messages: {__name__="up", host="a"}. Called by match.ts and wherever else
// a message names series.
import { metricName } from '#core/labels.ts'
import type { Series } from '#core/model.ts'

export function seriesText({ name, labels }: Series): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  if (name !== '') pairs.unshift(`${metricName}=${JSON.stringify(name)}`)
  return `{${pairs.join(', ')}}`
}
