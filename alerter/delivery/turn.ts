// Which of its ways is an entry's turn? The first that is not refused; the next when one fails, is known not to work, or
// takes too long. Pure but for the item. Called by placing.ts whenever an entry is looked at.
import type { Item } from './item.ts'
import { type Gate, gateOf, type Lane, type Moment } from './lane.ts'
import { mendAgainMs } from './refusal.ts'
import type { Course } from './ways.ts'

// `waitMs`: until one may be tried again, where only settings stand in the way.
export type Turn = Readonly<{ lane: Lane } | { none: string; waitMs: number }>

// Those that may tell it still.
export const openWaysOf = ({ out, told }: Item, course: Course): readonly string[] =>
  course.ways.filter(id => !out.includes(id) && !told.includes(id))

export function turnOf(item: Item, course: Course, lanes: LanesOf, moment: Moment): Turn {
  const open = openWaysOf(item, course).map(id => entryOf(lanes(id), item, moment))
  const able = open.filter(({ gate }) => !isDead(gate))
  if (able.length < 2) {
    if (able[0] !== undefined) return enter(item, able[0], moment)
    const waitMs = Math.min(mendAgainMs, ...open.map(({ gate }) => gate.waitMs))
    return { none: open[0]?.lane.breaker.state().reason ?? (item.reason || 'no way is left'), waitMs }
  }
  for (const each of fromHere(item, able)) {
    const { id } = each.lane
    if (item.passed.includes(id)) continue
    const sinceMs = id === item.way ? item.stepSinceMs : moment.nowMs
    if (!isTooLong(item, each, { nowMs: moment.nowMs, untilMs: sinceMs + course.withinMs }))
      return enter(item, each, moment)
    item.passed = [...item.passed, id]
  }
  // Another round, with the one that is free first.
  item.passed = []
  item.way = undefined
  return enter(
    item,
    able.reduce((best, each) => (each.gate.waitMs < best.gate.waitMs ? each : best)),
    moment,
  )
}

type LanesOf = (id: string) => Lane

type Entry = Readonly<{ lane: Lane; gate: Gate }>

const entryOf = (lane: Lane, item: Item, moment: Moment): Entry => ({
  lane,
  gate: gateOf(lane, item, moment),
})

function enter(item: Item, { lane }: Entry, { nowMs }: Moment): Turn {
  if (item.way !== lane.id) {
    item.way = lane.id
    item.stepSinceMs = nowMs
  }
  return { lane }
}

// It goes on from where it is: who was passed is not asked again in this round.
function fromHere({ way }: Item, able: readonly Entry[]): readonly Entry[] {
  const at = able.findIndex(({ lane }) => lane.id === way)
  return at < 0 ? able : able.slice(at)
}

const isDead = ({ waitMs, because }: Gate): boolean => waitMs > 0 && because === 'settings'

// Of a month's budget it may be weeks.
const budgetMaxMs = 86_400_000

type Patience = Readonly<{ nowMs: number; untilMs: number }>

// What is not urgent waits for a budget, ours or the service's: the next way may be dearer, and those that wait are merged.
function isTooLong({ entry }: Item, { lane, gate }: Entry, { nowMs, untilMs }: Patience): boolean {
  // It leaves now, unless others keep the way busy.
  if (gate.allMs === 0) return lane.flying > 0 && nowMs >= untilMs
  if (gate.because === 'failures') return true
  if (gate.allMs > budgetMaxMs) return true
  return entry.telling.urgency === 'page' && nowMs + gate.allMs >= untilMs
}
