// What the rules of one engine share: the head, what they have come to since it was last taken, and who waits for which
// time. Made by live-rules.ts, used by keeper.ts and by each kind of live rule.
import type { AlertTransition } from '#core/model.ts'
import type { Pieces } from '../ask.ts'
import type { Entry } from '../book.ts'
import type { Head } from '../head.ts'
import type { Sheet } from '../kernel.ts'
import type { World } from '../results.ts'
import type { Rule, RuleGroup } from '../rule.ts'
import type { Alerts } from '../state.ts'
import type { Awaited, Patience } from './awaited.ts'
import type { Pen } from './pen.ts'
import type { Wakes } from './wakes.ts'

// By rule, then by fingerprint, so that only the last of several changes is saved.
export type Outcome = { entries: Map<string, Map<string, Entry>>; transitions: AlertTransition[] }

// So many alerts are made between two moments at which others may get their turn: a millisecond or two.
export const portion = 256

export type Site = Readonly<{
  head: Head
  // With which a rule of these writes.
  pen(rule: Rule): Pen
  wakes: Pick<Wakes, 'add'>
  outcome: Outcome
  // Until then nothing of before ends because its data do not come: they may not have had the time to.
  patience: Patience
  awaited(rule: Rule, saved: Alerts): Awaited
}>

// One time at which rules are evaluated.
export type Round = Readonly<{
  nowMs: number
  // Values and words of what goes on are wanted as they are now.
  isRefresh: boolean
  world: World
  // The given slots, as compiled rules see them.
  sheet(slots: Uint32Array): Sheet
  // Those of a watch that changed, ready for compiled rules.
  changed(watch: number): Sheet
}>

// Counts that a rule of this group failed.
export type Failed = (group: RuleGroup) => void

// A rule as it is evaluated while samples arrive.
export interface LiveRule {
  // Of all that it sees: after a start, and after it was read anew. What is answered is still to be done; where there is
  // little to do nothing is.
  all(round: Round): Pieces | undefined
  // Of what has changed.
  changed(round: Round): Pieces | undefined
  // Of alerts whose time has come.
  woken(keys: readonly string[], round: Round): Pieces | undefined
}
