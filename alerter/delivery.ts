// What is to be told leaves here: urgent and old first, by the way whose turn it is, and what became of it is written
// down. One message at a time for each group and integration. The parts are put together here; what happens when is in
// delivery/loop.ts, what happens to one message in delivery/flight.ts. Called by the alerter; messages that are in no
// outbox (the watchdog's) go by delivery/sender.ts.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Channel } from './channel.ts'
import { openBudgets } from './delivery/budget.ts'
import { openComposer, type Voice } from './delivery/compose.ts'
import { openFlights, type Point } from './delivery/flight.ts'
import { type Broken, Loop } from './delivery/loop.ts'
import { oldestMs, openNumbers } from './delivery/numbers.ts'
import { openReceipts } from './delivery/receipts.ts'
import { remember } from './delivery/remembered.ts'
import { openRoster } from './delivery/roster.ts'
import { openSender } from './delivery/sender.ts'
import { openWays } from './delivery/ways.ts'
import type { Fact } from './fact.ts'
import type { Receipt } from './inbound.ts'
import type { Outbox } from './outbox-entry.ts'
import type { Post } from './post.ts'
import type { Integration } from './route.ts'
import type { Templates } from './template.ts'

export type { Point } from './delivery/flight.ts'

export interface Delivery {
  // What a service says later of a message. False: it is not known here.
  receipt(receipt: Receipt): Promise<boolean>
  health(): DeliveryHealth
  // Waits a little for what is on its way. What is not told stays in the outbox.
  close(): Promise<void>
}

export type DeliveryHealth = Readonly<{
  waiting: number
  // How old the oldest of them is; 0 when nothing waits.
  oldestMs: number
  // Ways by which nothing is sent just now, and why.
  broken: readonly Broken[]
}>

export type DeliveryOptions = Voice &
  Readonly<{
    outbox: Outbox
    // Another map is another configuration.
    integrations(): ReadonlyMap<string, Integration>
    post: Post
    clock: Clock
    log: Log
    own: OwnMetrics
    random?: () => number
    // Writes facts that belong to no entry: receipts. Left out, these are not kept.
    note?(facts: readonly Fact[]): Promise<void>
    // Those of the configuration of now. Left out: our own words.
    templates?(): Templates
    // Asked right before anything leaves, where there may be another owner. Left out: there is none.
    isHeld?(): boolean
    reach?(point: Point): void | Promise<void>
    channels?: Readonly<Record<string, Channel>>
  }>

const threadsMax = 20_000

export function openDelivery(options: DeliveryOptions): Delivery {
  const { outbox, clock, log, post, own, random = Math.random, reach = () => {} } = options
  const roster = openRoster()
  const { items } = roster
  const stopping = new AbortController()
  const budgets = openBudgets()
  const ways = openWays(options.integrations, options.channels)
  const sender = openSender({ post, clock, log })
  const receipts = openReceipts()
  const now = () => ({ nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() })
  const numbers = openNumbers({ own, items, budgets, now })
  const flights = openFlights({
    outbox,
    sender,
    composer: openComposer(options),
    receipts,
    threads: remember(threadsMax),
    numbers,
    clock,
    log,
    random,
    signal: stopping.signal,
    courseOf: ways.course,
    templates: options.templates,
    reach,
  })
  const isHeld = options.isHeld ?? (() => true)
  const core = { outbox, roster, ways, budgets, sender, flights, numbers, clock, log, stopping, isHeld }
  const loop = new Loop(core)
  loop.begin()
  return {
    async receipt(receipt) {
      const taken = receipts.take(receipt, clock.nowMs())
      if (taken === undefined) return false
      if (!loop.arrived(taken.entry.id, receipt, [taken.fact])) await options.note?.([taken.fact])
      return true
    },
    health: () => ({
      waiting: items.size,
      oldestMs: clock.nowMs() - oldestMs(items, clock.nowMs()),
      broken: loop.broken(),
    }),
    close: () => loop.close(),
  }
}
