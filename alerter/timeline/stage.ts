// What a stage is: it lets an alert pass, or names what holds it. Pure; called by stages.ts for each alert of a group.
import { madeOnce } from '#core/made-once.ts'
import type { TimelineRules } from './rules.ts'
import type { Seat } from './state.ts'

// Nothing: it may pass. The names are of what holds it; the stage's own name says how.
export type Stage = (seat: Seat, moment: Moment) => readonly string[] | undefined

export type Moment = Readonly<{
  nowMs: number
  rules: TimelineRules
  isWithin(interval: string): boolean
}>

const intervalsMax = 1_000

// Time zones are slow, and thousands of groups ask the same.
export function momentOf(rules: TimelineRules, nowMs: number): Moment {
  const isWithin = madeOnce(intervalsMax, (interval: string) => rules.isWithin(interval, nowMs))
  return { nowMs, rules, isWithin }
}
