// Who is told of which alert when, and what holds it back: here, and only here. Alerts and times go in, an outcome comes
// out that is to be saved as one; no clock, no I/O, so that what was saved goes on exactly as if nothing had happened.
// What holds an alert back is in timeline/stages.ts, what a group says in timeline/flush.ts. Called by the alerter.
import { Breath } from '#core/breath.ts'
import { isResolved, type KnownAlert } from './alert.ts'
import type { AlertsSize } from './alert-size.ts'
import type { Integration } from './route.ts'
import { flush } from './timeline/flush.ts'
import { mergeAlerts } from './timeline/merge-alerts.ts'
import type { Outcome, Reason, SavedTimeline, Telling } from './timeline/outcome.ts'
import { openPlaces } from './timeline/places.ts'
import { recall } from './timeline/recall.ts'
import type { TimelineRules } from './timeline/rules.ts'
import { Seating } from './timeline/seating.ts'
import { bringForward, reportNotAhead } from './timeline/set-back.ts'
import { type Moment, momentOf } from './timeline/stage.ts'
import type { Group, Seat } from './timeline/state.ts'
import { holdOn, lastReportMs } from './timeline/unheard.ts'
import {
  type AlertView,
  alertView,
  alertViews,
  type GroupView,
  groupView,
  type SeatView,
  seatView,
} from './timeline/views.ts'

type TimelineOptions = Readonly<{
  rules: TimelineRules
  saved: SavedTimeline
  nowMs: number
  // Of an alert that ended long ago: somebody is still to be told of it, so it must not be forgotten.
  isNeeded?: (fingerprint: string) => boolean
}>

// So many alerts are looked at in one call, and the groups that they are in are decided as a whole. What is left is due
// still, so that whoever calls can let others have their turn, and save in pieces.
const lookedAtMax = 2_000
// A report that is as late as this was read by nobody when it came.
const unheardMs = 1_000

export class Timeline {
  readonly #seating = new Seating()
  #rules: TimelineRules
  #integrations: ReadonlyMap<string, Integration>
  readonly #isNeeded: (fingerprint: string) => boolean
  #nowMs: number

