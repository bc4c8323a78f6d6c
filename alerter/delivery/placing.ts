// Where does an entry that is not on its way belong? Asleep, behind an older one of its group, or in the lane of the way
// whose turn it is. Asked whenever something has changed for it. Called by loop.ts.
import type { Clock } from '#core/clock.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Alarm } from './alarm.ts'
import type { Budgets } from './budget.ts'
import { type Item, none } from './item.ts'
import { type Lane, waitingIn } from './lane.ts'
import type { Numbers } from './numbers.ts'
import { askAgain, isWaitedWith } from './refusal.ts'
import type { Roster } from './roster.ts'
import type { Traffic } from './traffic.ts'
import { turnOf } from './turn.ts'
import type { Ways } from './ways.ts'

type Parts = Readonly<{
  roster: Roster
  ways: Ways
  budgets: Budgets
  numbers: Numbers
  clock: Clock
  alarm: Alarm
  traffic: Traffic
  // No way is left for it.
  refuse(item: Item, reason: string): void
  // What the last run knew of it: who was told, and whose receipts were waited for.
  recall(item: Item): void
}>

// A clock that was set back leaves times far ahead; nothing is put off for longer.
const waitMaxMs = 3_600_000

export class Placing {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  // New, merged into, or put back.
  hear(entry: OutboxEntry): void {
    const { roster, clock, numbers } = this.#parts
    const waitMs = Math.min(Math.max(0, entry.notBeforeMs - clock.nowMs()), waitMaxMs)
    const known = roster.items.get(entry.id)
    if (known === undefined) {
      const item = roster.add(entry, this.#nowMs() + waitMs)
      this.#parts.recall(item)
      this.place(item)
      this.#placeOthers(item)
      return
    }
    const isMerged = known.entry.telling.id !== entry.telling.id
    const isUrgentNow = entry.telling.urgency === 'page' && known.entry.telling.urgency !== 'page'
    known.entry = entry
    if (isMerged) {
      numbers.merged('waiting', 1)
      known.hasNews = true
    }
    if (known.isFlying) return
    this.#takeNews(known)
    // Whoever is to be woken does not wait because something else was refused five times.
    if (isUrgentNow) known.dueMs = Math.min(known.dueMs, this.#nowMs())
    this.place(known)
  }

  // It says something else than what was sent.
  #takeNews(item: Item): void {
    if (!item.hasNews) return
    item.hasNews = false
    // Who refused what it said may take what it says now, and of several some wait for nothing.
    if (item.isRefused || item.isRecalled || item.out.length > 0 || item.entry.settled !== undefined)
      item.dueMs = Math.min(item.dueMs, this.#nowMs())
    item.isRefused = false
    item.tooMuchFor = undefined
    this.#forgive(item)
    // It is not that news any more for which the receipt is waited.
    if (item.told.length === 0) return
    item.awaits = []
    item.told = []
    item.passed = []
    item.way = undefined
    item.dueMs = this.#nowMs()
  }

  #forgive(item: Item): void {
    item.out = []
    item.refusals = none
    item.groupsMaxBy = none
  }

  // Where it belongs now: asleep, behind another one of its group, or in the lane of the way whose turn it is.
  place(item: Item): void {
    const { ways, budgets, roster } = this.#parts
    const nowMs = this.#nowMs()
    this.aside(item)
    if (!roster.isFirst(item)) return
    if (item.dueMs > nowMs) {
      this.#parts.alarm.set(`item ${item.entry.id}`, item.dueMs)
      return
    }
    // Its receipt did not come.
    item.awaits = []
    const { integration, telling } = item.entry
    const course = ways.course(integration, telling)
    const turn =
      course === undefined
        ? { none: 'the integration is not configured any more', waitMs: Number.POSITIVE_INFINITY }
        : turnOf(item, course, id => this.#parts.traffic.lane(id), { budgets, nowMs })
    if ('none' in turn) {
      const isPatient = turn.waitMs <= waitMaxMs && isWaitedWith(item.entry, this.#parts.clock.nowMs())
      if (isPatient) this.#sleep(item, Math.max(1_000, turn.waitMs))
      else this.#parts.refuse(item, turn.none)
      return
    }
    this.#parts.traffic.put(item, turn.lane)
    if (course === undefined || course.ways.length === 1) return
    const turnEndsMs = item.stepSinceMs + course.withinMs
    this.#parts.alarm.set(`item ${item.entry.id}`, turnEndsMs > nowMs ? turnEndsMs : nowMs + course.withinMs)
  }

  #sleep(item: Item, waitMs: number): void {
    const again = askAgain(item, this.#parts.clock.nowMs())
    item.dueMs = this.#nowMs() + (again?.isOwn === true ? Math.max(waitMs, again.waitMs) : waitMs)
    this.#parts.alarm.set(`item ${item.entry.id}`, item.dueMs)
  }

  // Another one of its group may be the first now, or not any more.
  #placeOthers(item: Item): void {
    for (const each of this.#parts.roster.othersOf(item)) if (!each.isFlying) this.place(each)
  }

  aside(item: Item): void {
    this.#parts.traffic.remove(item)
    this.#parts.alarm.delete(`item ${item.entry.id}`)
  }

  // Whether it is another one.
  followConfiguration(): boolean {
    const { ways, roster, budgets, traffic } = this.#parts
    if (!ways.refresh()) return false
    // They fill from now on.
    for (const { budgets: found } of ways.all()) budgets.left(found.flat(), this.#nowMs())
    traffic.renew(ways.all())
    for (const item of [...roster.items.values()]) {
      // What one refused another may take, and it may be another by now.
      this.#forgive(item)
      if (!item.isFlying) this.place(item)
    }
    return true
  }

  // It is tried again after so long.
  putOff(item: Item, waitMs: number): void {
    item.isFlying = false
    item.dueMs = this.#nowMs() + waitMs
    this.#takeNews(item)
    this.place(item)
    this.#placeOthers(item)
  }

  // It is told, or gone; the next of its group may follow.
  leave(item: Item): void {
    this.aside(item)
    const next = this.#parts.roster.remove(item)
    if (next !== undefined && !next.isFlying) this.place(next)
  }

  // The way does not work for now: those that have another one take that.
  sweep(lane: Lane): void {
    const nowMs = this.#nowMs()
    const openMs = lane.breaker.state().kind === 'open' ? lane.breaker.waitMs(nowMs) : 0
    const untilMs = Math.max(nowMs + openMs, lane.pausedUntilMs)
    const isSwept = nowMs < lane.sweptUntilMs
    lane.sweptUntilMs = untilMs
    // Each that was on its way says it again, and many may wait.
    if (untilMs <= nowMs || isSwept) return
    for (const item of waitingIn(lane)) this.place(item)
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }
}
