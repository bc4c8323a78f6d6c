// Range functions: a window goes along the samples of a series, one step after the other, and what is in it becomes
// one number. All steps of a series in one pass; a function that can keep its figures from step to step does.
// Inner loops over typed arrays: one object is reused for all windows (bench/promql.ts). Called by functions.ts.
import type { Series } from '#core/model.ts'
import { isStale } from '#core/stale.ts'
import type { SeriesSamples } from '#core/store.ts'
import { type Columns, emptyColumns } from './columns.ts'
import { type Grid, timeAt } from './grid.ts'
import type { Budget, Run } from './limits.ts'
import type { Scope } from './scope.ts'
import { firstAfter } from './search.ts'

// A selector with a range, or a subquery. `looked` are the right ends of the windows, which are open at the left.
export type Ranged = Readonly<{
  kind: 'range'
  rows: readonly SeriesSamples[]
  // Undefined when every row has its name.
  unnamed: Uint8Array | undefined
  looked: Grid
  rangeMs: number
}>

// The samples lo … hi − 1 of a series: what a function sees. `atMs` is the time of the step, which an offset moves
// away from the window; `p` and `q` are the function's other arguments at that step.
export type Window = {
  t: Float64Array
  v: Float64Array
  lo: number
  hi: number
  fromMs: number
  toMs: number
  atMs: number
  p: number
  q: number
}

// All windows of one series, at least one of them with samples. A function that slides writes into `out` from
// `base` on; what it writes where a window has too few samples does not count.
export type Sweep = Readonly<{
  t: Float64Array
  v: Float64Array
  lo: Int32Array
  hi: Int32Array
  looked: Grid
  rangeMs: number
  // The times of the steps, and the function's other argument at each.
  grid: Grid
  p: Float64Array | undefined
  out: Float64Array
  base: number
}>

export type RangeFunction = Readonly<{
  // How many samples a window must have for there to be an answer.
  atLeast: 1 | 2
  each: (window: Window) => number
  // The same for all windows of a series, cheaper where they overlap.
  slide?: (sweep: Sweep) => void
  keepsName?: true
}>

export type Site = Readonly<{ grid: Grid; params: readonly Float64Array[]; scope: Scope }>

const slice = 8_192
const none = new Float64Array(0)

export function* overTime(does: RangeFunction, ranged: Ranged, { grid, params, scope }: Site): Run<Columns> {
  const { rows } = ranged
  const steps = grid.count
  if (rows.length === 0) return emptyColumns(steps)
  scope.budget.hold(rows.length * steps)
  const into: Into = {
    series: new Array<Series>(rows.length),
    unnamed: new Uint8Array(rows.length),
    values: new Float64Array(rows.length * steps),
    present: new Uint8Array(steps === 1 ? 0 : rows.length * steps),
    rows: 0,
    used: 0,
  }
  const pass = new Pass(does, ranged, grid, params)
  let work = 0
  for (let row = 0; row < rows.length; row++) {
    const samples = withoutStale(rows[row]!)
    const found = steps === 1 ? pass.one(samples, into) : yield* pass.many(samples, into, scope.budget)
    if (found) {
      into.series[into.rows] = rows[row]!.series
      into.unnamed[into.rows++] = does.keepsName === true ? (ranged.unnamed?.[row] ?? 0) : 1
    }
    work += steps + rows[row]!.tMs.length + 8
    if (work < slice) continue
    work = 0
    if (scope.budget.isTired()) yield
  }
  scope.budget.used += into.used
  return shrunk(into, steps)
}

// Windows know no stale markers, and almost no series has one.
export function withoutStale(samples: SeriesSamples): SeriesSamples {
  const { series, tMs, values } = samples
  for (let at = 0; at < values.length; at++) {
    if (!Number.isNaN(values[at]!) || !isStale(values, at)) continue
    const lasts = (_: number, each: number): boolean => !isStale(values, each)
    return { series, tMs: tMs.filter(lasts), values: values.filter(lasts) }
  }
  return samples
}

type Into = {
  series: Series[]
  unnamed: Uint8Array
  values: Float64Array
  present: Uint8Array
  rows: number
  // Samples of all windows together.
  used: number
}

