// From columns to what the caller gets: names that were to go are gone, equal series are one, a matrix is sorted.
// Called by evaluate.ts.
import { Failure } from '#core/errors.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { MatrixValue, Value } from '../value.ts'
import { type Columns, hasAny, ofScalars, type Result, samplesOf } from './columns.ts'
import { endOf, type Grid, timeAt } from './grid.ts'
import { byLabels, sortIntoGroups } from './grouping.ts'
import type { Budget, Run } from './limits.ts'
import { mergeSame, twice } from './merge.ts'
import { firstAfter } from './search.ts'
import { compareSeries, inSeriesOrder } from './sorting.ts'
import { type Ranged, withoutStale } from './windows.ts'

export function* atInstant(result: Result, tMs: number, budget: Budget): Run<Value> {
  if (result.kind === 'string') return { kind: 'string', tMs, value: result.value }
  if (result.kind === 'scalar') return { kind: 'scalar', tMs, value: result.values[0]! }
  const { series, values } = yield* named(result, budget)
  return { kind: 'vector', tMs, series, values }
}

export function* overRange(result: Result, grid: Grid, budget: Budget): Run<Value> {
  if (result.kind === 'string') throw new Failure('bad_query', 'a range of times cannot be asked of a string')
  const columns = result.kind === 'scalar' ? ofScalars(result) : yield* named(result, budget)
  const times = Float64Array.from({ length: grid.count }, (_, step) => timeAt(grid, step))
  const series: SeriesSamples[] = []
  for (let row = 0; row < columns.series.length; row++) {
    if (hasAny(columns, row)) series.push(samplesOf(columns, row, times))
  }
  return { kind: 'matrix', series: inSeriesOrder(series) }
}

// The samples themselves, where an instant asks for a window.
export function* ofWindow({ rows, unnamed, looked, rangeMs }: Ranged, budget: Budget): Run<MatrixValue> {
  const { groups, of } = yield* sortIntoGroups(
    byLabels,
    rows.map(each => each.series),
    budget,
  )
  const toMs = endOf(looked)
  const series: SeriesSamples[] = []
  for (const [row, all] of rows.entries()) {
    const { series: full, tMs, values } = withoutStale(all)
    const from = firstAfter(tMs, toMs - rangeMs, 0)
    const to = firstAfter(tMs, toMs, from)
    if (to === from) continue
    const own = unnamed?.[row] === 1 ? groups[of[row]!]!.bare : full
    series.push({ series: own, tMs: tMs.subarray(from, to), values: values.subarray(from, to) })
  }
  const ordered = inSeriesOrder(series)
  for (let at = 1; at < ordered.length; at++) {
    if (compareSeries(ordered[at - 1]!.series, ordered[at]!.series) === 0)
      throw new Failure('query_failed', twice)
  }
  return { kind: 'matrix', series: ordered }
}

// Names that were to go are gone. Series that keep theirs are not looked at unless some lose them.
function* named(columns: Columns, budget: Budget): Run<Columns> {
  const { series, unnamed } = columns
  if (!unnamed.includes(1)) return columns
  const { groups, of } = yield* sortIntoGroups(byLabels, series, budget)
  const left = series.map((each, row) => (unnamed[row] === 1 ? groups[of[row]!]!.bare : each))
  const rest = { ...columns, series: left, unnamed: new Uint8Array(series.length) }
  const isSure =
    groups.length === series.length && groups.every(each => each.bare.labels === each.series.labels)
  return isSure ? rest : yield* mergeSame(rest, budget)
}
