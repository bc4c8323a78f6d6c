// Which value does each series have at each step? The newest that is not older than the lookback, none after a stale
// marker. A plain loop over typed arrays: 100 000 series at one time take 10 ms (bench/promql.ts).
import type { Series } from '#core/model.ts'
import { isStale } from '#core/stale.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { Columns } from './columns.ts'
import { type Grid, timeAt } from './grid.ts'
import { type Budget, inSlices, type Run } from './limits.ts'
import { firstAfter } from './search.ts'

// `times`: not the values but the times of the samples, in seconds.
export type Look = Readonly<{ grid: Grid; lookbackMs: number; times: boolean; budget: Budget }>

export function* lookUp(found: readonly SeriesSamples[], look: Look): Run<Columns> {
  const { steps, budget } = { steps: look.grid.count, budget: look.budget }
  budget.hold(found.length * steps)
  const into = {
    series: new Array<Series>(found.length),
    values: new Float64Array(found.length * steps),
    present: new Uint8Array(steps === 1 ? 0 : found.length * steps),
    rows: 0,
    used: 0,
  }
  const fill = steps === 1 ? fillOne : fillMany
  // A series costs more than a number.
  yield* inSlices(found.length, steps + 16, budget, (from, to) => fill(found, { from, to }, look, into))
  const { rows } = into
  budget.used += steps === 1 ? rows : into.used
  return {
    kind: 'vector',
    steps,
    series: rows === found.length ? into.series : into.series.slice(0, rows),
    unnamed: new Uint8Array(rows),
    values: into.values.subarray(0, rows * steps),
    present: steps === 1 ? undefined : into.present.subarray(0, rows * steps),
  }
}

type Into = { series: Series[]; values: Float64Array; present: Uint8Array; rows: number; used: number }
type Slice = Readonly<{ from: number; to: number }>

function fillOne(found: readonly SeriesSamples[], { from, to }: Slice, look: Look, into: Into): void {
  const atMs = look.grid.startMs
  const afterMs = atMs - look.lookbackMs
  let { rows } = into
  for (let at = from; at < to; at++) {
    const { tMs, values, series } = found[at]!
    // Almost always the last one.
    let newest = tMs.length - 1
    if (newest >= 0 && tMs[newest]! > atMs) newest = firstAfter(tMs, atMs, 0) - 1
    if (newest < 0 || tMs[newest]! <= afterMs) continue
    const value = values[newest]!
    if (Number.isNaN(value) && isStale(values, newest)) continue
    into.series[rows] = series
    into.values[rows++] = look.times ? tMs[newest]! / 1_000 : value
  }
  into.rows = rows
}

function fillMany(found: readonly SeriesSamples[], { from, to }: Slice, look: Look, into: Into): void {
  const { grid, lookbackMs, times } = look
  for (let at = from; at < to; at++) {
    const { tMs, values, series } = found[at]!
    const base = into.rows * grid.count
    let next = 0
    let isThere = false
    for (let step = 0; step < grid.count; step++) {
      const atMs = timeAt(grid, step)
      next = firstAfter(tMs, atMs, next)
      if (next === 0 || tMs[next - 1]! <= atMs - lookbackMs || isStale(values, next - 1)) continue
      into.values[base + step] = times ? tMs[next - 1]! / 1_000 : values[next - 1]!
      into.present[base + step] = 1
      into.used++
      isThere = true
    }
    if (isThere) into.series[into.rows++] = series
  }
}
