// In which order do series stand? By value, by some labels, or by all as in a matrix. Called by functions.ts and
// answer.ts.
import { labelValue, metricName } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import { type Columns, pickRows } from './columns.ts'

type Compare = (a: number, b: number) => number

function inOrder(columns: Columns, compare: Compare): Columns {
  const rows = Array.from(columns.series.keys()).sort(compare)
  return pickRows(columns, Int32Array.from(rows))
}

// NaN comes last, whichever the direction.
export function byValue(columns: Columns, direction: 1 | -1): Columns {
  const { values } = columns
  return inOrder(columns, (a, b) => {
    const [left, right] = [values[a]!, values[b]!]
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
    return left === right ? 0 : left < right ? -direction : direction
  })
}

// Numbers within a label count as numbers: 4m5 is before 4m600.
export function byLabels(columns: Columns, labels: readonly string[], direction: 1 | -1): Columns {
  const { series } = columns
  const parts = series.map(each => labels.map(label => labelValue(each, label).match(chunks) ?? []))
  return inOrder(columns, (a, b) => {
    for (let at = 0; at < labels.length; at++) {
      const order = compareNaturally(parts[a]![at]!, parts[b]![at]!)
      if (order !== 0) return order * direction
    }
    return compareSeries(series[a]!, series[b]!) * direction
  })
}

const chunks = /\d+|\D+/g

function compareNaturally(left: readonly string[], right: readonly string[]): number {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [one, other] = [left[at]!, right[at]!]
    if (one === other) continue
    const areNumbers = /^\d/.test(one) && /^\d/.test(other)
    const difference = areNumbers ? Number(one) - Number(other) : 0
    return difference === 0 ? compareText(one, other) : difference
  }
  return left.length - right.length
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

// As Prometheus orders label sets: name by name, the metric's name being one of the labels.
export function compareSeries(a: Series, b: Series): number {
  return compareNamed({ series: a, names: namesOf(a) }, { series: b, names: namesOf(b) })
}

// In that order; the names of each series are looked up once.
export function inSeriesOrder<T extends Readonly<{ series: Series }>>(rows: readonly T[]): T[] {
  const named = rows.map(row => ({ row, series: row.series, names: namesOf(row.series) }))
  return named.sort(compareNamed).map(({ row }) => row)
}

type Named = Readonly<{ series: Series; names: readonly string[] }>

function compareNamed({ series: a, names: left }: Named, { series: b, names: right }: Named): number {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [name, other] = [left[at]!, right[at]!]
    if (name !== other) return compareText(name, other)
    const order = compareText(labelValue(a, name), labelValue(b, name))
    if (order !== 0) return order
  }
  return left.length - right.length
}

// Labels are sorted already; the metric's name has its place among them.
function namesOf({ name, labels }: Series): string[] {
  const names = Object.keys(labels)
  if (name === '') return names
  const place = names.findIndex(each => each > metricName)
  names.splice(place < 0 ? names.length : place, 0, metricName)
  return names
}
