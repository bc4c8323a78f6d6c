// Which of its ways is an entry's turn? The first that is not refused; the next when one fails, is known not to work, or
// takes too long. Pure but for the item. Called by delivery whenever an entry is looked at.
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Item } from './item.ts'
import { type Gate, gateOf, type Lane, type Moment } from './lane.ts'
import type { Course } from './ways.ts'

// `waitMs`: until one may be tried again, where only settings stand in the way.
export type Turn = Readonly<{ lane: Lane } | { none: string; waitMs: number }>

// Settings are mended within a day, or nobody looks.
const mendMs = 86_400_000
const closedMs = 3_600_000
export const mendAgainMs = 60_000
// Alertmanager's usual group_interval, at which it tells again what was refused.
const sayAgainMaxMs = 300_000

// What was refused for what it says is said twice each time, whole and in short.
export const sayAgainMs = (tries: number): number =>
  Math.min(sayAgainMaxMs, mendAgainMs * 2 ** Math.min(tries, 10))

// An entry, or what the watchdog tells.
export type Waiting = Pick<OutboxEntry, 'said' | 'sinceMs' | 'tries'> &
  Readonly<{ telling: Pick<OutboxEntry['telling'], 'resolved'> }>

// What says that settings are no use may be a door that is closed for a moment: a proxy while its service begins anew. A
// beginning waits for that, and is repeated later; an end never is, so it waits until somebody has mended the settings.
// What proves that a way works has proved that it does not.
export const isWaitedWith = ({ telling, said, sinceMs }: Waiting, nowMs: number): boolean =>
  said?.kind !== 'canary' && nowMs - sinceMs < (telling.resolved.length > 0 ? mendMs : closedMs)

// A bare refusal of what is said is mended by other words, or by whoever stood in the way for a moment.
export const isSaidAgain = ({ said, sinceMs }: OutboxEntry, nowMs: number): boolean =>
  said?.kind !== 'canary' && nowMs - sinceMs < closedMs

export function turnOf(item: Item, course: Course, lanes: LanesOf, moment: Moment): Turn {
  const open = course.ways.filter(id => !item.out.has(id) && !item.told.has(id))
  const gates = new Map(open.map(id => [id, gateOf(lanes(id), item, moment)] as const))
  const able = open.filter(id => !isDead(gates.get(id)!))
  if (able.length === 0) {
    const refusals = open.map(id => lanes(id).breaker.state().reason)
    const waitMs = Math.min(mendAgainMs, ...open.map(id => gates.get(id)!.waitMs))
    return { none: refusals[0] ?? (item.reason || 'no way is left'), waitMs }
  }
  if (able.length === 1) return enter(item, able[0]!, lanes, moment)
  for (const id of fromHere(item, able)) {
    if (item.passed.has(id)) continue
    const sinceMs = id === item.way ? item.stepSinceMs : moment.nowMs
    const patience = { nowMs: moment.nowMs, untilMs: sinceMs + course.withinMs }
    if (!isTooLong(item, lanes(id), gates.get(id)!, patience)) return enter(item, id, lanes, moment)
    item.passed.add(id)
  }
  // Another round, with the one that is free first.
  item.passed.clear()
  item.way = undefined
  const soonest = able.reduce((best, id) => (gates.get(id)!.waitMs < gates.get(best)!.waitMs ? id : best))
  return enter(item, soonest, lanes, moment)
}

type LanesOf = (id: string) => Lane

function enter(item: Item, id: string, lanes: LanesOf, { nowMs }: Moment): Turn {
  if (item.way !== id) {
    item.way = id
    item.stepSinceMs = nowMs
  }
  return { lane: lanes(id) }
}

// It goes on from where it is: who was passed is not asked again in this round.
function fromHere(item: Item, able: readonly string[]): readonly string[] {
  const at = item.way === undefined ? -1 : able.indexOf(item.way)
  return at < 0 ? able : able.slice(at)
}

const isDead = ({ waitMs, because }: Gate): boolean => waitMs > 0 && because === 'settings'

// Of a month's budget it may be weeks.
const budgetMaxMs = 86_400_000

type Patience = Readonly<{ nowMs: number; untilMs: number }>

// What is not urgent waits for a budget, ours or the service's: the next way may be dearer, and those that wait are merged.
function isTooLong({ entry }: Item, lane: Lane, gate: Gate, { nowMs, untilMs }: Patience): boolean {
  // It leaves now, unless others keep the way busy.
  if (gate.allMs === 0) return lane.flying > 0 && nowMs >= untilMs
  if (gate.because === 'failures') return true
  if (gate.allMs > budgetMaxMs) return true
  return entry.telling.urgency === 'page' && nowMs + gate.allMs >= untilMs
}
