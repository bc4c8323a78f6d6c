// How the tables of the state came to be, in order. Both engines run what is missing, in one transaction, when
// they open. What was once released is never edited: a change is a new entry at the end.
import { type Kysely, sql } from 'kysely'

export type Migration = Readonly<{ name: string; up: (db: Kysely<unknown>) => Promise<void> }>

export const migrations: readonly Migration[] = [
  { name: '0001-access', up: access },
  { name: '0002-leases', up: leases },
  { name: '0003-notes', up: notes },
  { name: '0004-rules', up: rules },
  { name: '0005-standings', up: standings },
  { name: '0006-alerter', up: alerter },
  { name: '0007-silences', up: silences },
  { name: '0008-alerter-places', up: alerterPlaces },
  { name: '0009-heartbeats', up: heartbeats },
  { name: '0010-web-push', up: webPush },
  { name: '0011-capacity-history', up: capacityHistory },
  { name: '0012-capacity-requests', up: capacityRequests },
  { name: '0013-capacity-advice', up: capacityAdvice },
  { name: '0014-acknowledged', up: acknowledged },
  { name: '0015-capacity-versions', up: capacityVersions },
  { name: '0016-capacity-reports', up: capacityReports },
  { name: '0017-capacity-due', up: capacityDue },
  // No tables: an older version would not know what lies ahead of them (sqlite-ahead.js), and must not start.
  { name: '0018-ahead', up: async () => {} },
]

