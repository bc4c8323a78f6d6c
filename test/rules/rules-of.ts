// Groups of rules written as in a rule file. Called by the tests of this room.
import { problemsText } from '#core/config.ts'
import type { AlertRule, RuleGroup } from '../../rules/rule.ts'
import { readRuleFile } from '../../rules/rule-file.ts'
import { openRuleIds } from '../../rules/rule-ids.ts'

export function groupsOf(text: string): readonly RuleGroup[] {
  const { groups, problems } = readRuleFile('a.yml', text, openRuleIds())
  if (problems.length > 0) throw new Error(problemsText(problems))
  return groups
}

// Of one group, given as lines of its rules.
export const groupOf = (rules: string, head = ''): RuleGroup =>
  groupsOf(`groups:\n  - name: g\n${head}    rules:\n${rules.replaceAll(/^/gm, '      ')}`)[0]!

export function alertRule(more: Partial<AlertRule> = {}): AlertRule {
  const [rule] = groupOf('- {alert: A, expr: up == 0}').rules
  return { ...(rule as AlertRule), ...more }
}