  constructor({ rules, saved, nowMs, isNeeded = () => false }: TimelineOptions) {
    this.#rules = rules
    this.#isNeeded = isNeeded
    this.#integrations = integrationsOf(rules)
    this.#nowMs = nowMs
    for (const _ of this.#begin(saved));
    this.#bringForward(nowMs)
  }

  // In breaths, for whoever only looks at it: times are as they were saved.
  static async opened(options: TimelineOptions): Promise<Timeline> {
    const breath = new Breath()
    const timeline = new Timeline({ ...options, saved: { alerts: [], groups: [], told: [] } })
    for (const _ of timeline.#begin(options.saved)) if (breath.isDue) await breath.taken()
    return timeline
  }

  *#begin(saved: SavedTimeline): Generator<void> {
    const { route, inhibitor } = this.#rules
    yield* this.#seating.restoring(saved)
    yield* this.#seating.rearranging(route, this.#nowMs)
    for (const { alert } of this.#seating.alerts.values()) {
      inhibitor.set(alert)
      yield
    }
  }

  // To be called before something new is judged, and every now and then: somebody may have set the clock back.
  // `unheardMs`: for so long until now nobody could report anything.
  turnTo(nowMs: number, unheardMs = 0): void {
    const wasMs = this.#nowMs
    this.#nowMs = nowMs
    if (nowMs < wasMs) this.#bringForward(wasMs)
    if (unheardMs > 0) this.unheardSince(nowMs - unheardMs)
  }

  // Left out: since the last report. To be called before anything is decided.
  unheardSince(sinceMs = lastReportMs(this.#seating)): void {
    for (const alert of holdOn(this.#seating, { sinceMs, nowMs: this.#nowMs }))
      this.#rules.inhibitor.set(alert)
  }

  // They began, changed or ended; of one fingerprint there may be several, in their order.
  take(alerts: readonly KnownAlert[], nowMs: number): void {
    this.seat(alerts, nowMs)
    this.#settle()
  }

  // The first part of it, where more of the same moment are to come: nothing is decided before all have their places.
  seat(alerts: readonly KnownAlert[], nowMs: number): void {
    this.turnTo(nowMs)
    const placesFor = openPlaces(this.#rules.route)
    for (const taken of alerts) {
      const before = this.#seating.alerts.get(taken.fingerprint)?.alert
      const alert = mergeAlerts(before, reportNotAhead(taken, nowMs), nowMs)
      if (alert === before) continue
      this.#rules.inhibitor.set(alert)
      const known = this.#seating.put(alert)
      if (!isEcho(before, alert, nowMs))
        this.#seating.sit(known, placesFor(alert.labels), { nowMs, sinceMs: heardMs(alert, nowMs) })
      this.#seating.settled(known)
    }
  }

  // Alerts go where the new rules send them, and what was told stays told. As with Alertmanager, another tree begins
  // every group anew: at once, or after its `group_wait`. Nothing comes later than it would have. Other silences wait
  // for the flush that comes anyway.
  reload(rules: TimelineRules, nowMs: number): void {
    const { route, inhibitor } = this.#rules
    this.turnTo(nowMs)
    this.#rules = rules
    this.#integrations = integrationsOf(rules)
    if (rules.inhibitor !== inhibitor) {
      for (const { alert } of this.#seating.alerts.values()) rules.inhibitor.set(alert)
    }
    if (rules.route !== route) {
      this.#seating.rearrange(rules.route, nowMs)
      this.#seating.beginAnew(nowMs)
    }
    this.#settle()
  }

  // Infinite when there is nothing to wait for.
  nextDueMs(): number {
    return Math.min(this.#seating.dues.nextMs, this.#seating.forgets.nextMs)
  }

  // However many flushes were missed, each group is flushed once. To be called until nothing is due.
  advanceTo(nowMs: number): void {
    this.turnTo(nowMs)
    this.#settle()
  }

  // What a silence holds by now of a message that is about to leave: it is not told by this one.
  recall(telling: Telling, { nowMs, wasTried }: Readonly<{ nowMs: number; wasTried: boolean }>) {
    const { alerts, groups, changes } = this.#seating
    const group = groups.get(telling.group)
    const silencedBy = ({ labels }: KnownAlert) => this.#rules.silencedBy(labels, nowMs)
    const { left, held, told } = recall({ telling, wasTried, group, alerts, silencedBy })
    // The last flush may have found it already.
    for (const [seat, reason] of held) if (seat.held === null) this.#hold(seat, reason, nowMs)
    if (group === undefined || told === undefined) return left
    group.told.set(telling.integration, told)
    changes.told(group)
    return left
  }

  // What has changed since the last one was taken.
  takeOutcome(): Outcome | undefined {
    return this.#seating.changes.take(this.#seating)
  }

  // Those that go on.
  alerts(nowMs: number): Iterable<AlertView> {
    return alertViews(this.#seating.alerts.values(), momentOf(this.#rules, nowMs))
  }

  known(fingerprint: string): KnownAlert | undefined {
    return this.#seating.alerts.get(fingerprint)?.alert
  }

  alert(fingerprint: string, nowMs: number): AlertView | undefined {
    const known = this.#seating.alerts.get(fingerprint)
    return known && alertView(known, momentOf(this.#rules, nowMs))
  }

  *groups(nowMs: number): Generator<GroupView> {
    const moment = momentOf(this.#rules, nowMs)
    for (const group of this.#seating.groups.values()) yield groupView(group, moment)
  }

  // Where an alert stands in each of its groups: waiting, held and by what, told to whom.
  seats(fingerprint: string): SeatView[] {
    return (this.#seating.alerts.get(fingerprint)?.seats ?? []).map(seat => seatView(seat))
  }

  get size(): AlertsSize & Readonly<{ groups: number }> {
    const { alerts, groups, characters } = this.#seating
    return { alerts: alerts.size, characters, groups: groups.size }
  }

  #bringForward(wasMs: number): void {
    for (const alert of bringForward(this.#seating, { wasMs, nowMs: this.#nowMs }))
      this.#rules.inhibitor.set(alert)
  }

  #settle(): void {
    // First: what is told below is needed still.
    const forgotten = this.#seating.forget(this.#nowMs, { most: lookedAtMax, isNeeded: this.#isNeeded })
    for (const fingerprint of forgotten) this.#rules.inhibitor.delete(fingerprint)
    const moment = momentOf(this.#rules, this.#nowMs)
    let lookedAt = 0
    while (lookedAt < lookedAtMax) {
      const group = this.#seating.takeDue(this.#nowMs)
      if (group === undefined) break
      lookedAt += group.seats.size
      this.#flush(group, moment)
    }
  }

  #flush(group: Group, moment: Moment): void {
    const { changes } = this.#seating
    const { nowMs } = moment
    // A timer that is a little late does not shift the flushes after it; an outage does, as Alertmanager's own do.
    const tickMs = nowMs - group.dueMs < group.intervalMs ? group.dueMs : nowMs
    const { tellings, told, held, left } = flush({ group, moment, tickMs, integrations: this.#integrations })
    group.flushedAtMs = nowMs
    this.#seating.due(group, Math.max(tickMs + group.intervalMs, nowMs + 1))
    for (const telling of tellings) changes.telling(telling)
    for (const [integration, is] of told) {
      group.told.set(integration, is)
      changes.told(group)
    }
    for (const [seat, reason] of held) this.#hold(seat, reason, nowMs)
    for (const seat of left) this.#seating.leave(seat)
  }

  #hold(seat: Seat, reason: Reason | null, nowMs: number): void {
    const { changes } = this.#seating
    const { fingerprint } = seat.known.alert
    seat.held = reason
    changes.held({ group: seat.group.id, fingerprint, atMs: nowMs, reason })
    changes.alert(fingerprint)
  }
}

const integrationsOf = ({ receivers }: TimelineRules): ReadonlyMap<string, Integration> =>
  new Map(
    receivers.values().flatMap(({ integrations }) => integrations.map(each => [each.id, each] as const)),
  )

// When somebody would have heard of it. Of what was reported while nobody listened nobody knows how late that was.
const heardMs = ({ startsAtMs, updatedAtMs }: KnownAlert, nowMs: number): number =>
  nowMs - updatedAtMs < unheardMs ? updatedAtMs : Math.min(startsAtMs, updatedAtMs)

// The end of an alert is reported again and again, and was settled at the first time.
function isEcho(before: KnownAlert | undefined, alert: KnownAlert, nowMs: number): boolean {
  if (before === undefined || !isResolved(before, nowMs) || !isResolved(alert, nowMs)) return false
  return alert.startsAtMs <= before.endsAtMs!
}
