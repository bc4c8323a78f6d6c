// What has changed since the last outcome was taken: names of rows, which are read when they are asked for, so that a
// hundred changes of one row are one. Called by seating.ts and timeline.ts.
import { isEndByTime } from '../alert.ts'
import type { AlertRow, Ended, GroupRow, Held, Outcome, Telling, ToldRow } from './outcome.ts'
import type { Group, Known } from './state.ts'

export type Holdings = Readonly<{ alerts: ReadonlyMap<string, Known>; groups: ReadonlyMap<string, Group> }>

export class Changes {
  readonly #alerts = new Set<string>()
  readonly #groups = new Set<string>()
  readonly #goneAlerts = new Set<string>()
  readonly #goneGroups = new Map<string, Group>()
  readonly #told = new Set<Group>()
  #tellings: Telling[] = []
  #held: Held[] = []
  // By alert and time: one who leaves several groups has ended once.
  readonly #ended = new Map<string, Ended>()

  alert(fingerprint: string): void {
    this.#alerts.add(fingerprint)
  }

  goneAlert(fingerprint: string): void {
    this.#alerts.delete(fingerprint)
    this.#goneAlerts.add(fingerprint)
  }

  group(id: string): void {
    this.#groups.add(id)
  }

  goneGroup(group: Group): void {
    this.#groups.delete(group.id)
    this.#told.delete(group)
    this.#goneGroups.set(group.id, group)
  }

  told(group: Group): void {
    this.#told.add(group)
  }

  telling(telling: Telling): void {
    this.#tellings.push(telling)
  }

  held(held: Held): void {
    this.#held.push(held)
  }

  // An end that was reported is known already.
  ended({ alert, seats }: Known): void {
    if (!isEndByTime(alert)) return
    const key = `${alert.fingerprint} ${alert.endsAtMs}`
    if (!this.#ended.has(key))
      this.#ended.set(key, { alert, group: seats.length === 1 ? seats[0]!.group.id : null })
  }

  take({ alerts, groups }: Holdings): Outcome | undefined {
    const outcome: Outcome = {
      goneAlerts: [...this.#goneAlerts],
      goneGroups: Array.from(this.#goneGroups.values(), ({ id, labels }) => ({ id, labels })),
      alerts: Array.from(this.#alerts, name => alertRow(alerts.get(name)!)),
      groups: Array.from(this.#groups, id => groupRow(groups.get(id)!)),
      told: [...this.#told].flatMap(toldRows),
      tellings: this.#tellings,
      held: this.#held,
      ended: [...this.#ended.values()],
    }
    for (const each of [this.#alerts, this.#groups, this.#goneAlerts, this.#goneGroups, this.#told])
      each.clear()
    this.#tellings = []
    this.#held = []
    this.#ended.clear()
    return Object.values(outcome).every(rows => rows.length === 0) ? undefined : outcome
  }
}

function alertRow({ alert, seats }: Known): AlertRow {
  return { alert, seats: seats.map(({ group, held }) => ({ group: group.id, held })) }
}

function groupRow({ id, groupKey, receiver, labels, dueMs, intervalMs, flushedAtMs }: Group): GroupRow {
  return { id, groupKey, receiver, labels, dueMs, intervalMs, flushedAtMs }
}

function toldRows({ id, told }: Group): ToldRow[] {
  return Array.from(told, ([integration, { atMs, firing }]) => {
    return { group: id, integration, atMs, firing: [...firing] }
  })
}
