// What is to be told leaves here: urgent and old first, by the way whose turn it is, and what became of it is written
// down. One message at a time for each group and integration. The parts are put together here; what happens when is in
// delivery/loop.ts, what happens to one message in delivery/flight.ts, and what becomes of it then in
// delivery/landing.ts. Called by the alerter; messages that are in no outbox (the watchdog's) go by delivery/sender.ts.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Channel } from './channel.ts'
import { openBudgets } from './delivery/budget.ts'
import { openComposer } from './delivery/compose.ts'
import { openFlights, type Point } from './delivery/flight.ts'
import type { Item } from './delivery/item.ts'
import type { Broken } from './delivery/lane.ts'
import { Loop } from './delivery/loop.ts'
import { oldestAgeMs, openNumbers } from './delivery/numbers.ts'
import { noPast, type Past } from './delivery/past.ts'
import { openPictured } from './delivery/pictured.ts'
import { recalling, spendPast } from './delivery/recalling.ts'
import { openReceipts } from './delivery/receipts.ts'
import { remember } from './delivery/remembered.ts'
import { openRoster } from './delivery/roster.ts'
import { openSender } from './delivery/sender.ts'
import type { Voice } from './delivery/spoken.ts'
import type { Wait } from './delivery/wait.ts'
import { openWays } from './delivery/ways.ts'
import type { Fact } from './fact.ts'
import type { Inbound, Receipt } from './inbound.ts'
import type { LastHour } from './last-hour.ts'
import type { Message } from './message.ts'
import type { Outbox } from './outbox-entry.ts'
import type { Post } from './post.ts'
import type { Integration } from './route.ts'
import type { Templates } from './template.ts'

export type { Point } from './delivery/flight.ts'

export interface Delivery {
  // What a service says later of a message, and the way that this came in by. False: it is not known here, or not yet.
  receipt(receipt: Receipt, way?: string): Promise<boolean>
  // Of the message that its service calls so.
  incidentOf(receipt: string, way?: string): number | undefined
  // What keeps this entry of the outbox; nothing where nothing does.
  waitOf(entry: string): Wait | undefined
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
    // What the facts tell of the time before.
    past?: Past
    // Told of what comes in by lines that channels keep open, with the id of the way.
    hear?(inbound: Inbound, way: string): void
    // Where services reach the way of this id; undefined: nowhere.
    callbackOf?(way: string): string | undefined
    // Those of the configuration of now. Left out: our own words.
    templates?(): Templates
    // Who has taken over an incident. Left out: nobody ever does.
    acknowledged?(incident: number): Message['acknowledged']
    // What goes along where a channel takes pictures. Left out: nothing.
    lastHour?: LastHour | undefined
    // Asked right before anything leaves, where there may be another owner. Left out: there is none.
    isHeld?(): boolean
    reach?(point: Point): void | Promise<void>
    channels?: Readonly<Record<string, Channel>>
  }>

const threadsMax = 20_000

export function openDelivery(options: DeliveryOptions): Delivery {
  const { outbox, clock, log, own, random = Math.random, reach = () => {}, past = noPast } = options
  const roster = openRoster()
  const { items } = roster
  const stopping = new AbortController()
  const wallMs = (nowMs: number): number => nowMs - clock.monotonicMs() + clock.nowMs()
  const budgets = openBudgets(past.knownMs, { timeZone: options.timeZone, wallMs })
  const ways = openWays(options.integrations, options.channels)
  const sender = openSender(options)
  const receipts = openReceipts(past.told)
  const numbers = openNumbers({ own, items, budgets, clock })
  const isHeld = options.isHeld ?? (() => true)
  const parts = { outbox, roster, ways, budgets, sender, receipts, numbers, clock, log, isHeld }
  const { takesPicture } = sender
  const flights = openFlights({
    ...parts,
    composer: openComposer(options),
    threads: remember(threadsMax),
    templates: options.templates,
    pictured: openPictured(options.lastHour, { waiting: () => items.size, takesPicture }),
    signal: stopping.signal,
    random,
    reach,
  })
  const receive = async (receipt: Receipt, way?: string): Promise<boolean> => {
    const heard = receipts.take(receipt, way, clock.nowMs())
    const isEarly = heard.length === 0 || heard.some(({ entry }) => loop.isToLand(entry, receipt))
    if (isEarly) receipts.putOff(receipt, way)
    const apart = heard.filter(({ entry, fact }) => !loop.arrived(entry, receipt, [fact]))
    if (apart.length > 0) await options.note?.(apart.map(({ fact }) => fact))
    return heard.length > 0
  }
  const early = ({ awaits }: Item): void => {
    for (const { receipt, way } of receipts.early(awaits))
      receive(receipt, way).catch(error =>
        log.warn('alerter', 'a receipt could not be written down', { error }),
      )
  }
  const recall = recalling({ past, receipts, clock })
  const loop = new Loop({ ...parts, flights, stopping, recall, early })
  spendPast(past, { ways: openWays(options.integrations, options.channels), budgets, clock })
  loop.begin()
  return {
    receipt: receive,
    incidentOf: (receipt, way) => receipts.incidentOf(receipt, way),
    waitOf: entry => loop.waitOf(entry),
    health: () => ({
      waiting: items.size,
      oldestMs: oldestAgeMs(items, clock.nowMs()),
      broken: loop.broken(),
    }),
    close: () => loop.close(),
  }
}
