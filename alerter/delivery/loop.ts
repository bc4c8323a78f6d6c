// What waits, what leaves next, and what becomes of it when it has landed. Times are those of a clock that never goes
// back; what others see has the wall's. Opened by delivery.ts.
import type { Clock } from '#core/clock.ts'
import { endsWithin } from '#core/ends-within.ts'
import type { Log } from '#core/log.ts'
import type { Fact } from '../fact.ts'
import type { Receipt } from '../inbound.ts'
import type { Outbox, OutboxEntry } from '../outbox-entry.ts'
import { type Alarm, openAlarm } from './alarm.ts'
import type { Budgets } from './budget.ts'
import type { Flights } from './flight.ts'
import type { Item } from './item.ts'
import type { Landing } from './landing.ts'
import { type Broken, brokenOf, type Lane } from './lane.ts'
import type { Numbers } from './numbers.ts'
import { Placing } from './placing.ts'
import type { Roster } from './roster.ts'
import type { Sender } from './sender.ts'
import { type Departure, openTraffic, type Traffic } from './traffic.ts'
import { type Wait, waitOf } from './wait.ts'
import { budgetsOf, type Ways } from './ways.ts'

type Parts = Readonly<{
  outbox: Outbox
  roster: Roster
  ways: Ways
  budgets: Budgets
  sender: Sender
  flights: Flights
  numbers: Numbers
  clock: Clock
  log: Log
  stopping: AbortController
  isHeld(): boolean
  recall(item: Item): void
  // Receipts that came before it was known that they are waited for.
  early(item: Item): void
}>

// Less than a process has to hand over its turn (core/lease/timing.ts).
const graceMs = 3_000
const heldAgainMs = 1_000

export class Loop {
  readonly #parts: Parts
  readonly #traffic: Traffic
  // When an entry, or a lane, is looked at again.
  readonly #alarm: Alarm
  readonly #placing: Placing
  readonly #underWay = new Set<Promise<void>>()
  #isClosed = false
  #isRunning = false

