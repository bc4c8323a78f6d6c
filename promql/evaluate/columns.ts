// What a vector is while it is computed: rows of numbers, one row for each series and one number for each step.
// Made and read by everyone in this folder. Nothing in it changes once it is handed on, so parts are shared freely.
import { noLabels } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import type { SeriesSamples } from '#core/store.ts'

export type Columns = Readonly<{
  kind: 'vector'
  steps: number
  series: readonly Series[]
  // Where 1, the name goes at the end: until then label_replace() and by (__name__) can still see it.
  unnamed: Uint8Array
  values: Float64Array
  // Which of the numbers are there; undefined when all are. With one step all are.
  present: Uint8Array | undefined
}>

// One number for each step.
export type Scalars = Readonly<{ kind: 'scalar'; values: Float64Array }>
export type Text = Readonly<{ kind: 'string'; value: string }>
export type Result = Columns | Scalars | Text

export const emptyColumns = (steps: number): Columns => ({
  kind: 'vector',
  steps,
  series: [],
  unnamed: new Uint8Array(0),
  values: new Float64Array(0),
  present: undefined,
})

export const allUnnamed = (rows: number): Uint8Array => new Uint8Array(rows).fill(1)

// The rows that are asked for, in that order.
export function pickRows(columns: Columns, rows: Int32Array): Columns {
  const { steps, present } = columns
  const series = new Array<Series>(rows.length)
  const unnamed = new Uint8Array(rows.length)
  const values = new Float64Array(rows.length * steps)
  const kept = present === undefined ? undefined : new Uint8Array(rows.length * steps)
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    series[at] = columns.series[row]!
    unnamed[at] = columns.unnamed[row]!
    if (steps === 1) {
      values[at] = columns.values[row]!
      continue
    }
    values.set(columns.values.subarray(row * steps, (row + 1) * steps), at * steps)
    kept?.set(present!.subarray(row * steps, (row + 1) * steps), at * steps)
  }
  return { kind: 'vector', steps, series, unnamed, values, present: kept }
}

// Of what is there, the numbers that are marked; with one step the other rows go.
export function onlyKept(columns: Columns, kept: Uint8Array): Columns {
  if (columns.steps > 1) return { ...columns, present: kept }
  let count = 0
  for (let row = 0; row < kept.length; row++) count += kept[row]!
  if (count === kept.length) return columns
  const rows = new Int32Array(count)
  for (let row = 0, at = 0; row < kept.length; row++) if (kept[row] === 1) rows[at++] = row
  return pickRows(columns, rows)
}

// What was computed for one step holds for all.
export function repeated(result: Result, steps: number): Result {
  if (result.kind === 'string' || steps === 1) return result
  if (result.kind === 'scalar') {
    return { kind: 'scalar', values: new Float64Array(steps).fill(result.values[0]!) }
  }
  const rows = result.series.length
  const values = new Float64Array(rows * steps)
  for (let row = 0; row < rows; row++) values.fill(result.values[row]!, row * steps, (row + 1) * steps)
  return { ...result, steps, values }
}

export function hasAny(columns: Columns, row: number): boolean {
  const { present, steps } = columns
  if (present === undefined) return true
  for (let at = row * steps; at < (row + 1) * steps; at++) if (present[at] === 1) return true
  return false
}

const nameless: Series = { name: '', labels: noLabels }

// One series that has no labels.
export const ofScalars = ({ values }: Pick<Scalars, 'values'>): Columns => ({
  kind: 'vector',
  steps: values.length,
  series: [nameless],
  unnamed: new Uint8Array(1),
  values,
  present: undefined,
})

// The values of one row that are there, with their times.
export function samplesOf(columns: Columns, row: number, times: Float64Array): SeriesSamples {
  const { steps, present } = columns
  const series = columns.series[row]!
  const [from, to] = [row * steps, (row + 1) * steps]
  const values = columns.values.subarray(from, to)
  const there = present?.subarray(from, to)
  if (there === undefined || !there.includes(0)) return { series, tMs: times, values }
  const isThere = (_: number, step: number): boolean => there[step] === 1
  return { series, tMs: times.filter(isThere), values: values.filter(isThere) }
}
