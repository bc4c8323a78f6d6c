// quantile by (…): the values of each group and step, side by side, and one of them. Called by aggregate.ts.
import type { Columns } from './columns.ts'
import { ofGroups, rowsByGroup } from './group-rows.ts'
import type { Groups } from './grouping.ts'
import type { Run } from './limits.ts'
import { quantileOf } from './quantile.ts'
import type { Scope } from './scope.ts'

export function* quantiles(input: Columns, groups: Groups, qs: Float64Array, scope: Scope): Run<Columns> {
  const { steps, present } = input
  const cells = groups.groups.length * steps
  scope.budget.hold(cells)
  const values = new Float64Array(cells)
  const seen = new Uint8Array(cells)
  const rows = rowsByGroup(groups)
  for (let group = 0; group < groups.groups.length; group++) {
    const members = rows.order.subarray(rows.starts[group], rows.starts[group + 1])
    const found = new Float64Array(members.length)
    for (let step = 0; step < steps; step++) {
      let count = 0
      for (const row of members) {
        const at = row * steps + step
        if (present === undefined || present[at] === 1) found[count++] = input.values[at]!
      }
      if (count === 0) continue
      seen[group * steps + step] = 1
      values[group * steps + step] = quantileOf(qs[step]!, found.subarray(0, count))
      if (scope.budget.isTired()) yield
    }
  }
  return { ...ofGroups(input, groups), values, present: steps === 1 ? undefined : seen }
}