  constructor(parts: Parts) {
    const { ways, budgets, clock, numbers } = parts
    this.#parts = parts
    this.#alarm = openAlarm(clock, names => this.#wake(names))
    this.#traffic = openTraffic({
      ways,
      budgets,
      waits: ({ id }, waitMs) => {
        if (Number.isFinite(waitMs)) this.#alarm.set(`lane ${id}`, clock.monotonicMs() + waitMs)
      },
      opened: lane => numbers.watch(lane),
    })
    const [alarm, traffic] = [this.#alarm, this.#traffic]
    const refuse = (item: Item, reason: string): void =>
      void this.#end(item, () => parts.flights.fail(item, reason))
    this.#placing = new Placing({ ...parts, alarm, traffic, refuse })
  }

  begin(): void {
    const { outbox } = this.#parts
    outbox.onEntry(entry => {
      if (this.#isClosed) return
      this.#followConfiguration()
      this.#placing.hear(entry)
      this.#run()
    })
    this.#followConfiguration()
    for (const entry of outbox.waiting()) this.#placing.hear(entry)
    this.#run()
  }

  // What has not landed yet cannot be ended, nor what others are still to have: this receipt is not waited for yet.
  isToLand(id: string, { receipt }: Receipt): boolean {
    const item = this.#parts.roster.items.get(id)
    return item !== undefined && (item.isFlying || !item.awaits.includes(receipt))
  }

  // Somebody waited for this receipt before he tells it by another way. True: the facts are being written.
  arrived(id: string, { receipt, outcome }: Receipt, facts: readonly Fact[]): boolean {
    const item = this.#parts.roster.items.get(id)
    if (item === undefined || item.isFlying || !item.awaits.includes(receipt)) return false
    // Of several numbers one is enough, and none must be left.
    item.awaits = outcome === 'failed' ? item.awaits.filter(each => each !== receipt) : []
    if (outcome !== 'failed') return this.#end(item, () => this.#parts.flights.end(item, facts))
    if (item.awaits.length > 0) return false
    item.dueMs = this.#nowMs()
    this.#placing.place(item)
    this.#run()
    return false
  }

  // Nothing where nothing keeps it, or it is known to nobody here.
  waitOf(id: string): Wait | undefined {
    const item = this.#parts.roster.items.get(id)
    return item && waitOf(item, { ...this.#parts, traffic: this.#traffic })
  }

  broken(): readonly Broken[] {
    return brokenOf(this.#traffic.lanes())
  }

  async close(): Promise<void> {
    const { clock, stopping, sender } = this.#parts
    this.#isClosed = true
    this.#alarm.stop()
    const landed = Promise.all(this.#underWay)
    await endsWithin(graceMs, landed, clock)
    stopping.abort()
    await landed
    await sender.close()
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }

  // Sends what may be sent.
  #run(): void {
    if (this.#isRunning || this.#isClosed) return
    this.#isRunning = true
    try {
      this.#followConfiguration()
      for (;;) {
        // Somebody else may be telling it.
        if (!this.#parts.isHeld()) {
          this.#alarm.set('held', this.#nowMs() + heldAgainMs)
          break
        }
        const found = this.#traffic.next(this.#nowMs())
        if (found === undefined) break
        this.#depart(found)
      }
    } finally {
      this.#isRunning = false
    }
    this.#alarm.arm()
  }

  #followConfiguration(): void {
    const { sender, ways } = this.#parts
    if (this.#placing.followConfiguration()) sender.keepOnly(ways.all())
  }

  #depart({ lane, items: found, room }: Departure): void {
    const { budgets, numbers, flights, outbox } = this.#parts
    const items = found.filter(item => this.#begins(item, outbox.depart(item.entry.id)))
    if (items.length === 0) {
      this.#traffic.landed(lane, false)
      return
    }
    const isPage = items.some(({ entry }) => entry.telling.urgency === 'page')
    const { way } = lane
    const spentMs = this.#nowMs()
    budgets.spend(budgetsOf(way, room), isPage ? 'page' : 'normal', spentMs)
    lane.breaker.begin()
    if (items.length > 1) numbers.merged('digest', items.length)
    this.#track(async () => {
      let wasAnswered = false
      const answered = (): void => {
        wasAnswered = true
        this.#traffic.answered(lane)
        this.#run()
      }
      const landings = await flights
        .fly({ lane, items, room }, answered)
        .catch(error => this.#fault(lane, items, error))
      this.#traffic.landed(lane, wasAnswered)
      const isVain = (nth: number): boolean => !items.some(({ took }) => took.some(each => each.nth === nth))
      budgets.giveBack(budgetsOf(way, room.filter(isVain)), { spentMs, nowMs: this.#nowMs() })
      for (const [nth, item] of items.entries()) this.#land(item, landings[nth]!)
      this.#placing.sweep(lane)
    })
  }

  // Of this program. Others are told all the same.
  #fault(lane: Lane, items: readonly Item[], error: unknown): Promise<readonly Landing[]> {
    const { log, flights } = this.#parts
    lane.breaker.giveBack()
    log.error('alerter', 'a message could not be made', { error })
    return Promise.all(items.map(item => flights.fail(item, 'a fault of this program: see the log')))
  }

  // Without sending it. False: it is gone already.
  #end(item: Item, how: () => Promise<Landing>): boolean {
    if (!this.#begins(item, this.#parts.outbox.take(item.entry.id))) return false
    this.#track(async () => this.#land(item, await how()))
    return true
  }

  // As it was taken from the outbox. False: it is gone already.
  #begins(item: Item, taken: OutboxEntry | undefined): boolean {
    this.#placing.aside(item)
    if (taken === undefined) {
      this.#placing.leave(item)
      return false
    }
    item.entry = taken
    item.isFlying = true
    return true
  }

  #track(work: () => Promise<void>): void {
    const flight = work().finally(() => {
      this.#underWay.delete(flight)
      this.#run()
    })
    this.#underWay.add(flight)
  }

  #land(item: Item, landing: Landing): void {
    if (landing.kind === 'done') this.#placing.leave(item)
    if (landing.kind === 'again') this.#placing.putOff(item, landing.waitMs)
    this.#parts.early(item)
  }

  #wake(names: readonly string[]): void {
    const { items } = this.#parts.roster
    this.#followConfiguration()
    for (const name of names) {
      const [kind, id] = [name.slice(0, 4), name.slice(5)]
      const item = items.get(id)
      if (kind === 'lane') this.#traffic.wake(id)
      else if (item !== undefined && !item.isFlying) this.#placing.place(item)
    }
    this.#run()
  }
}
