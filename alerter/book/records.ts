// The nouns of the alerter as the state keeps them: rows, whose JSON can be read by people. Called by page.ts to write
// and by load.ts to read.
import { hash } from 'node:crypto'
import { annotationsIn, labelsOf } from '#core/labels.ts'
import { madeOnce } from '#core/made-once.ts'
import type { Labels } from '#core/model.ts'
import type { Row } from '#core/state/in-sizes.ts'
import { readSaved, type Wanted } from '#core/state/saved-json.ts'
import type { Tables } from '#core/state/tables.ts'
import type { Fact, FactKind, Json } from '../fact.ts'
import type { Incident } from '../incidents.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { AlertRow, GroupRow, ToldRow } from '../timeline/outcome.ts'

// Rows of a group come together, and facts of a storm are of few groups.
const groupsMax = 1_000

// Ids of groups are as long as their labels, which is too much for an index of PostgreSQL.
export const digest = madeOnce(groupsMax, (id: string) => hash('sha256', id, 'base64url').slice(0, 22))

export const alertRecord = (row: AlertRow): Row => [row.alert.fingerprint, JSON.stringify(row)]

export const groupRecord = (row: GroupRow): Row => [digest(row.id), JSON.stringify(row)]

export const toldRecord = (row: ToldRow): Row => [digest(row.group), row.integration, JSON.stringify(row)]

export const entryRecord = (entry: OutboxEntry): Row => [entry.id, JSON.stringify(entry)]

export const incidentRecord = ({ number, group, labels, openedAtMs, closedAtMs }: Incident): Row => [
  number,
  JSON.stringify(group),
  JSON.stringify(labels),
  openedAtMs,
  closedAtMs,
]

const textOf = madeOnce(groupsMax, (group: string) => JSON.stringify(group))

export const factRecord = (fact: Fact, seq: number): Row => {
  const { id, kind, atMs, incident, group, fingerprint, who, details } = fact
  const groupId = group === null ? null : textOf(group)
  return [id, seq, kind, atMs, incident, groupId, fingerprint, who, JSON.stringify(details)]
}

const read = <T>(record: string, wanted: Omit<Wanted<T>, 'isWhole'>, key: keyof T): T =>
  readSaved<T>(record, { ...wanted, isWhole: found => found[key] !== undefined })

const ownLabels = (labels: Labels): Labels => labelsOf(Object.entries(labels))

export function readAlert({ fingerprint, record }: Tables['alerter_alerts']): AlertRow {
  const at = { at: `alerter_alerts (${fingerprint})`, wanted: 'an alert' }
  const { alert, seats } = read<AlertRow>(record, at, 'alert')
  const { labels, annotations } = alert
  return { alert: { ...alert, labels: ownLabels(labels), annotations: annotationsIn(annotations) }, seats }
}

export function readGroup({ id, record }: Tables['alerter_groups']): GroupRow {
  const at = { at: `alerter_groups (${id})`, wanted: 'a group' }
  const group = read<GroupRow>(record, at, 'groupKey')
  return { ...group, labels: ownLabels(group.labels) }
}

export const readTold = ({ group_id: group, integration, record }: Tables['alerter_told']): ToldRow =>
  read<ToldRow>(record, { at: `alerter_told (${group}, ${integration})`, wanted: 'what was told' }, 'firing')

export const readEntry = ({ id, record }: Tables['alerter_outbox']): OutboxEntry =>
  read<OutboxEntry>(record, { at: `alerter_outbox (${id})`, wanted: 'what is to be told' }, 'telling')

export function readIncident(row: Tables['alerter_incidents']): Incident {
  const { number, group_id: group, labels, opened_at_ms: openedAtMs, closed_at_ms: closedAtMs } = row
  const of = { group: JSON.parse(group) as string, labels: ownLabels(JSON.parse(labels) as Labels) }
  return { number, ...of, openedAtMs, closedAtMs }
}

export function readFact(row: Tables['alerter_facts']): Fact {
  const { id, kind, at_ms: atMs, incident, group_id: group, fingerprint, who, details } = row
  return {
    id,
    kind: kind as FactKind,
    atMs,
    incident,
    group: group === null ? null : (JSON.parse(group) as string),
    fingerprint,
    who,
    details: JSON.parse(details) as Json,
  }
}
