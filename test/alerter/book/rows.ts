// Rows as the alerter makes them, for the tests of the book and of the outbox.
import { annotationsIn, fingerprint, labelsOf } from '#core/labels.ts'
import type { KnownAlert } from '../../../alerter/alert.ts'
import type { Fact } from '../../../alerter/fact.ts'
import type { OutboxEntry } from '../../../alerter/outbox-entry.ts'
import type { GroupRow, Outcome, Telling } from '../../../alerter/timeline/outcome.ts'

export const nothingCame: Outcome = {
  goneAlerts: [],
  goneGroups: [],
  alerts: [],
  groups: [],
  told: [],
  tellings: [],
  held: [],
  ended: [],
}

export function knownOf(host: string, rest: Partial<KnownAlert> = {}): KnownAlert {
  const labels = labelsOf([
    ['alertname', 'Hot'],
    ['host', host],
  ])
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: annotationsIn({ description: '', summary: 'too hot' }),
    startsAtMs: 1_000,
    endsAtMs: null,
    isEndAssumed: false,
    stale: false,
    value: '97',
    generatorUrl: '',
    updatedAtMs: 1_000,
    ...rest,
  }
}

export const groupId = (name: string): string => `hook\n{}:{rack="${name}"}`

export const groupOf = (name: string, rest: Partial<GroupRow> = {}): GroupRow => ({
  id: groupId(name),
  groupKey: `{}:{rack="${name}"}`,
  receiver: 'hook',
  labels: labelsOf([['rack', name]]),
  dueMs: 2_000,
  intervalMs: 300_000,
  flushedAtMs: null,
  ...rest,
})

export const tellingOf = (id: string, rest: Partial<Telling> = {}): Telling => ({
  id,
  group: groupId('1'),
  integration: 'hook/webhook/0',
  atMs: 1_000,
  reason: 'first',
  urgency: 'normal',
  firing: [],
  resolved: [],
  begun: [],
  ...rest,
})

export function entryOf(id: string, rest: Partial<OutboxEntry> = {}): OutboxEntry {
  const telling = tellingOf(id)
  const { group, integration } = telling
  const of = { id, group, groupKey: '{}:{rack="1"}', receiver: 'hook', integration, telling }
  return { ...of, incident: 1, sinceMs: 1_000, tries: 0, notBeforeMs: 0, ...rest }
}

export const factOf = (id: string, rest: Partial<Fact> = {}): Fact => ({
  id,
  kind: 'fired',
  atMs: 1_000,
  incident: null,
  group: null,
  fingerprint: null,
  who: 'test',
  details: null,
  ...rest,
})
