// What a rule is, once its file has been read and checked: plain data, made by rule-file.ts, evaluated by group.ts and
// by the engine, shown by the API.
import type { Labels } from '#core/model.ts'
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
}>

export type RecordRule = Common & Readonly<{ kind: 'record'; record: string; labels: Labels }>

export type AlertRule = Common &
  Readonly<{
    kind: 'alert'
    alert: string
    forMs: number
    keepFiringMs: number
    labels: ReadonlyMap<string, AlertTemplate>
    annotations: ReadonlyMap<string, AlertTemplate>
  }>
