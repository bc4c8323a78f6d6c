// histogram_quantile and histogram_fraction over classic histograms: the buckets of each are found once, ordered by
// their bounds, and then asked at every step. Called by functions.ts.

import type { Buckets } from './buckets.ts'
import { allUnnamed, type Columns, hasAny, pickRows } from './columns.ts'
import { rowsByGroup } from './group-rows.ts'
import { type Groups, sortIntoGroups } from './grouping.ts'
import type { Run } from './limits.ts'
import type { Scope } from './scope.ts'

// What is asked of the buckets of one histogram at one step; the name is for messages.
type Ask = (buckets: Buckets, step: number, name: string) => number

const withoutBound = { without: true, labels: ['le'], named: true }

export function* ofHistograms(input: Columns, ask: Ask, scope: Scope): Run<Columns> {
  const { steps } = input
  const bounded = yield* withBounds(input, scope)
  const { present, values: counts } = bounded.input
  const rows = rowsByGroup(bounded.groups)
  const series = bounded.groups.groups.map(each => each.series)
  const count = series.length
  scope.budget.hold(count * steps)
  const values = new Float64Array(count * steps)
  const seen = new Uint8Array(count * steps)
  for (let group = 0; group < count; group++) {
    const members = rows.order.subarray(rows.starts[group], rows.starts[group + 1])
    sortByBound(members, bounded.bounds)
    const buckets = {
      bounds: new Float64Array(members.length),
      counts: new Float64Array(members.length),
      length: 0,
    }
    for (let step = 0; step < steps; step++) {
      buckets.length = 0
      for (const row of members) {
        const at = row * steps + step
        if (present !== undefined && present[at] === 0) continue
        buckets.bounds[buckets.length] = bounded.bounds[row]!
        buckets.counts[buckets.length++] = counts[at]!
      }
      if (buckets.length === 0) continue
      values[group * steps + step] = ask(buckets, step, series[group]!.name)
      seen[group * steps + step] = 1
    }
    if (scope.budget.isTired()) yield
  }
  return {
    kind: 'vector',
    steps,
    series,
    unnamed: allUnnamed(count),
    values,
    present: steps === 1 ? undefined : seen,
  }
}

type Bounded = Readonly<{ input: Columns; bounds: Float64Array; groups: Groups }>

function* withBounds(input: Columns, { notes, budget }: Scope): Run<Bounded> {
  const bounds = new Float64Array(input.series.length)
  const bad: number[] = []
  for (let row = 0; row < bounds.length; row++) {
    const text = input.series[row]!.labels['le'] ?? ''
    bounds[row] = boundOf(text)
    if (!Number.isNaN(bounds[row]!)) continue
    bad.push(row)
    if (!hasAny(input, row)) continue
    const of = `for metric name ${JSON.stringify(input.series[row]!.name)}`
    notes.warn(`bucket label "le" is missing or has a malformed value of ${JSON.stringify(text)} ${of}`)
  }
  const isWhole = bad.length === 0
  const good = Int32Array.from(bounds.keys()).filter(row => !Number.isNaN(bounds[row]!))
  const rest = isWhole ? input : pickRows(input, good)
  const groups = yield* sortIntoGroups(withoutBound, rest.series, budget)
  return {
    input: rest,
    bounds: good.length === bounds.length ? bounds : Float64Array.from(good, row => bounds[row]!),
    groups,
  }
}

// As Go reads numbers; what is none is NaN.
const written = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const infinite = /^([+-]?)inf(?:inity)?$/i
const known = new Map<string, number>()

function boundOf(text: string): number {
  const found = known.get(text)
  if (found !== undefined) return found
  if (known.size >= 10_000) known.clear()
  const sign = infinite.exec(text)?.[1]
  const bound =
    sign === undefined ? (written.test(text) ? Number(text) : Number.NaN) : Number(`${sign}Infinity`)
  known.set(text, bound)
  return bound
}

// There are few in a histogram, and they often come in order.
function sortByBound(rows: Int32Array, bounds: Float64Array): void {
  for (let at = 1; at < rows.length; at++) {
    const row = rows[at]!
    let to = at
    for (; to > 0 && bounds[rows[to - 1]!]! > bounds[row]!; to--) rows[to] = rows[to - 1]!
    rows[to] = row
  }
}
