// Rows that have come to be of one series become one row; two values at one time cannot. Called wherever labels change
// or names go.
import { Failure } from '#core/errors.ts'
import type { Series } from '#core/model.ts'
import type { Columns } from './columns.ts'
import { type Groups, sortIntoGroups } from './grouping.ts'
import type { Budget, Run } from './limits.ts'

export const twice = 'vector cannot contain metrics with the same labelset'
const byAll = { without: true, labels: [], named: true }

export function* mergeSame(columns: Columns, budget: Budget, message = twice): Run<Columns> {
  const { series, steps } = columns
  if (series.length < 2) return columns
  const target = targets(columns, yield* sortIntoGroups(byAll, series, budget))
  if (target.rows === series.length) return columns
  if (steps === 1) throw new Failure('query_failed', message)
  budget.hold(target.rows * steps)
  return merged(columns, target, message)
}

// What is to lose its name is another series than what keeps it.
type Target = Readonly<{ of: Int32Array; rows: number }>

function targets({ unnamed }: Columns, { groups, of }: Groups): Target {
  const numbers = new Int32Array(groups.length * 2).fill(-1)
  const target = new Int32Array(of.length)
  let rows = 0
  for (let row = 0; row < of.length; row++) {
    const key = of[row]! * 2 + unnamed[row]!
    if (numbers[key]! < 0) numbers[key] = rows++
    target[row] = numbers[key]!
  }
  return { of: target, rows }
}

function merged(columns: Columns, { of, rows }: Target, message: string): Columns {
  const { series, steps } = columns
  const out = {
    series: new Array<Series>(rows),
    unnamed: new Uint8Array(rows),
    values: new Float64Array(rows * steps),
    present: new Uint8Array(rows * steps),
  }
  for (let row = 0; row < series.length; row++) {
    const to = of[row]!
    out.series[to] ??= series[row]!
    out.unnamed[to] = columns.unnamed[row]!
    for (let step = 0; step < steps; step++) {
      const [from, at] = [row * steps + step, to * steps + step]
      if (columns.present !== undefined && columns.present[from] === 0) continue
      if (out.present[at] === 1) throw new Failure('query_failed', message)
      out.present[at] = 1
      out.values[at] = columns.values[from]!
    }
  }
  return { kind: 'vector', steps, ...out }
}
