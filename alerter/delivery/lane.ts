// What waits for one way, and whether another message may leave by it now. Called by delivery and by step.ts.
import type { Urgency } from '../timeline/outcome.ts'
import { type Breaker, type Failure, openBreaker } from './breaker.ts'
import type { Budgets } from './budget.ts'
import type { Item } from './item.ts'
import { Queue } from './queue.ts'
import { haveSame } from './settled.ts'
import type { Way } from './ways.ts'

export type Lane = {
  readonly id: string
  way: Way
  breaker: Breaker
  readonly queue: Queue<Item>
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
  queue: new Queue(),
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

type PutOff = Failure & Readonly<{ isLimit: boolean; told: 'nobody' | 'now' | 'before' }>

// A message did not get through, or not to everybody. The limit of one number, or a mailbox that is full, keeps nobody else
// waiting: where another one has the message, the way works, and who is asked later for the rest has learnt nothing about
// it, but as the probe. Who has a limit need not be asked whether it works again.
export function putOff(lane: Lane, { told, isLimit, ...failure }: PutOff, nowMs: number): void {
  const { breaker } = lane
  if (told === 'before' && breaker.state().kind !== 'probing') return
  if (told === 'now' || isLimit) breaker.worked(nowMs)
  else breaker.failed(nowMs, failure)
  if (told === 'nobody' && isLimit)
    lane.pausedUntilMs = Math.max(lane.pausedUntilMs, nowMs + (failure.afterMs ?? 0))
}

// 0: it may leave.
export type Gate = Readonly<{ waitMs: number; because: 'failures' | 'settings' | 'limit' | 'budget' }>

export type Moment = Readonly<{ budgets: Budgets; nowMs: number }>

export function gateOf(lane: Lane, urgency: Urgency, { budgets, nowMs }: Moment): Gate {
  const openMs = lane.breaker.waitMs(nowMs)
  if (openMs > 0) return { waitMs: openMs, because: lane.breaker.state().because }
  const pausedMs = lane.pausedUntilMs - nowMs
  if (pausedMs > 0) return { waitMs: pausedMs, because: 'limit' }
  return { waitMs: budgets.waitMs(lane.way.budgets, { urgency, times: 1, nowMs }), because: 'budget' }
}

// Singly they are easier to read, so up to here they wait for each other.
const patienceMs = 30_000

// Those that leave together with the first, because the last of them would wait too long for the budget. Urgent ones keep
// to themselves, and what is no alert goes alone.
export function together(lane: Lane, first: Item, { budgets, nowMs }: Moment): readonly Item[] {
  const { way, queue } = lane
  const { urgency } = first.entry.telling
  const isPage = urgency === 'page'
  const times = isPage ? queue.pages : queue.size
  if (
    first.entry.said !== undefined ||
    times < 2 ||
    way.budgets.length === 0 ||
    way.channel.digests === false
  )
    return [first]
  if (budgets.waitMs(way.budgets, { urgency, times, nowMs }) <= patienceMs) return [first]
  const isAlong = ({ telling, said }: Item['entry']): boolean =>
    said === undefined && (!isPage || telling.urgency === 'page')
  return queue.values().filter(({ entry }) => isAlong(entry) && haveSame(entry, first.entry))
}
