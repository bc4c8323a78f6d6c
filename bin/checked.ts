// What the files that were checked came to. Made by the command `check`, shown by check-view.ts.
import type { ConfigRead, Problem } from '#core/config.ts'
import type { Comparison } from '../alerter/alertmanager/differences.ts'
import type { RuleFile } from '../rules/rule-file.ts'

export type Checked = Readonly<{
  configs: readonly ConfigRead[]
  rules: readonly RuleFile[]
  routings: readonly CheckedRouting[]
  problems: readonly Problem[]
  warnings: readonly Problem[]
}>

// A file of Alertmanager's, and what of it will be otherwise here.
export type CheckedRouting = Readonly<{ file: string; receivers: number }> & Comparison

export const nothingChecked: Checked = { configs: [], rules: [], routings: [], problems: [], warnings: [] }
