// The series that an alerting rule writes of its alerts: ALERTS while one is pending or firing, and ALERTS_FOR_STATE
// with the second since which it is. Called by evaluate-rule.ts and by the engine.
import { labelsOf } from '#core/labels.ts'
import type { Found } from './results.ts'
import type { AlertRule } from './rule.ts'
import type { Alerts, Tracked } from './state.ts'

export const alertSeries = (rule: AlertRule, alerts: Alerts): Found[] =>
  [...alerts.values()].flatMap(alert => seriesOf(rule, alert))

// As in Prometheus, a label whose template comes to nothing shows here as it was written; the alert has no such label.
export function seriesOf(rule: AlertRule, { phase, labels, activeAtMs }: Tracked): Found[] {
  if (phase === 'resolved') return []
  const hidden = [...rule.labels].filter(([name]) => labels[name] === undefined)
  const written = hidden.map(([name, { text }]) => [name, text] as const)
  const all = hidden.length === 0 ? labels : labelsOf([...written, ...Object.entries(labels)])
  return [
    {
      series: { name: 'ALERTS', labels: labelsOf([...Object.entries(all), ['alertstate', phase]]) },
      value: 1,
    },
    { series: { name: 'ALERTS_FOR_STATE', labels: all }, value: Math.floor(activeAtMs / 1_000) },
  ]
}
