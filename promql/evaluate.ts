// What does an expression come to, at one time or over a range? Pure: the samples come from a source, the time is in
// the question. All selectors are read first, then everything is computed over typed arrays, all steps of a series
// together; only the last part takes long, and it lets others work in between. Called by the query API, the rule
// engine, templates and unit tests.
import { setImmediate } from 'node:timers/promises'
import { Failure } from '#core/errors.ts'
import type { Expr } from './ast.ts'
import { atInstant, ofWindow, overRange } from './evaluate/answer.ts'
import { bare, compute, resampled, windowed } from './evaluate/compute.ts'
import { plan, read, readNow } from './evaluate/fetch.ts'
import { endOf, type Grid, gridOf, type Question } from './evaluate/grid.ts'
import { Budget, defaultLimits, type Limits, type Run, runNow } from './evaluate/limits.ts'
import { Notes } from './evaluate/notes.ts'
import type { Scope } from './evaluate/scope.ts'
import type { Source } from './source.ts'
import type { Answer, Value } from './value.ts'

export type { Question } from './evaluate/grid.ts'
export type { Limits } from './evaluate/limits.ts'

export type Options = Readonly<{
  lookbackMs?: number
  // The step of subqueries that say none.
  defaultStepMs?: number
  limits?: Partial<Limits>
  signal?: AbortSignal
  // Others are evaluated apart from these and have something where these may not: what would be a mistake of all of
  // them together is one here.
  isPart?: boolean
}>

export async function evaluate(
  expr: Expr,
  source: Source,
  question: Question,
  options: Options = {},
): Promise<Answer> {
  const work = prepare(expr, question, options)
  await read(work.scope.slots, source, { budget: work.scope.budget, signal: options.signal })
  const value = await inBreaths(answer(expr, work), work.scope.budget)
  return told(value, work.scope)
}

// For sources that answer at once, such as the head of the rule engine: nothing is waited for.
export function evaluateNow(expr: Expr, source: Source, question: Question, options: Options = {}): Answer {
  const work = prepare(expr, question, options)
  readNow(work.scope.slots, source, work.scope.budget)
  return told(runNow(answer(expr, work)), work.scope)
}

type Work = Readonly<{ grid: Grid; isInstant: boolean; scope: Scope }>

function prepare(expr: Expr, question: Question, options: Options): Work {
  const { lookbackMs = 300_000, defaultStepMs = 60_000 } = options
  const limits = { ...defaultLimits, ...options.limits }
  const isInstant = 'atMs' in question
  if (!isInstant && !(question.stepMs > 0)) {
    throw new Failure('bad_query', `wanted a step above zero, found ${question.stepMs} ms`)
  }
  const grid = gridOf(question)
  if (grid.count > limits.steps) {
    const what = `the range has ${grid.count} steps, at most ${limits.steps} may be: ask for a longer step`
    throw new Failure('too_many_steps', what)
  }
  const budget = new Budget(limits, options.signal)
  budget.check()
  const ends = isInstant ? { startMs: grid.startMs, endMs: grid.startMs } : question
  const slots = plan(expr, grid, { lookbackMs, defaultStepMs, ends, depth: limits.depth })
  const stepMs = isInstant ? 0 : grid.stepMs
  return {
    grid,
    isInstant,
    scope: {
      ends,
      stepMs,
      lookbackMs,
      defaultStepMs,
      slots,
      notes: new Notes(),
      budget,
      isPart: options.isPart === true,
    },
  }
}

function* answer(expr: Expr, { grid, isInstant, scope }: Work): Run<Value> {
  if (grid.count === 0) return { kind: 'matrix', series: [] }
  const inner = bare(expr)
  if (inner.kind === 'range' || inner.kind === 'subquery') {
    if (!isInstant) throw new Failure('bad_query', 'a range of times cannot be asked of a window')
    const ranged =
      inner.kind === 'range' ? windowed(inner, grid, scope) : yield* resampled(inner, grid, scope)
    const value = yield* ofWindow(ranged, scope.budget)
    // A subquery has used what its steps did.
    if (inner.kind === 'range') for (const { tMs } of value.series) scope.budget.used += tMs.length
    return value
  }
  const result = yield* compute(expr, grid, scope)
  return yield* isInstant
    ? atInstant(result, endOf(grid), scope.budget)
    : overRange(result, grid, scope.budget)
}

async function inBreaths<T>(run: Run<T>, budget: Budget): Promise<T> {
  budget.rested()
  try {
    for (;;) {
      const step = run.next()
      if (step.done === true) return step.value
      await setImmediate()
      budget.rested()
    }
  } finally {
    // Whoever was interrupted cleans up.
    run.return(undefined as never)
  }
}

const told = (value: Value, { notes, budget }: Scope): Answer => ({
  value,
  warnings: [...notes.warnings],
  infos: [...notes.infos],
  cost: budget.cost,
})
