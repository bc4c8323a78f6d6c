// What is to be written in one go: the last state of each row, and the facts. Filled by the desk, saved by the scribe, which
// writes several one after the other where they wait together.
import type { Row } from '#core/state/in-sizes.ts'
import type { Fact } from '../fact.ts'
import type { Incident } from '../incidents.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Outcome } from '../timeline/outcome.ts'
import {
  alertRecord,
  digest,
  entryRecord,
  factRecord,
  groupRecord,
  incidentRecord,
  toldRecord,
} from './records.ts'

// By key; null where there is to be none.
type Rows = Map<string, Row | null>

export class Page {
  readonly alerts: Rows = new Map()
  readonly groups: Rows = new Map()
  // Groups of which nothing is told any more, whatever is told below.
  readonly wiped = new Set<string>()
  readonly told = new Map<string, Map<string, Row>>()
  readonly entries: Rows = new Map()
  readonly incidents = new Map<number, Row>()
  // Once written they never change.
  readonly members = new Map<number, Map<string, Row>>()
  readonly facts = new Map<string, Row>()
  // By partition, where reading goes on.
  readonly places: Map<number, number>

  constructor(places: ReadonlyMap<number, number> = new Map()) {
    this.places = new Map(places)
  }

  get size(): number {
    const { alerts, groups, wiped, told, entries, incidents, facts, places } = this
    let sum = 0
    for (const each of [alerts, groups, wiped, told, entries, incidents, facts, places]) sum += each.size
    for (const rows of this.members.values()) sum += rows.size
    return sum
  }

  outcome({ goneAlerts, goneGroups, alerts, groups, told }: Outcome): void {
    for (const each of goneAlerts) this.alerts.set(each, null)
    for (const { id } of goneGroups) this.#wipe(digest(id))
    for (const each of alerts) this.alerts.set(each.alert.fingerprint, alertRecord(each))
    for (const each of groups) this.groups.set(digest(each.id), groupRecord(each))
    for (const each of told) this.#tell(toldRecord(each))
  }

  entry(id: string, entry: OutboxEntry | null): void {
    this.entries.set(id, entry === null ? null : entryRecord(entry))
  }

  incident(incident: Incident): void {
    this.incidents.set(incident.number, incidentRecord(incident))
  }

  member(incident: number, fingerprint: string, sinceMs: number): void {
    const rows = this.members.get(incident) ?? new Map<string, Row>()
    this.members.set(incident, rows)
    if (!rows.has(fingerprint)) rows.set(fingerprint, [incident, fingerprint, sinceMs])
  }

  fact(fact: Fact, seq: number): void {
    if (!this.facts.has(fact.id)) this.facts.set(fact.id, factRecord(fact, seq))
  }

  // As if `later` were written after this one.
  absorb(later: Page): void {
    for (const each of later.wiped) this.#wipe(each)
    for (const name of ['alerts', 'groups', 'entries'] as const)
      for (const [key, row] of later[name]) this[name].set(key, row)
    for (const rows of later.told.values()) for (const row of rows.values()) this.#tell(row)
    for (const [number, row] of later.incidents) this.incidents.set(number, row)
    for (const [partition, next] of later.places) this.places.set(partition, next)
    for (const [incident, rows] of later.members)
      for (const [fingerprint, row] of rows) this.member(incident, fingerprint, row[2] as number)
    for (const [key, row] of later.facts) if (!this.facts.has(key)) this.facts.set(key, row)
  }

  #wipe(group: string): void {
    this.groups.set(group, null)
    this.told.delete(group)
    this.wiped.add(group)
  }

  #tell(row: Row): void {
    const [group, integration] = row as readonly [string, string, string]
    const rows = this.told.get(group) ?? new Map<string, Row>()
    this.told.set(group, rows.set(integration, row))
  }
}
