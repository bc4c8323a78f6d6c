// Which alerts are known, which groups there are, and who sits where. Alerts sit down when they begin, get up when their
// end is settled, and are forgotten a while later. Called by timeline.ts; every change is noted for the next outcome.
import { isResolved, type KnownAlert } from '../alert.ts'
import { charactersOf } from '../alert-size.ts'
import type { Route } from '../route.ts'
import { Changes } from './changes.ts'
import { Dues } from './dues.ts'
import type { SavedTimeline } from './outcome.ts'
import { openPlaces, type Place } from './places.ts'
import { Rush, rushMostMs } from './rush.ts'
import { isTold, wasMissed } from './sight.ts'
import type { Group, Known, Seat } from './state.ts'
import { collects, firstDueMs, urgentDueMs } from './waits.ts'

// Prometheus repeats an end for fifteen minutes; until well after that it must be known as an old one.
const endedKeptMs = 30 * 60_000
// So that a thousand are forgotten at once, and not one by one.
const forgetEveryMs = 60_000

type Coming = Readonly<{ nowMs: number; sinceMs: number }>
type Forgetting = Readonly<{ most: number; isNeeded: (fingerprint: string) => boolean }>

export class Seating {
  readonly alerts = new Map<string, Known>()
  readonly groups = new Map<string, Group>()
  readonly changes = new Changes()
  readonly dues = new Dues()
  readonly forgets = new Dues()
  readonly #rush = new Rush()
  // Of all alerts.
  characters = 0

  put(alert: KnownAlert): Known {
    const before = this.alerts.get(alert.fingerprint)
    const known = before ?? { alert, seats: [] }
    // It ended before this report, and no flush has seen it.
    if (known.seats.length > 0 && isResolved(known.alert, alert.updatedAtMs)) this.changes.ended(known)
    this.characters += charactersOf(alert) - (before === undefined ? 0 : charactersOf(before.alert))
    known.alert = alert
    this.alerts.set(alert.fingerprint, known)
    this.changes.alert(alert.fingerprint)
    return known
  }

  // To be called when it has sat down, or does not.
  settled(known: Known): void {
    if (known.seats.length === 0) this.#plan(known)
  }

  // `sinceMs`: when it would have sat down, had somebody been there.
  sit(known: Known, places: readonly Place[], { nowMs, sinceMs }: Coming): void {
    for (const place of places) {
      const group = this.groups.get(place.id) ?? this.#open(place, known.alert, sinceMs)
      if (known.seats.some(seat => seat.group === group)) continue
      this.due(group, Math.min(group.dueMs, urgentDueMs(group, known.alert, sinceMs)))
      const seat = { known, group, held: null, isMoved: false }
      // What is pushed to takes room for sixteen more.
      known.seats = known.seats.length === 0 ? [seat] : [...known.seats, seat]
      group.seats.add(seat)
      this.#rush.add(nowMs)
      this.changes.alert(known.alert.fingerprint)
    }
    if (known.seats.length > 0) this.forgets.delete(known.alert.fingerprint)
  }

  leave(seat: Seat, isOver = true): void {
    const { known, group } = seat
    if (isOver) this.changes.ended(known)
    group.seats.delete(seat)
    known.seats.splice(known.seats.indexOf(seat), 1)
    this.changes.alert(known.alert.fingerprint)
    if (group.seats.size === 0) this.#close(group)
    if (known.seats.length === 0) this.#plan(known)
  }

  // Another tree of routes. Who was told of an alert in a group that it does not belong to any more must be told of its
  // end, so there it stays; elsewhere it goes where it belongs.
  rearrange(root: Route, nowMs: number): void {
    for (const _ of this.rearranging(root, nowMs));
  }

  // The same in steps.
  *rearranging(root: Route, nowMs: number): Generator<void> {
    const placesFor = openPlaces(root)
    for (const group of this.groups.values()) group.routes = []
    // What has no seat is over.
    for (const known of this.alerts.values()) {
      if (known.seats.length > 0) this.#move(known, placesFor(known.alert.labels), nowMs)
      yield
    }
    for (const group of this.groups.values()) if (group.seats.size === 0) this.#close(group)
  }

  // Every group as if its alerts had just come, but no later than it was due before.
  beginAnew(nowMs: number): void {
    for (const group of this.groups.values()) {
      let dueMs = group.dueMs
      for (const { known } of group.seats) dueMs = Math.min(dueMs, firstDueMs(group, known.alert, nowMs))
      this.due(group, dueMs)
    }
  }

  due(group: Group, dueMs: number): void {
    if (group.dueMs !== dueMs) this.changes.group(group.id)
    group.dueMs = dueMs
    this.dues.set(group.id, dueMs)
  }

