// count_values: how often does each value occur, as a series whose label tells the value? Called by aggregate.ts.
import { Failure } from '#core/errors.ts'
import { metricName } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import type { Aggregate } from '../ast.ts'
import type { Columns } from './columns.ts'
import { sortIntoGroups, specOf } from './grouping.ts'
import { isLabelName, withLabel } from './label-change.ts'
import type { Run } from './limits.ts'
import { numberText } from './number-text.ts'
import type { Scope } from './scope.ts'

export function* countValues(expr: Aggregate, input: Columns, label: string, scope: Scope): Run<Columns> {
  if (!isLabelName(label)) throw new Failure('query_failed', `invalid label name ${JSON.stringify(label)}`)
  const { steps, present } = input
  // The label that tells the value takes the place of one of the same name, and may itself be one of those left out.
  const isTold = !(expr.without && (label === metricName || expr.labels.includes(label)))
  const others = expr.labels.filter(each => each !== label)
  const labels = expr.without ? [...others, label] : others
  const { of, groups } = yield* sortIntoGroups(specOf(expr.without, labels), input.series, scope.budget)
  const counted = new Map<string, Counted>()
  for (let row = 0; row < of.length; row++) {
    for (let step = 0; step < steps; step++) {
      const at = row * steps + step
      if (present !== undefined && present[at] === 0) continue
      const text = isTold ? numberText(input.values[at]!) : ''
      const key = `${of[row]} ${text}`
      let found = counted.get(key)
      if (found === undefined) {
        scope.budget.hold(steps)
        const { series } = groups[of[row]!]!
        const told = isTold ? withLabel(series, label, text) : series
        found = { series: told, counts: new Float64Array(steps) }
        counted.set(key, found)
      }
      found.counts[step]!++
    }
    if (scope.budget.isTired()) yield
  }
  return columnsOf([...counted.values()], steps)
}

type Counted = Readonly<{ series: Series; counts: Float64Array }>

function columnsOf(counted: readonly Counted[], steps: number): Columns {
  const values = new Float64Array(counted.length * steps)
  for (const [row, { counts }] of counted.entries()) values.set(counts, row * steps)
  return {
    kind: 'vector',
    steps,
    series: counted.map(each => each.series),
    unnamed: new Uint8Array(counted.length),
    values,
    present: steps === 1 ? undefined : Uint8Array.from(values, each => Number(each > 0)),
  }
}
