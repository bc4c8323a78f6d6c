// What an expression finds at all steps of a stretch. Where that is too much at once, or fails, the stretch is halved
// until what remains works or is one step: a rule fails for the steps at which it would have failed live, and not
// for a day. Called by replay.ts for each rule.
import { type ErrorCode, Failure } from '#core/errors.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { Expr } from '#promql/ast.ts'
import { evaluate } from '#promql/evaluate.ts'
import type { Source } from '#promql/source.ts'

// Times of evaluation; the expression is looked at `offsetMs` earlier.
export type Steps = Readonly<{ startMs: number; stepMs: number; count: number; offsetMs: number }>

export type Piece = Readonly<{
  steps: Steps
  // Times are those at which the expression was looked at.
  found: readonly SeriesSamples[]
  fault?: Failure
}>

export type Reading = Readonly<{
  source: Source
  signal: AbortSignal | undefined
  // Told before each evaluation how many steps it has.
  begins(steps: number): void
  // Evaluations that may still be spent on finding out which steps fail.
  tries: { left: number }
}>

// Held and read at one time.
const limits = { samples: 10_000_000, timeMs: Number.POSITIVE_INFINITY, steps: Number.POSITIVE_INFINITY }

// What a rule is to blame for. Everything else, such as a store that is away, ends the backtest.
const ofRules = new Set<ErrorCode>([
  'bad_query',
  'bad_pattern',
  'query_failed',
  'rule_failed',
  'too_many_samples',
])

export const atStep = ({ startMs, stepMs }: Steps, step: number): number => startMs + step * stepMs

export async function* piecesOf(expr: Expr, steps: Steps, reading: Reading): AsyncGenerator<Piece> {
  const { source, signal, tries } = reading
  const startMs = steps.startMs - steps.offsetMs
  const question = { startMs, endMs: startMs + (steps.count - 1) * steps.stepMs, stepMs: steps.stepMs }
  let fault: Failure
  reading.begins(steps.count)
  try {
    const options = { limits, ...(signal === undefined ? {} : { signal }) }
    const { value } = await evaluate(expr, source, question, options)
    if (value.kind !== 'matrix') throw new Error(`a range of steps came to a ${value.kind}`)
    yield { steps, found: value.series }
    return
  } catch (error) {
    if (!(error instanceof Failure) || !ofRules.has(error.code)) throw error
    fault = error
  }
  if (steps.count === 1 || (tries.left <= 0 && fault.code !== 'too_many_samples')) {
    yield { steps, found: [], fault }
    return
  }
  tries.left -= 1
  const half = Math.ceil(steps.count / 2)
  yield* piecesOf(expr, { ...steps, count: half }, reading)
  yield* piecesOf(expr, { ...steps, startMs: atStep(steps, half), count: steps.count - half }, reading)
}
