// What is to be written in one go: the last state of each row, and the facts. Pages can be laid on each other, so that
// what cannot be saved for a while takes no more place than there are rows. Filled by the desk, saved by the scribe.
import type { Labels } from '#core/model.ts'
import type { Row } from '#core/state/in-sizes.ts'
import type { Fact } from '../fact.ts'
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

export type Incident = Readonly<{
  number: number
  group: string
  // Of the group.
  labels: Labels
  openedAtMs: number
  closedAtMs: number | null
}>

export class Page {
  readonly alerts: Rows = new Map()
  readonly groups: Rows = new Map()
  // Groups of which nothing is told any more, whatever is told below.
  readonly wiped = new Set<string>()
  readonly told = new Map<string, Map<string, Row>>()
  readonly entries: Rows = new Map()
  readonly incidents = new Map<number, Row>()
  // Once written they never change.
  readonly members = new Map<string, Row>()
  readonly facts = new Map<string, Row>()

  get size(): number {
    const { alerts, groups, wiped, told, entries, incidents, members, facts } = this
    return [alerts, groups, wiped, told, entries, incidents, members, facts].reduce(
      (sum, { size }) => sum + size,
      0,
    )
  }

  outcome({ goneAlerts, goneGroups, alerts, groups, told }: Outcome): void {
    for (const each of goneAlerts) this.alerts.set(each, null)
    for (const each of goneGroups) this.#wipe(digest(each))
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
    const key = `${incident} ${fingerprint}`
    if (!this.members.has(key)) this.members.set(key, [incident, fingerprint, sinceMs])
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
    for (const name of ['members', 'facts'] as const)
      for (const [key, row] of later[name]) if (!this[name].has(key)) this[name].set(key, row)
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
