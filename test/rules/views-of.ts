// Groups as the engine shows them, made of a rule file's text. Called by the tests of the routes and of the commands.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { RuleGroup } from '../../rules/rule.ts'
import type { Tracked } from '../../rules/state.ts'
import type { GroupView, RuleView } from '../../rules/view.ts'

export type Change = Partial<Omit<RuleView, 'rule' | 'alerts'>> & Readonly<{ alerts?: readonly Tracked[] }>

export const alertOf = (labels: Record<string, string>, more: Partial<Tracked> = {}): Tracked => ({
  labels: labelsOf(Object.entries(labels)),
  annotations: {},
  value: 1,
  phase: 'firing',
  activeAtMs: 0,
  ...more,
})

// `changes` by the name of the rule.
export const viewOf = (group: RuleGroup, changes: Readonly<Record<string, Change>> = {}): GroupView => ({
  group,
  rules: group.rules.map(rule => {
    const { alerts = [], ...change } = changes[rule.kind === 'alert' ? rule.alert : rule.record] ?? {}
    const byFingerprint = new Map(alerts.map(each => [fingerprint(each.labels), each]))
    return { rule, alerts: byFingerprint, health: 'unknown', tookMs: 0, ...change }
  }),
})
