// What an expression comes to: plain data in columns, made by evaluate.ts and read by the query API, the rule engine
// and the templates. Series are the noun of core/model.ts; a series whose name was dropped has the name ''.
import type { Series } from '#core/model.ts'
import type { SeriesSamples } from '#core/store.ts'

export type ScalarValue = Readonly<{ kind: 'scalar'; tMs: number; value: number }>
export type StringValue = Readonly<{ kind: 'string'; tMs: number; value: string }>
// One value for each series, all of one time, in an order that sort() and topk() may have chosen.
export type VectorValue = Readonly<{
  kind: 'vector'
  tMs: number
  series: readonly Series[]
  values: Float64Array
}>
// Sorted by labels, as in Prometheus.
export type MatrixValue = Readonly<{ kind: 'matrix'; series: readonly SeriesSamples[] }>

export type Value = ScalarValue | StringValue | VectorValue | MatrixValue

// Warnings say that the answer may not be what was meant; infos that the data or the expression look odd.
export type Answer = Readonly<{
  value: Value
  warnings: readonly string[]
  infos: readonly string[]
  cost: Cost
}>

export type Cost = Readonly<{
  // Samples that the steps looked at together: one that several see, such as by windows that overlap, counts for each.
  used: number
  // Samples that came from the source.
  read: number
  // The most samples or numbers that were held at one time: what limits.samples bounds.
  peak: number
}>