async function access(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('name', 'text', column => column.notNull().unique())
    .addColumn('password_hash', 'text', column => column.notNull())
    .addColumn('scopes', 'text', column => column.notNull())
    .addColumn('created_at_ms', 'bigint', column => column.notNull())
    .addColumn('disabled_at_ms', 'bigint')
    .execute()
  await db.schema
    .createTable('sessions')
    .addColumn('id_hash', 'text', column => column.primaryKey())
    .addColumn('user_id', 'text', column => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at_ms', 'bigint', column => column.notNull())
    .addColumn('expires_at_ms', 'bigint', column => column.notNull())
    .addColumn('last_seen_at_ms', 'bigint', column => column.notNull())
    .addColumn('agent', 'text', column => column.notNull())
    .addColumn('remote', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute()
  await db.schema.createIndex('sessions_by_expiry').on('sessions').column('expires_at_ms').execute()
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull().unique())
    .addColumn('scopes', 'text', column => column.notNull())
    .addColumn('created_at_ms', 'bigint', column => column.notNull())
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('revoked_at_ms', 'bigint')
    .addColumn('last_used_at_ms', 'bigint')
    .addColumn('created_by', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createTable('invitations')
    .addColumn('hash', 'text', column => column.primaryKey())
    .addColumn('scopes', 'text', column => column.notNull())
    .addColumn('created_at_ms', 'bigint', column => column.notNull())
    .addColumn('expires_at_ms', 'bigint', column => column.notNull())
    .execute()
  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('at_ms', 'bigint', column => column.notNull())
    .addColumn('who', 'text', column => column.notNull())
    .addColumn('what', 'text', column => column.notNull())
    .addColumn('details', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('audit_by_time').on('audit').column('at_ms').execute()
}

async function leases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('leases')
    .addColumn('name', 'text', column => column.primaryKey())
    .addColumn('owner', 'text', column => column.notNull())
    .addColumn('epoch', 'bigint', column => column.notNull())
    .addColumn('beat', 'bigint', column => column.notNull())
    // Broken on purpose, to undo the write of somebody who is no longer the owner; the error shows the name.
    .addCheckConstraint('lease_lost', sql`epoch > 0`)
    .execute()
}

async function notes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('note_series')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('series', 'text', column => column.notNull())
    .addColumn('seen_at_ms', 'bigint', column => column.notNull())
    .execute()
  await db.schema.createIndex('note_series_by_seen').on('note_series').column('seen_at_ms').execute()
  await db.schema
    .createTable('notes')
    .addColumn('series_id', 'text', column => column.notNull())
    .addColumn('at_ms', 'bigint', column => column.notNull())
    .addColumn('digest', 'text', column => column.notNull())
    .addColumn('text', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('notes_once', ['series_id', 'at_ms', 'digest'])
    .execute()
  await db.schema.createIndex('notes_by_time').on('notes').column('at_ms').execute()
}

async function rules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rule_alerts')
    .addColumn('part', 'text', column => column.notNull())
    .addColumn('rule', 'text', column => column.notNull())
    .addColumn('fingerprint', 'text', column => column.notNull())
    .addColumn('alert', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('rule_alerts_once', ['part', 'rule', 'fingerprint'])
    .execute()
  await db.schema
    .createTable('rule_places')
    .addColumn('part', 'text', column => column.notNull())
    .addColumn('partition', 'integer', column => column.notNull())
    .addColumn('next', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('rule_places_once', ['part', 'partition'])
    .execute()
  await db.schema
    .createTable('alert_outbox')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('part', 'text', column => column.notNull())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addColumn('record', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('alert_outbox_in_order').on('alert_outbox').columns(['part', 'seq']).execute()
}

async function standings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('rule_places')
    .addColumn('at_ms', 'bigint', column => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('rule_groups')
    .addColumn('digest', 'text', column => column.primaryKey())
    .addColumn('definition', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createTable('rule_standings')
    .addColumn('process', 'text', column => column.notNull())
    .addColumn('place', 'integer', column => column.notNull())
    .addColumn('digest', 'text', column => column.notNull())
    .addColumn('since_ms', 'bigint', column => column.notNull())
    .addColumn('at_ms', 'bigint', column => column.notNull())
    .addColumn('numbers', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('rule_standings_once', ['process', 'place'])
    .execute()
}

async function alerter(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alerter_facts')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('at_ms', 'bigint', column => column.notNull())
    .addColumn('incident', 'bigint')
    .addColumn('group_id', 'text')
    .addColumn('fingerprint', 'text')
    .addColumn('who', 'text', column => column.notNull())
    .addColumn('details', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('alerter_facts_by_time').on('alerter_facts').columns(['at_ms', 'seq']).execute()
  for (const name of ['incident', 'fingerprint'] as const)
    await db.schema
      .createIndex(`alerter_facts_by_${name}`)
      .on('alerter_facts')
      .columns([name, 'seq'])
      .where(name, 'is not', null)
      .execute()
  for (const [name, key] of [
    ['alerter_alerts', 'fingerprint'],
    ['alerter_groups', 'id'],
    ['alerter_outbox', 'id'],
  ] as const)
    await db.schema
      .createTable(name)
      .addColumn(key, 'text', column => column.primaryKey())
      .addColumn('record', 'text', column => column.notNull())
      .execute()
  await db.schema
    .createTable('alerter_told')
    .addColumn('group_id', 'text', column => column.notNull())
    .addColumn('integration', 'text', column => column.notNull())
    .addColumn('record', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('alerter_told_once', ['group_id', 'integration'])
    .execute()
  await incidents(db)
}

async function incidents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alerter_incidents')
    .addColumn('number', 'bigint', column => column.primaryKey())
    .addColumn('group_id', 'text', column => column.notNull())
    .addColumn('labels', 'text', column => column.notNull())
    .addColumn('opened_at_ms', 'bigint', column => column.notNull())
    .addColumn('closed_at_ms', 'bigint')
    .execute()
  await db.schema
    .createIndex('alerter_incidents_by_end')
    .on('alerter_incidents')
    .column('closed_at_ms')
    .execute()
  await db.schema
    .createTable('alerter_incident_alerts')
    .addColumn('incident', 'bigint', column => column.notNull())
    .addColumn('fingerprint', 'text', column => column.notNull())
    .addColumn('since_ms', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('alerter_incident_alerts_once', ['incident', 'fingerprint'])
    .execute()
  await db.schema
    .createIndex('alerter_incidents_of_alert')
    .on('alerter_incident_alerts')
    .column('fingerprint')
    .execute()
}

async function silences(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('silences')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addColumn('ends_at_ms', 'bigint', column => column.notNull())
    .addColumn('silence', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('silences_by_seq').on('silences').column('seq').execute()
}

async function alerterPlaces(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alerter_places')
    .addColumn('partition', 'integer', column => column.primaryKey())
    .addColumn('next', 'bigint', column => column.notNull())
    .execute()
  // Few among very many: those of silences and of the watchdog.
  await db.schema
    .createIndex('alerter_facts_of_nothing')
    .on('alerter_facts')
    .column('at_ms')
    .where(sql<boolean>`incident is null and group_id is null and fingerprint is null`)
    .execute()
}

async function heartbeats(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('heartbeats')
    .addColumn('name', 'text', column => column.primaryKey())
    .addColumn('since_ms', 'bigint', column => column.notNull())
    .addColumn('beat_ms', 'bigint')
    .addColumn('failed_ms', 'bigint')
    .addColumn('failed_text', 'text', column => column.notNull())
    .addColumn('alert', 'text')
    .execute()
}

async function webPush(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('web_push_keys')
    .addColumn('name', 'text', column => column.primaryKey())
    .addColumn('private_key', 'text', column => column.notNull())
    .addColumn('created_at_ms', 'bigint', column => column.notNull())
    .execute()
  await db.schema
    .createTable('web_push_devices')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('user_id', 'text', column => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('endpoint', 'text', column => column.notNull())
    .addColumn('p256dh', 'text', column => column.notNull())
    .addColumn('auth', 'text', column => column.notNull())
    .addColumn('created_at_ms', 'bigint', column => column.notNull())
    .addColumn('delivered_at_ms', 'bigint')
    .addColumn('trouble_at_ms', 'bigint')
    .addColumn('trouble', 'text', column => column.notNull())
    .execute()
  await db.schema.createIndex('web_push_devices_by_user').on('web_push_devices').column('user_id').execute()
}

async function capacityRequests(db: Kysely<unknown>): Promise<void> {
  const text = ['month', 'pool', 'part', 'kind', 'state', 'request'] as const
  const numbers = ['units', 'delivered_units', 'due_day', 'touched', 'version'] as const
  let requests = db.schema
    .createTable('capacity_requests')
    .addColumn('number', 'bigint', column => column.primaryKey())
  for (const name of text) requests = requests.addColumn(name, 'text', column => column.notNull())
  for (const name of numbers) requests = requests.addColumn(name, 'bigint', column => column.notNull())
  await requests.execute()
  for (const name of ['month', 'state'] as const)
    await db.schema.createIndex(`capacity_requests_by_${name}`).on('capacity_requests').column(name).execute()
  await db.schema
    .createTable('capacity_request_facts')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('seq', 'bigint', column => column.notNull().unique())
    .addColumn('request', 'bigint', column => column.notNull())
    .addColumn('at_ms', 'bigint', column => column.notNull())
    .addColumn('who', 'text', column => column.notNull())
    .addColumn('what', 'text', column => column.notNull())
    .addColumn('details', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createIndex('capacity_request_facts_of')
    .on('capacity_request_facts')
    .columns(['request', 'seq'])
    .execute()
  await db.schema
    .createTable('capacity_runs')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('month', 'text', column => column.notNull())
    .addColumn('trigger', 'text', column => column.notNull())
    .addColumn('due_ms', 'bigint', column => column.notNull())
    .addColumn('made_at_ms', 'bigint', column => column.notNull())
    .addColumn('as_of_day', 'bigint', column => column.notNull())
    .addColumn('who', 'text', column => column.notNull())
    .addColumn('summary', 'text', column => column.notNull())
    .addColumn('planned', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createTable('capacity_said')
    .addColumn('made_day', 'bigint', column => column.notNull())
    .addColumn('line', 'text', column => column.notNull())
    .addColumn('first_day', 'bigint', column => column.notNull())
    .addColumn('bands', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('capacity_said_once', ['made_day', 'line'])
    .execute()
  await db.schema
    .createTable('capacity_notices')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addColumn('notice', 'text', column => column.notNull())
    .execute()
}

async function capacityHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('capacity_lines')
    .addColumn('id', 'bigint', column => column.primaryKey())
    .addColumn('line', 'text', column => column.notNull().unique())
    .addColumn('version', 'bigint', column => column.notNull())
    .addColumn('asked', 'text')
    .addColumn('looked_from_day', 'integer')
    .addColumn('looked_to_day', 'integer')
    .execute()
  await db.schema
    .createTable('capacity_days')
    .addColumn('line', 'bigint', column => column.notNull())
    .addColumn('track', 'integer', column => column.notNull())
    .addColumn('day', 'integer', column => column.notNull())
    .addColumn('version', 'bigint', column => column.notNull())
    .addColumn('numbers', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('capacity_days_once', ['line', 'track', 'day'])
    .execute()
}

async function capacityAdvice(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('capacity_advice')
    .addColumn('pool', 'text', column => column.primaryKey())
    .addColumn('kept', 'text', column => column.notNull())
    .execute()
}

// Few among very many, looked for each second on a fleet.
async function acknowledged(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('alerter_facts_acknowledged')
    .on('alerter_facts')
    .column('at_ms')
    .where(sql<boolean>`kind = 'acknowledged'`)
    .execute()
}

// The newest one is asked for each second on a fleet.
async function capacityVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('capacity_lines_by_version').on('capacity_lines').column('version').execute()
}

async function capacityReports(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('capacity_reports')
    .addColumn('month', 'text', column => column.primaryKey())
    .addColumn('report', 'text', column => column.notNull())
    .addColumn('pieces', 'integer', column => column.notNull())
    .addColumn('run', 'text', column => column.notNull())
    .addColumn('made_at_ms', 'bigint', column => column.notNull())
    .addColumn('head', 'text', column => column.notNull())
    .execute()
  await db.schema
    .createTable('capacity_report_pools')
    .addColumn('report', 'text', column => column.notNull())
    .addColumn('piece', 'integer', column => column.notNull())
    .addColumn('made_at_ms', 'bigint', column => column.notNull())
    .addColumn('pools', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('capacity_report_pools_once', ['report', 'piece'])
    .execute()
}

// Until then, what had no due day had the day on which it was needed in its place.
async function capacityDue(db: Kysely<unknown>): Promise<void> {
  await sql`update capacity_requests set due_day = -1 where request like '%"dueDay":null%'`.execute(db)
}
