// What is said of alerts whose rule is no more: it went with a reload, or while nobody ran. Called by evaluator.ts.
import type { AlertTransition } from '#core/model.ts'
import type { Entry } from '../book.ts'
import { published } from '../published.ts'
import type { RuleGroup } from '../rule.ts'
import type { Alerts } from '../state.ts'

export type Removed = Readonly<{ entries: readonly Entry[]; transitions: readonly AlertTransition[] }>

const reason = 'the rule was removed'

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
      const id = `${rule}/${fingerprint}/resolved/${nowMs}`
      const told = {
        id,
        fingerprint,
        alert,
        state: 'resolved',
        sinceMs: nowMs,
        isStale: false,
        reason,
      } as const
      const name = alert.labels['alertname'] ?? ''
      transitions.push(published(told, { id: rule, group: '', name, expr: '' }))
    }
  }
  return { entries, transitions }
}
