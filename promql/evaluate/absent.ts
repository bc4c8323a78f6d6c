// absent and absent_over_time: a 1 where nothing is, with the labels that the selector asks for. Called by
// functions.ts.
import { labelsOf, metricName } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Expr } from '../ast.ts'
import type { Columns } from './columns.ts'

// A 1 for each step at which no series is there.
export function stepsOfNothing({ steps, series, present }: Columns): Uint8Array {
  const nothing = new Uint8Array(steps).fill(1)
  for (let row = 0; row < series.length; row++) {
    if (present === undefined) return nothing.fill(0)
    for (let step = 0; step < steps; step++) if (present[row * steps + step] === 1) nothing[step] = 0
  }
  return nothing
}

export function whereNothing(input: Columns, arg: Expr): Columns {
  const { steps } = input
  const nothing = stepsOfNothing(input)
  const isAnywhere = nothing.includes(1)
  const rows = isAnywhere ? 1 : 0
  return {
    kind: 'vector',
    steps,
    series: isAnywhere ? [{ name: '', labels: labelsAsked(arg) }] : [],
    unnamed: new Uint8Array(rows),
    values: new Float64Array(rows * steps).fill(1),
    present: steps === 1 ? undefined : nothing.subarray(0, rows * steps),
  }
}

// Labels that exactly one matcher names, with `=`.
function labelsAsked(arg: Expr): Labels {
  const selector = arg.kind === 'range' ? arg.selector : arg
  if (selector.kind !== 'selector') return labelsOf([])
  const asked = new Map<string, string>()
  const isAsked = new Set<string>()
  for (const { name, op, value } of selector.matchers) {
    if (name === metricName) continue
    if (op === '=' && !isAsked.has(name)) {
      asked.set(name, value)
      isAsked.add(name)
    } else asked.delete(name)
  }
  return labelsOf([...asked])
}
