// What the rules of one file are read with, and what they have of their group. Shared by rule-file.ts, rule-fields.ts and
// template-doubts.ts.
import type { Foreign } from '#core/config/read.ts'
import type { Scalar } from '#core/config/tree.ts'
import type { Form } from './form.ts'
import type { RuleIds } from './rule-ids.ts'

export type Work = Readonly<{
  form: Form
  warn: Form['complain']
  placeIn: Foreign['placeIn']
  ids: RuleIds
}>

export type LabelText = Readonly<{ name: string; text: Scalar; path: string }>

export type RuleGroupHead = Readonly<{ group: string; labels: readonly LabelText[] }>