function shrunk({ series, unnamed, values, present, rows }: Into, steps: number): Columns {
  return {
    kind: 'vector',
    steps,
    series: rows === series.length ? series : series.slice(0, rows),
    unnamed: unnamed.subarray(0, rows),
    values: values.subarray(0, rows * steps),
    present: steps === 1 ? undefined : present.subarray(0, rows * steps),
  }
}

type Samples = Pick<SeriesSamples, 'tMs' | 'values'>

class Pass {
  readonly #does: RangeFunction
  readonly #looked: Grid
  readonly #grid: Grid
  readonly #rangeMs: number
  readonly #params: readonly Float64Array[]
  readonly #window: Window
  readonly #lo: Int32Array
  readonly #hi: Int32Array

  constructor(does: RangeFunction, { looked, rangeMs }: Ranged, grid: Grid, params: readonly Float64Array[]) {
    this.#does = does
    this.#looked = looked
    this.#grid = grid
    this.#rangeMs = rangeMs
    this.#params = params
    this.#lo = new Int32Array(grid.count)
    this.#hi = new Int32Array(grid.count)
    this.#window = { t: none, v: none, lo: 0, hi: 0, fromMs: 0, toMs: 0, atMs: 0, p: 0, q: 0 }
    this.#place(0)
  }

  // Where the window of a step stands, whatever the series.
  #place(step: number): void {
    const window = this.#window
    window.toMs = timeAt(this.#looked, step)
    window.fromMs = window.toMs - this.#rangeMs
    window.atMs = timeAt(this.#grid, step)
    window.p = this.#params[0]?.[step] ?? 0
    window.q = this.#params[1]?.[step] ?? 0
  }

  one({ tMs, values }: SeriesSamples, into: Into): boolean {
    const window = this.#window
    const { length } = tMs
    window.t = tMs
    window.v = values
    window.lo = firstAfter(tMs, window.fromMs, 0)
    window.hi =
      length > 0 && tMs[length - 1]! <= window.toMs ? length : firstAfter(tMs, window.toMs, window.lo)
    into.used += window.hi - window.lo
    if (window.hi - window.lo < this.#does.atLeast) return false
    into.values[into.rows] = this.#does.each(window)
    return true
  }

  *many({ tMs, values }: SeriesSamples, into: Into, budget: Budget): Run<boolean> {
    const steps = this.#grid.count
    const base = into.rows * steps
    const [lo, hi, looked] = [this.#lo, this.#hi, this.#looked]
    const { atLeast, slide } = this.#does
    let isThere = false
    for (let step = 0, low = 0, high = 0; step < steps; step++) {
      const toMs = timeAt(looked, step)
      low = firstAfter(tMs, toMs - this.#rangeMs, low)
      high = firstAfter(tMs, toMs, Math.max(low, high))
      lo[step] = low
      hi[step] = high
      into.used += high - low
      if (high - low < atLeast) continue
      into.present[base + step] = 1
      isThere = true
    }
    if (!isThere) return false
    const overlap = looked.stepMs < this.#rangeMs
    if (slide !== undefined && overlap) {
      const [rangeMs, grid, p] = [this.#rangeMs, this.#grid, this.#params[0]]
      slide({ t: tMs, v: values, lo, hi, looked, rangeMs, grid, p, out: into.values, base })
    } else yield* this.#each({ tMs, values }, into, base, budget)
    return true
  }

  // Thousands of long windows of one series take seconds.
  *#each({ tMs, values: v }: Samples, { present, values }: Into, base: number, budget: Budget): Run<void> {
    const window = this.#window
    window.t = tMs
    window.v = v
    for (let step = 0, work = 0; step < this.#grid.count; step++) {
      if (present[base + step] === 0) continue
      work += this.#hi[step]! - this.#lo[step]!
      if (work > slice) {
        work = 0
        if (budget.isTired()) yield
      }
      this.#place(step)
      window.lo = this.#lo[step]!
      window.hi = this.#hi[step]!
      values[base + step] = this.#does.each(window)
    }
  }
}
