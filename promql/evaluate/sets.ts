// and, or, unless: which series of both sides stay, by what their labels have in common. Called by compute.ts.
import type { Series } from '#core/model.ts'
import type { Binary } from '../ast.ts'
import { type Columns, onlyKept } from './columns.ts'
import { type Groups, sortIntoGroups, specOf } from './grouping.ts'
import { type Budget, inSlices, type Run } from './limits.ts'
import { mergeSame } from './merge.ts'

export type Sides = Readonly<{ left: Columns; right: Columns }>

type SetOperator = 'and' | 'or' | 'unless'

export function* combined(
  op: SetOperator,
  expr: Binary,
  { left, right }: Sides,
  budget: Budget,
): Run<Columns> {
  const { on, labels } = expr.matching ?? { on: false, labels: [] }
  const spec = specOf(!on, labels)
  if (op !== 'or') {
    const groups = yield* sortIntoGroups(spec, right.series, budget, left.series)
    return yield* masked(left, yield* seenIn(right, groups, budget), op === 'and' ? 1 : 0, budget)
  }
  const groups = yield* sortIntoGroups(spec, left.series, budget, right.series)
  const added = yield* masked(right, yield* seenIn(left, groups, budget), 0, budget)
  budget.hold(left.values.length + added.values.length)
  const both = joined(left, added)
  // At one time nothing can be on both sides.
  return left.steps === 1 ? both : yield* mergeSame(both, budget)
}

// For each row of one side and each step: does a series of the other side that is there have the same labels in
// common? `group` is the row of `seen`, or -1 for none.
type Seen = Readonly<{ group: Int32Array; seen: Uint8Array }>

function* seenIn({ steps, present }: Columns, groups: Groups, budget: Budget): Run<Seen> {
  const seen = new Uint8Array(groups.groups.length * steps)
  yield* inSlices(groups.of.length, steps, budget, (first, end) => {
    for (let row = first; row < end; row++) {
      const [from, to] = [row * steps, groups.of[row]! * steps]
      for (let step = 0; step < steps; step++) seen[to + step]! |= present?.[from + step] ?? 1
    }
  })
  return { group: groups.others, seen }
}

// Leaves what was seen (`wanted` 1) or was not (0).
function* masked(columns: Columns, { group, seen }: Seen, wanted: 0 | 1, budget: Budget): Run<Columns> {
  const { steps, present, series } = columns
  const kept = new Uint8Array(series.length * steps)
  yield* inSlices(series.length, steps, budget, (first, end) => {
    for (let row = first; row < end; row++) {
      const [base, from] = [row * steps, group[row]! * steps]
      for (let step = 0; step < steps; step++) {
        const found = from < 0 ? 0 : seen[from + step]
        if (found === wanted) kept[base + step] = present?.[base + step] ?? 1
      }
    }
  })
  return onlyKept(columns, kept)
}

function joined(left: Columns, right: Columns): Columns {
  if (right.series.length === 0) return left
  if (left.series.length === 0) return right
  const { steps } = left
  const series: Series[] = [...left.series, ...right.series]
  const values = new Float64Array(series.length * steps)
  values.set(left.values)
  values.set(right.values, left.values.length)
  const unnamed = new Uint8Array(series.length)
  unnamed.set(left.unnamed)
  unnamed.set(right.unnamed, left.series.length)
  if (steps === 1) return { kind: 'vector', steps, series, unnamed, values, present: undefined }
  const present = new Uint8Array(values.length).fill(1)
  if (left.present !== undefined) present.set(left.present)
  if (right.present !== undefined) present.set(right.present, left.values.length)
  return { kind: 'vector', steps, series, unnamed, values, present }
}
