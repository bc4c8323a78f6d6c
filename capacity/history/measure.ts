// Asks the samples how much was used and how much there was, over a grid of times. Called by the recorder for the present
// and by fill.ts for what has passed.
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Expr } from '#promql/ast.ts'
import { evaluate, type Limits } from '#promql/evaluate.ts'
import type { Source } from '#promql/source.ts'
import type { Track } from '../history.ts'
import type { Pool } from '../pool.ts'
import { endOf, type Grid, stepMs } from './grid.ts'
import { gapsOf, type Measured, measuredOf, type Numbers, times, wholeKey } from './measured.ts'
import type { Kept } from './parts.ts'
import type { Questions } from './questions.ts'

export type Asking = Readonly<{
  source: Source
  // Of each question.
  limits?: Partial<Limits> | undefined
  // Delivered by requests, where units are stated; from the day on which these were counted.
  deliveredUnits?: ((pool: string, part: Labels, fromDay?: number) => number) | undefined
}>

type Asked = Asking &
  Readonly<{
    // Leaves out parts that have no line of their own; as parts.ts says it.
    keep(measured: Measured): Kept
    signal?: AbortSignal | undefined
  }>

// An hour of it is asked for as a whole, however much it is.
const leastCount = 12

export async function measure(
  pool: Pool,
  { track, questions }: Readonly<{ track: Track; questions: Questions }>,
  grid: Grid,
  asking: Asked,
): Promise<Kept> {
  const { usage, supply, factor } = questions
  const expr = track === 'usage' ? usage : supply
  if (expr === undefined) return { measured: stated(pool, factor, grid, asking), left: 0 }
  const { measured, left } = await answer(expr, pool.by, grid, asking)
  return { measured: track === 'usage' ? measured : times(measured, factor), left }
}

function stated(pool: Pool, factor: number, grid: Grid, { deliveredUnits }: Asking): Measured {
  const part = labelsOf([])
  const units = (pool.units ?? Number.NaN) + (deliveredUnits?.(pool.name, part, pool.countedDay) ?? 0)
  return new Map([[wholeKey, { part, values: gapsOf(grid).fill(units * factor) }]])
}

async function answer(expr: Expr, by: readonly string[], grid: Grid, asking: Asked): Promise<Kept> {
  const { source, limits = {}, keep, signal } = asking
  try {
    const range = { startMs: grid.startMs, endMs: endOf(grid), stepMs }
    const options = { limits, ...(signal === undefined ? {} : { signal }) }
    const { value } = await evaluate(expr, source, range, options)
    return keep(measuredOf(value, by, grid))
  } catch (error) {
    const isTooMuch = error instanceof Failure && error.code === 'too_many_samples'
    if (!isTooMuch || grid.count <= leastCount) throw error
  }
  const half = Math.ceil(grid.count / 2)
  const later = { startMs: grid.startMs + half * stepMs, count: grid.count - half }
  const first = await answer(expr, by, { ...grid, count: half }, asking)
  const second = await answer(expr, by, later, asking)
  const { measured, left } = keep(joined([first.measured, second.measured], [0, half], grid))
  return { measured, left: Math.max(left, first.left, second.left) }
}

function joined(pieces: readonly Measured[], places: readonly number[], grid: Grid): Measured {
  const all = new Map<string, Numbers>()
  for (const [at, piece] of pieces.entries())
    for (const [key, { part, values }] of piece) {
      const known = all.get(key) ?? { part, values: gapsOf(grid) }
      all.set(key, known)
      known.values.set(values, places[at]!)
    }
  return all
}
