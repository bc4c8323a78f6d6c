// The series that an alerting rule writes of its alerts: ALERTS while one is pending or firing, and ALERTS_FOR_STATE
// with the second since which it is. Called by evaluate-rule.ts and by the engine.
import { labelsOf, withLabels } from '#core/labels.ts'
import type { Found } from './results.ts'
import type { AlertRule } from './rule.ts'
import type { Alerts, Tracked } from './state.ts'

export const alertSeries = (rule: AlertRule, alerts: Alerts): Found[] =>
  [...alerts.values()].flatMap(alert => seriesOf(rule, alert))

// As in Prometheus, a label whose template comes to nothing shows here as it was written; the alert has no such label.
export function seriesOf(rule: AlertRule, { phase, labels, activeAtMs }: Tracked): Found[] {
  if (phase === 'resolved') return []
  const hidden: [string, string][] = []
  for (const [name, { text }] of rule.labels) if (labels[name] === undefined) hidden.push([name, text])
  const all = hidden.length === 0 ? labels : labelsOf([...hidden, ...Object.entries(labels)])
  return [
    { series: { name: 'ALERTS', labels: withLabels(all, [['alertstate', phase]]) }, value: 1 },
    { series: { name: 'ALERTS_FOR_STATE', labels: all }, value: Math.floor(activeAtMs / 1_000) },
  ]
}
