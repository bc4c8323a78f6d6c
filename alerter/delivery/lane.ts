// What waits for one way, and whether another message may leave by it now. Called by delivery and its parts.
import { type Breaker, type BreakerState, type Failure, openBreaker } from './breaker.ts'
import type { Budgets } from './budget.ts'
import type { Item } from './item.ts'
import { missingOf } from './missing.ts'
import { Queue } from './queue.ts'
import { haveSame } from './settled.ts'
import { asksApart, type Way } from './ways.ts'

export type Lane = {
  readonly id: string
  way: Way
  breaker: Breaker
  // Those of which the same numbers are missing wait together, and hold up none of the others.
  readonly queues: Map<string, Queue<Item>>
  // Whose requests are under way, and those that were sent and are not written down yet.
  flying: number
  unwritten: number
  // It works, and had too much of us: nothing more until then.
  pausedUntilMs: number
  // Its last message did not get through, and it was said in the log.
  isFailing: boolean
  // Until then all that waits there has been asked whether it takes another way.
  sweptUntilMs: number
}

export const openLane = (way: Way): Lane => ({
  id: way.id,
  way,
  breaker: openBreaker(),
  queues: new Map(),
  flying: 0,
  unwritten: 0,
  pausedUntilMs: Number.NEGATIVE_INFINITY,
  isFailing: false,
  sweptUntilMs: Number.NEGATIVE_INFINITY,
})

// Other settings deserve another chance.
export function renew(lane: Lane, way: Way): void {
  if (lane.way.digest !== way.digest) {
    lane.breaker = openBreaker()
    lane.pausedUntilMs = Number.NEGATIVE_INFINITY
    lane.sweptUntilMs = Number.NEGATIVE_INFINITY
  }
  lane.way = way
}

// A message did not get through. Who has a limit need not be asked whether it works again.
export function putOff(lane: Lane, failure: Failure & Readonly<{ isLimit: boolean }>, nowMs: number): void {
  if (!failure.isLimit) {
    lane.breaker.failed(nowMs, failure)
    return
  }
  lane.breaker.worked(nowMs)
  lane.pausedUntilMs = Math.max(lane.pausedUntilMs, nowMs + (failure.afterMs ?? 0))
}

// Where it waits; nowhere else.
export function queueOf(lane: Lane, item: Item): Queue<Item> {
  const missing = queueKeyOf(lane, item)
  for (const [key, queue] of lane.queues) {
    if (key !== missing) queue.delete(item)
    if (key !== missing && queue.size === 0) lane.queues.delete(key)
  }
  const queue = lane.queues.get(missing) ?? new Queue<Item>()
  lane.queues.set(missing, queue)
  return queue
}

// It departs, and its line goes behind the others, so that none keeps them waiting.
export function takeFrom(lane: Lane, item: Item): void {
  const queue = queueOf(lane, item)
  queue.take(item)
  if (lane.queues.size === 1) return
  const missing = queueKeyOf(lane, item)
  lane.queues.delete(missing)
  lane.queues.set(missing, queue)
}

// A join costs a storm more than all else here.
const queueKeyOf = ({ way }: Lane, item: Item): string => (asksApart(way) ? missingOf(item, way).join() : '0')

export const waitingIn = (lane: Lane): readonly Item[] =>
  [...lane.queues.values()].flatMap(queue => queue.values())

// 0: it may leave, to those for whom there is `room`. `allMs`: until it may leave to all who miss it.
export type Gate = Readonly<{
  waitMs: number
  allMs: number
  room: readonly number[]
  because: 'failures' | 'settings' | 'limit' | 'budget'
}>

export type Moment = Readonly<{ budgets: Budgets; nowMs: number }>

export function gateOf(lane: Lane, item: Item, moment: Moment): Gate {
  const { nowMs } = moment
  const openMs = lane.breaker.waitMs(nowMs)
  if (openMs > 0) return shut(openMs, lane.breaker.state().because)
  const pausedMs = lane.pausedUntilMs - nowMs
  if (pausedMs > 0) return shut(pausedMs, 'limit')
  const room: number[] = []
  let [waitMs, allMs] = [Number.POSITIVE_INFINITY, 0]
  for (const each of waitsOf(lane, item, moment, 1)) {
    if (each.waitMs <= 0) room.push(each.nth)
    waitMs = Math.min(waitMs, each.waitMs)
    allMs = Math.max(allMs, each.waitMs)
  }
  return { waitMs, allMs, room, because: 'budget' }
}

const shut = (waitMs: number, because: Gate['because']): Gate => ({
  waitMs,
  allMs: waitMs,
  room: [],
  because,
})

// Of each number that it is missing to, how long its budget lets so many wait.
function waitsOf({ way }: Lane, item: Item, { budgets, nowMs }: Moment, times: number) {
  const asked = { urgency: item.entry.telling.urgency, times, nowMs }
  return missingOf(item, way).map(nth => ({ nth, waitMs: budgets.waitMs(way.budgets[nth] ?? [], asked) }))
}

export type Broken = Readonly<{ integration: string } & Omit<BreakerState, 'kind'>>

export const brokenOf = (lanes: Iterable<Lane>): readonly Broken[] =>
  [...lanes].flatMap(({ id, breaker }) => {
    const { kind, because, reason } = breaker.state()
    return kind === 'closed' ? [] : [{ integration: id, because, reason }]
  })

// Singly they are easier to read, so up to here they wait for each other.
const patienceMs = 30_000

// Those that leave together with the first, because the last of them would wait too long for the budget. Urgent ones keep
// to themselves, and what is no alert goes alone.
export function together(lane: Lane, first: Item, moment: Moment): readonly Item[] {
  const { way } = lane
  const queue = queueOf(lane, first)
  const { urgency } = first.entry.telling
  const isPage = urgency === 'page'
  const times = isPage ? queue.pages : queue.size
  if (
    first.entry.said !== undefined ||
    times < 2 ||
    way.budgets.every(each => each.length === 0) ||
    way.channel.digests === false
  )
    return [first]
  const waits = waitsOf(lane, first, moment, times).map(({ waitMs }) => waitMs)
  if (Math.min(...waits) <= patienceMs) return [first]
  const isAlong = ({ telling, said }: Item['entry']): boolean =>
    said === undefined && isPage === (telling.urgency === 'page')
  const groupsMax = groupsMaxIn(lane, first)
  // One that is too long as it is would make all the others short.
  const isLike = (each: Item): boolean =>
    each.tooMuchFor === first.tooMuchFor &&
    groupsMaxIn(lane, each) === groupsMax &&
    haveSame(each.entry, first.entry)
  const along = queue.values().filter(each => each !== first && isAlong(each.entry) && isLike(each))
  return [first, ...along.slice(0, groupsMax - 1)]
}

const groupsMaxIn = ({ id }: Lane, { groupsMaxBy }: Item): number =>
  groupsMaxBy.get(id) ?? Number.POSITIVE_INFINITY
