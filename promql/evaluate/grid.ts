// The times at which an expression is looked at: one for an instant, several for a range or a subquery. Called by
// everyone in this folder.
import type { AtModifier, Shift } from '../ast.ts'

export type Grid = Readonly<{ startMs: number; stepMs: number; count: number }>

export type Question =
  | Readonly<{ atMs: number }>
  | Readonly<{ startMs: number; endMs: number; stepMs: number }>

export const timeAt = (grid: Grid, step: number): number => grid.startMs + step * grid.stepMs

export const endOf = (grid: Grid): number => timeAt(grid, grid.count - 1)

export function gridOf(question: Question): Grid {
  if ('atMs' in question) return { startMs: question.atMs, stepMs: 1, count: 1 }
  const { startMs, endMs, stepMs } = question
  return { startMs, stepMs, count: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) }
}

// Where `@ start()` and `@ end()` stand is said by the question, not by a subquery around them.
export type Ends = Readonly<{ startMs: number; endMs: number }>

const fixedTime = (at: AtModifier, ends: Ends): number =>
  at === 'start' ? ends.startMs : at === 'end' ? ends.endMs : at

// The times that a selector or a subquery looks at: shifted by its offset, and all the same under an `@`.
export function shifted(grid: Grid, shift: Shift, ends: Ends): Grid {
  if (shift.at === undefined) return { ...grid, startMs: grid.startMs - shift.offsetMs }
  return { startMs: fixedTime(shift.at, ends) - shift.offsetMs, stepMs: 0, count: grid.count }
}

// The times that a subquery evaluates its expression at, for all steps of the question at once: multiples of its
// step, so that they are the same from one question to the next.
export function innerGrid(looked: Grid, rangeMs: number, stepMs: number): Grid {
  const afterMs = looked.startMs - rangeMs
  const startMs = (Math.floor(afterMs / stepMs) + 1) * stepMs
  const count = Math.floor((endOf(looked) - startMs) / stepMs) + 1
  return { startMs, stepMs, count: Math.max(0, count) }
}
