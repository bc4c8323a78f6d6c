// The ways as lanes: what waits in each, which of them have something to do, and how many messages are on their way in
// all. Called by loop.ts, and by placing.ts for where an entry waits.
import { openBreaker } from './breaker.ts'
import type { Budgets } from './budget.ts'
import type { Item } from './item.ts'
import { gateOf, type Lane, type Moment, openLane, queueOf, renew, takeFrom, together } from './lane.ts'
import type { Rank } from './queue.ts'
import type { Way, Ways } from './ways.ts'

export interface Traffic {
  lane(id: string): Lane
  lanes(): Iterable<Lane>
  // It waits there, and nowhere else.
  put(item: Item, lane: Lane): void
  remove(item: Item): void
  // Messages that may leave now, one after the other. `waits` is told of lanes that must wait, and for how long.
  next(nowMs: number): Departure | undefined
  // The service has it; that is still to be written down, and another one may leave meanwhile.
  answered(lane: Lane): void
  landed(lane: Lane, wasAnswered: boolean): void
  // Looks at a lane again, if it is there still.
  wake(id: string): void
  // After a reload. Ways that are gone leave with what waits in them.
  renew(ways: Iterable<Way>): void
}

// `room`: the numbers, as missing.ts counts them, to which it leaves; the others that miss it wait.
export type Departure = Readonly<{ lane: Lane; items: readonly Item[]; room: readonly number[] }>

type Options = Readonly<{
  ways: Ways
  budgets: Budgets
  waits(lane: Lane, waitMs: number): void
  opened(lane: Lane): void
}>

// On their way at one time: by one way, and in all. What was sent and is not written down is sent again after a crash, so
// that is little, too; but a slow disk must not hold up the next ones.
const laneMax = 16
const unwrittenMax = 16
const allMax = 256

export function openTraffic({ ways, budgets, waits, opened }: Options): Traffic {
  const lanes = new Map<string, Lane>()
  const awake = new Set<Lane>()
  const places = new Map<Item, Lane>()
  let flying = 0

  const remove = (item: Item): void => {
    const lane = places.get(item)
    if (lane !== undefined) for (const queue of lane.queues.values()) queue.delete(item)
    places.delete(item)
  }
  return {
    lane(id) {
      const known = lanes.get(id)
      if (known !== undefined) return known
      const way = ways.way(id)
      if (way === undefined) throw new Error(`no way is called ${id}`)
      const made = openLane(way)
      lanes.set(id, made)
      opened(made)
      return made
    },
    lanes: () => lanes.values(),
    put(item, lane) {
      if (places.get(item) !== lane) remove(item)
      places.set(item, lane)
      queueOf(lane, item).put(item, rankOf(item))
      awake.add(lane)
    },
    remove,
    next(nowMs) {
      for (const lane of awake) {
        // One at a time always may, so that those who get no answers keep nobody else waiting.
        if (flying >= allMax && lane.flying + lane.unwritten > 0) continue
        const found = departure(lane, { budgets, nowMs }, waits)
        awake.delete(lane)
        if (found === undefined) continue
        // Behind the others, so that no lane keeps them waiting.
        awake.add(lane)
        for (const item of found.items) remove(item)
        lane.flying += 1
        flying += 1
        return found
      }
      return undefined
    },
    answered(lane) {
      lane.flying -= 1
      lane.unwritten += 1
      awake.add(lane)
    },
    landed(lane, wasAnswered) {
      if (wasAnswered) lane.unwritten -= 1
      else lane.flying -= 1
      flying -= 1
      awake.add(lane)
    },
    wake(id) {
      const lane = lanes.get(id)
      if (lane !== undefined) awake.add(lane)
    },
    renew: found => follow(lanes, found, awake),
  }
}

function rankOf({ entry, dueMs }: Item): Rank {
  const { telling, tries, sinceMs } = entry
  const isRetry = tries > 0
  return { urgency: telling.urgency, isRetry, sinceMs: isRetry ? dueMs : sinceMs }
}

function departure(lane: Lane, moment: Moment, waits: Options['waits']): Departure | undefined {
  if (lane.flying >= laneMax || lane.unwritten >= unwrittenMax) return undefined
  const firsts = firstsOf(lane)
  if (firsts.length === 0) return undefined
  let leastMs = Number.POSITIVE_INFINITY
  for (const first of firsts) {
    const { waitMs, room } = gateOf(lane, first, moment)
    leastMs = Math.min(leastMs, waitMs)
    if (waitMs > 0) continue
    const found = { lane, items: together(lane, first, moment), room }
    takeFrom(lane, first)
    return found
  }
  waits(lane, leastMs)
  return undefined
}

// Those that may be next, of each line the first: lines take turns, with urgent ones before others. A probe may be one that
// has no budget left, where a more urgent one has.
function firstsOf({ queues, breaker }: Lane): readonly Item[] {
  const lines = [...queues.values()]
  const firsts = lines.flatMap(queue => queue.first() ?? [])
  if (firsts.length > 1) firsts.sort(byRank)
  if (breaker.state().kind === 'closed') return firsts
  return [...lines.flatMap(queue => queue.probe() ?? []), ...firsts]
}

const isPage = ({ entry }: Item): boolean => entry.telling.urgency === 'page'

const byRank = (one: Item, other: Item): number => Number(isPage(other)) - Number(isPage(one))

function follow(lanes: Map<string, Lane>, found: Iterable<Way>, awake: Set<Lane>): void {
  const present = new Map([...found].map(way => [way.id, way] as const))
  for (const [id, lane] of lanes) {
    const way = present.get(id)
    if (way !== undefined) renew(lane, way)
    else {
      lanes.delete(id)
      // Nobody is to be told for ever that it is broken.
      lane.breaker = openBreaker()
    }
    awake.add(lane)
  }
}
