// The aggregations that take one number after another: each keeps one, two or three numbers for every group and
// step. Loops over typed arrays, one for each operator: 100 000 rows are summed in 2 ms (bench/promql.ts). Called by
// aggregate.ts.
import type { Columns } from './columns.ts'
import { isInfinite, lost } from './kahan.ts'

export type Slice = Readonly<{ from: number; to: number }>

export type Fold = {
  // Which cells have got a number.
  readonly seen: Uint8Array
  add(input: Columns, groupOf: Int32Array, slice: Slice): void
  values(): Float64Array
}

// Takes one number into a cell; `isFirst` when the cell has none yet.
type Take = (cell: number, value: number, isFirst: boolean) => void

function fold(cells: number, take: Take, values: () => Float64Array): Fold {
  const seen = new Uint8Array(cells)
  return {
    seen,
    values,
    add({ steps, values, present }, groupOf, { from, to }) {
      for (let row = from, at = from * steps; row < to; row++) {
        const base = groupOf[row]! * steps
        for (let step = 0; step < steps; step++, at++) {
          if (present !== undefined && present[at] === 0) continue
          take(base + step, values[at]!, seen[base + step] === 0)
          seen[base + step] = 1
        }
      }
    },
  }
}

function sum(cells: number): Fold {
  const [sums, rests] = [new Float64Array(cells), new Float64Array(cells)]
  const take: Take = (cell, value, isFirst) => {
    if (isFirst) {
      sums[cell] = value
      return
    }
    const before = sums[cell]!
    const next = before + value
    rests[cell] = isInfinite(next) ? 0 : rests[cell]! + lost(before, value, next)
    sums[cell] = next
  }
  return fold(cells, take, () => sums.map((each, cell) => each + rests[cell]!))
}

function avg(cells: number): Fold {
  const [sums, rests, counts] = [new Float64Array(cells), new Float64Array(cells), new Float64Array(cells)]
  // Where the sum became too large, the mean is carried along in its place.
  const carried = new Uint8Array(cells)
  const carry = (cell: number, value: number, count: number): void => {
    const share = (count - 1) / count
    const [part, before] = [value / count, share * sums[cell]!]
    const next = before + part
    rests[cell] = isInfinite(next) ? 0 : share * rests[cell]! + lost(before, part, next)
    sums[cell] = next
  }
  const take: Take = (cell, value, isFirst) => {
    const count = ++counts[cell]!
    if (isFirst) {
      sums[cell] = value
      return
    }
    const before = sums[cell]!
    const next = before + value
    if (carried[cell] === 0 && !isInfinite(next)) {
      rests[cell]! += lost(before, value, next)
      sums[cell] = next
      return
    }
    if (carried[cell] === 0) {
      carried[cell] = 1
      sums[cell]! /= count - 1
      rests[cell]! /= count - 1
    }
    carry(cell, value, count)
  }
  const mean = (each: number, cell: number): number => {
    const count = carried[cell] === 1 ? 1 : counts[cell]!
    return each / count + rests[cell]! / count
  }
  return fold(cells, take, () => sums.map(mean))
}

// NaN gives way to any number.
function extreme(wins: (value: number, known: number) => boolean): (cells: number) => Fold {
  return cells => {
    const best = new Float64Array(cells)
    const take: Take = (cell, value, isFirst) => {
      if (isFirst || wins(value, best[cell]!) || Number.isNaN(best[cell]!)) best[cell] = value
    }
    return fold(cells, take, () => best)
  }
}

function count(cells: number): Fold {
  const counts = new Float64Array(cells)
  const take: Take = cell => {
    counts[cell]!++
  }
  return fold(cells, take, () => counts)
}

function group(cells: number): Fold {
  return fold(
    cells,
    () => {},
    () => new Float64Array(cells).fill(1),
  )
}

// Welford's.
function variance(finish: (variance: number) => number): (cells: number) => Fold {
  return cells => {
    const [means, squares, counts] = [
      new Float64Array(cells),
      new Float64Array(cells),
      new Float64Array(cells),
    ]
    const take: Take = (cell, value, isFirst) => {
      const count = ++counts[cell]!
      if (isFirst) {
        means[cell] = value
        squares[cell] = Number.isFinite(value) ? 0 : Number.NaN
        return
      }
      const delta = value - means[cell]!
      means[cell]! += delta / count
      squares[cell]! += delta * (value - means[cell]!)
    }
    return fold(cells, take, () => squares.map((each, cell) => finish(each / counts[cell]!)))
  }
}

export const folds = {
  sum,
  avg,
  count,
  group,
  min: extreme((value, known) => value < known),
  max: extreme((value, known) => value > known),
  stddev: variance(Math.sqrt),
  stdvar: variance(each => each),
} as const satisfies Record<string, (cells: number) => Fold>
