// Numbers of a pool on a grid of times: the whole and its parts, as answers to questions give them. Pure. Called by
// measure.ts, recorded.ts and fill.ts.
//
// The whole is the sum over its parts at each time, because the peak of a sum cannot be had from the peaks of its parts. A
// part that has no number at a time (a gap, NaN, an infinity) is left out of the sum; where no part has one, there is a
// gap, never 0.
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Value } from '#promql/value.ts'
import { type Grid, stepMs } from './grid.ts'

export type Numbers = Readonly<{ part: Labels; values: Float64Array }>
// By the key of the part.
export type Measured = ReadonlyMap<string, Numbers>

export const partKey = (part: Labels): string => JSON.stringify(Object.entries(part).flat())
export const wholeKey = '[]'

export const gapsOf = ({ count }: Grid): Float64Array => new Float64Array(count).fill(Number.NaN)

// What a series is to a pool that falls apart by these labels.
export const partOf = (labels: Labels, by: readonly string[]): Labels =>
  labelsOf(by.map(each => [each, labels[each] ?? '']))

// Of an answer over a range.
export function measuredOf(value: Value, by: readonly string[], grid: Grid): Map<string, Numbers> {
  const measured = new Map<string, Numbers>()
  if (value.kind !== 'matrix') return measured
  const numbers = openNumbers(measured, grid)
  for (const { series, tMs, values } of value.series) {
    const part = partOf(series.labels, by)
    const key = partKey(part)
    const into =
      key === wholeKey ? [numbers(wholeKey, part)] : [numbers(wholeKey, noPart), numbers(key, part)]
    for (let at = 0; at < tMs.length; at++) {
      const place = (tMs[at]! - grid.startMs) / stepMs
      for (const each of into) add(each, place, values[at]!)
    }
  }
  return measured
}

const noPart = labelsOf([])

// Those of a part, made when they are first asked for.
export const openNumbers =
  (measured: Map<string, Numbers>, grid: Grid) =>
  (key: string, part: Labels): Float64Array => {
    const known = measured.get(key) ?? { part, values: gapsOf(grid) }
    measured.set(key, known)
    return known.values
  }

function add(values: Float64Array, place: number, value: number): void {
  if (!Number.isFinite(value)) return
  const before = values[place]!
  values[place] = Number.isNaN(before) ? value : before + value
}

export const times = (measured: Measured, factor: number): Measured =>
  factor === 1
    ? measured
    : new Map(
        Array.from(measured, ([key, { part, values }]) => [
          key,
          { part, values: values.map(each => each * factor) },
        ]),
      )

export const hasNumbers = (measured: Measured): boolean =>
  measured.get(wholeKey)?.values.some(value => !Number.isNaN(value)) === true

// The places at which the whole is unknown: from the first to the last.
export function gapIn(
  measured: Measured,
  { count }: Grid,
): Readonly<{ from: number; to: number }> | undefined {
  const values = measured.get(wholeKey)?.values
  if (values === undefined) return count === 0 ? undefined : { from: 0, to: count - 1 }
  const from = values.findIndex(value => Number.isNaN(value))
  return from < 0 ? undefined : { from, to: values.findLastIndex(value => Number.isNaN(value)) }
}

// Where the whole is unknown, the whole and all parts are those of the other, which begins `from` places later.
export function filled(measured: Measured, other: Measured, from: number, grid: Grid): Measured {
  const whole = measured.get(wholeKey)?.values ?? gapsOf(grid)
  const isGap = whole.map(value => (Number.isNaN(value) ? 1 : 0))
  const all = new Map<string, Numbers>()
  for (const [key, { part }] of [...measured, ...other]) {
    if (all.has(key)) continue
    const values = measured.get(key)?.values.slice() ?? gapsOf(grid)
    const found = other.get(key)?.values
    if (found !== undefined)
      for (let at = 0; at < found.length; at++) if (isGap[from + at] === 1) values[from + at] = found[at]!
    all.set(key, { part, values })
  }
  return all
}
