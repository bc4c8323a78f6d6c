// What is said of alerts whose rule is no more: it went with a reload, or while nobody ran. Called by engine.ts.
import type { AlertTransition } from '#core/model.ts'
import { numberText } from '#promql/evaluate/number-text.ts'
import type { Entry } from '../book.ts'
import type { RuleGroup } from '../rule.ts'
import type { Alerts } from '../state.ts'

export type Removed = Readonly<{ entries: readonly Entry[]; transitions: readonly AlertTransition[] }>

export function removedAlerts(
  saved: ReadonlyMap<string, Alerts>,
  groups: readonly RuleGroup[],
  nowMs: number,
): Removed {
  const present = new Set(groups.flatMap(each => each.rules.map(({ id }) => id)))
  const entries: Entry[] = []
  const transitions: AlertTransition[] = []
  for (const [rule, alerts] of saved) {
    if (present.has(rule)) continue
    for (const [fingerprint, alert] of alerts) {
      entries.push({ rule, fingerprint, alert: undefined })
      if (alert.phase !== 'firing') continue
      const { labels, annotations, firedAtMs = alert.activeAtMs, value } = alert
      transitions.push({
        v: 1,
        id: `${rule}/${fingerprint}/resolved/${nowMs}`,
        atMs: nowMs,
        alert: {
          fingerprint,
          labels,
          annotations,
          state: 'resolved',
          stale: false,
          startsAtMs: firedAtMs,
          endsAtMs: nowMs,
          value: numberText(value),
          rule: { id: rule, group: '', name: labels['alertname'] ?? '', expr: '' },
        },
        reason: 'the rule was removed',
      })
    }
  }
  return { entries, transitions }
}
