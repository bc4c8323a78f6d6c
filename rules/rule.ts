// What a rule is, once its file has been read and checked: plain data, made by rule-file.ts, evaluated by group.ts and
// by the engine, shown by the API.
import type { Expr } from '#promql/ast.ts'
import type { AlertTemplate } from '#promql/template.ts'

// In the order in which they were written; results of earlier rules are visible to later ones.
export type RuleGroup = Readonly<{
  file: string
  name: string
  // Left out in the file: evaluated on arrival.
  intervalMs: number | undefined
  // Looks so far back.
  queryOffsetMs: number
  // The most results of a rule; 0 is no limit.
  limit: number
  rules: readonly Rule[]
}>

export type Rule = AlertRule | RecordRule

type Common = Readonly<{
  // The same after a reload that changes expression, annotations, durations or file: group, name, labels, and the how
  // manieth of these it is.
  id: string
  expr: Expr
  // As it was written.
  text: string
  line: number
  column: number
}>

// An empty value takes a label away. Those of the group are among them.
export type RecordRule = Common &
  Readonly<{ kind: 'record'; record: string; labels: ReadonlyMap<string, string> }>

export type AlertRule = Common &
  Readonly<{
    kind: 'alert'
    alert: string
    forMs: number
    keepFiringMs: number
    labels: ReadonlyMap<string, Worded>
    annotations: ReadonlyMap<string, Worded>
  }>

// As it was written, and ready to be expanded.
export type Worded = Readonly<{ text: string; template: AlertTemplate }>

export const nameOf = (rule: Rule): string => (rule.kind === 'alert' ? rule.alert : rule.record)
