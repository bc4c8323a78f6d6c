// What every part of one evaluation knows beside its own arguments. Made by evaluate.ts.
import type { Slots } from './fetch.ts'
import type { Ends } from './grid.ts'
import type { Budget } from './limits.ts'
import type { Notes } from './notes.ts'

export type Scope = Readonly<{
  // Of the question, for `@ start()` and its kin, and its step; zero for an instant.
  ends: Ends
  stepMs: number
  lookbackMs: number
  // Of subqueries that say none.
  defaultStepMs: number
  slots: Slots
  notes: Notes
  budget: Budget
  // Of series that are evaluated in parts.
  isPart: boolean
}>
