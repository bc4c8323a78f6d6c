// What aggregations need of groups once series are sorted into them: their rows side by side, and their series.
// Called by every kind of aggregation and by histograms.ts.
import type { Columns } from './columns.ts'
import type { Groups } from './grouping.ts'

// The series of the groups. A name that any member has lost is lost.
export function ofGroups(
  input: Columns,
  { of, groups }: Groups,
): Pick<Columns, 'kind' | 'steps' | 'series' | 'unnamed'> {
  const unnamed = new Uint8Array(groups.length)
  for (let row = 0; row < of.length; row++) unnamed[of[row]!]! |= input.unnamed[row]!
  return { kind: 'vector', steps: input.steps, series: groups.map(each => each.series), unnamed }
}

// The rows of group g are order[starts[g] … starts[g + 1]).
export function rowsByGroup({ of, groups }: Groups): Readonly<{ order: Int32Array; starts: Int32Array }> {
  const starts = new Int32Array(groups.length + 1)
  for (const group of of) starts[group + 1]!++
  for (let group = 0; group < groups.length; group++) starts[group + 1]! += starts[group]!
  const next = starts.slice()
  const order = new Int32Array(of.length)
  for (let row = 0; row < of.length; row++) order[next[of[row]!]!++] = row
  return { order, starts }
}