  // The first group that is due by then and does not wait on; it is not due any more.
  takeDue(nowMs: number): Group | undefined {
    for (let id = this.dues.take(nowMs); id !== undefined; id = this.dues.take(nowMs)) {
      const group = this.groups.get(id)!
      group.waitsSinceMs ??= nowMs
      const untilMs = Math.min(this.#rush.untilMs, group.waitsSinceMs + rushMostMs)
      if (untilMs <= nowMs || !collects(group)) return group
      this.dues.set(id, untilMs)
    }
    return undefined
  }

  // The fingerprints of those that are forgotten now. What is needed is looked at again a minute later.
  forget(nowMs: number, { most, isNeeded }: Forgetting): string[] {
    const forgotten: string[] = []
    for (let looked = 0; looked < most; looked++) {
      const name = this.forgets.take(nowMs)
      if (name === undefined) break
      if (isNeeded(name)) {
        this.forgets.set(name, (Math.floor(nowMs / forgetEveryMs) + 1) * forgetEveryMs)
        continue
      }
      this.characters -= charactersOf(this.alerts.get(name)!.alert)
      this.alerts.delete(name)
      this.changes.goneAlert(name)
      forgotten.push(name)
    }
    return forgotten
  }

  // In steps. The routes are rearrange()'s to find.
  *restoring({ alerts, groups, told }: SavedTimeline): Generator<void> {
    for (const row of groups) {
      this.groups.set(row.id, { ...row, waitsSinceMs: null, routes: [], seats: new Set(), told: new Map() })
      this.dues.set(row.id, row.dueMs)
    }
    for (const { group, integration, atMs, firing } of told) {
      this.groups.get(group)?.told.set(integration, { atMs, firing: new Map(firing) })
    }
    for (const { alert, seats } of alerts) {
      const known: Known = { alert, seats: [] }
      this.alerts.set(alert.fingerprint, known)
      this.characters += charactersOf(alert)
      for (const { group: id, held } of seats) {
        const group = this.groups.get(id)
        if (group === undefined)
          throw new Error(`alert ${alert.fingerprint} sits in ${id}, which is no group`)
        const seat = { known, group, held, isMoved: false }
        known.seats.push(seat)
        group.seats.add(seat)
      }
      if (known.seats.length === 0) this.#plan(known)
      yield
    }
  }

  #open(place: Place, alert: KnownAlert, sinceMs: number): Group {
    const group: Group = {
      ...place,
      intervalMs: place.routes[0]!.groupIntervalMs,
      dueMs: Number.POSITIVE_INFINITY,
      waitsSinceMs: null,
      flushedAtMs: null,
      seats: new Set(),
      told: new Map(),
    }
    this.groups.set(group.id, group)
    this.due(group, firstDueMs(group, alert, sinceMs))
    return group
  }

  #close(group: Group): void {
    this.groups.delete(group.id)
    this.dues.delete(group.id)
    this.changes.goneGroup(group)
  }

  #move(known: Known, places: readonly Place[], nowMs: number): void {
    const { alert } = known
    const isOver = isResolved(alert, nowMs)
    let isToBeTold = !isOver
    // Elsewhere it is told no later than here.
    let sinceMs = nowMs
    const dismissed: Seat[] = []
    for (const seat of known.seats) {
      const { group } = seat
      const place = places.find(each => each.id === group.id)
      seat.isMoved = place === undefined
      if (place !== undefined) this.#route(group, place)
      if (place !== undefined || isTold(group, seat)) continue
      dismissed.push(seat)
      sinceMs = Math.min(sinceMs, group.dueMs)
      if (isOver && seat.held === null && wasMissed(seat)) isToBeTold = true
    }
    for (const seat of dismissed) this.#dismiss(seat, !isToBeTold, nowMs)
    if (!isToBeTold) return
    this.sit(known, places, { nowMs, sinceMs })
    // Of one that was missed its new group must know that it was to speak by then.
    if (isOver) for (const { group } of known.seats) this.due(group, Math.min(group.dueMs, sinceMs))
  }

  #dismiss(seat: Seat, isOver: boolean, nowMs: number): void {
    const { known, group, held } = seat
    const fact = { group: group.id, fingerprint: known.alert.fingerprint, atMs: nowMs }
    if (isOver && held === null) this.changes.held({ ...fact, reason: { kind: 'brief', by: [] } })
    this.leave(seat, isOver)
  }

  #route(group: Group, { routes }: Place): void {
    const intervalMs = routes[0]!.groupIntervalMs
    if (group.intervalMs !== intervalMs) this.changes.group(group.id)
    group.routes = routes
    group.intervalMs = intervalMs
  }

  #plan({ alert }: Known): void {
    const { fingerprint, endsAtMs } = alert
    if (endsAtMs === null) this.forgets.delete(fingerprint)
    else this.forgets.set(fingerprint, Math.ceil((endsAtMs + endedKeptMs) / forgetEveryMs) * forgetEveryMs)
  }
}
