// What the rules show of themselves: each group with the state of its rules and their alerts. Made by the engine, read
// by rule-routes.ts.
import type { RuleState } from './evaluate-rule.ts'
import type { Rule, RuleGroup } from './rule.ts'
import type { Alerts } from './state.ts'

export type RuleView = Readonly<{
  rule: Rule
  // Pending and firing ones, with present value and annotations.
  alerts: Alerts
  health: RuleState['health']
  // Of the last evaluation, where it failed.
  error?: string
  // Left out: not yet.
  evaluatedAtMs?: number
  // The last evaluation.
  tookMs: number
}>

export type GroupView = Readonly<{ group: RuleGroup; rules: readonly RuleView[] }>

export type ViewGroups = () => Promise<readonly GroupView[]>
