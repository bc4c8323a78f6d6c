// The tables of the state and their columns, as kysely's types see them. migrations.ts makes them; whoever reads or writes the
// state imports these. Times are epoch milliseconds; lists and objects are JSON as text.

export type Tables = {
  users: UsersTable
  sessions: SessionsTable
  tokens: TokensTable
  invitations: InvitationsTable
  audit: AuditTable
  leases: LeasesTable
  note_series: NoteSeriesTable
  notes: NotesTable
  rule_alerts: RuleAlertsTable
  rule_places: RulePlacesTable
  alert_outbox: AlertOutboxTable
  rule_groups: RuleGroupsTable
  rule_standings: RuleStandingsTable
  alerter_facts: AlerterFactsTable
  alerter_alerts: AlerterAlertsTable
  alerter_groups: AlerterRecordsTable
  alerter_outbox: AlerterRecordsTable
  alerter_told: AlerterToldTable
  alerter_incidents: AlerterIncidentsTable
  alerter_incident_alerts: AlerterIncidentAlertsTable
  silences: SilencesTable
  alerter_places: AlerterPlacesTable
  heartbeats: HeartbeatsTable
  web_push_keys: WebPushKeysTable
  web_push_devices: WebPushDevicesTable
  capacity_lines: CapacityLinesTable
  capacity_days: CapacityDaysTable
  capacity_requests: CapacityRequestsTable
  capacity_request_facts: CapacityRequestFactsTable
  capacity_runs: CapacityRunsTable
  capacity_said: CapacitySaidTable
  capacity_notices: CapacityNoticesTable
  capacity_advice: CapacityAdviceTable
  capacity_reports: CapacityReportsTable
  capacity_report_pools: CapacityReportPoolsTable
}

export type UsersTable = {
  id: string
  name: string
  // The PHC string of argon2id.
  password_hash: string
  // A JSON list of scopes, here and below.
  scopes: string
  created_at_ms: number
  disabled_at_ms: number | null
}

// Secrets are kept as SHA-256 only: whoever reads the file can log in as nobody.
export type SessionsTable = {
  id_hash: string
  user_id: string
  created_at_ms: number
  expires_at_ms: number
  last_seen_at_ms: number
  agent: string
  remote: string
}

export type TokensTable = {
  id: string
  name: string
  hash: string
  scopes: string
  created_at_ms: number
  expires_at_ms: number | null
  revoked_at_ms: number | null
  last_used_at_ms: number | null
  created_by: string
}

// A link that makes a user, once.
export type InvitationsTable = {
  hash: string
  scopes: string
  created_at_ms: number
  expires_at_ms: number
}

// Only ever added to.
export type AuditTable = {
  id: string
  at_ms: number
  who: string
  what: string
  details: string
}

// Who owns what must have one owner.
export type LeasesTable = {
  name: string
  // Nobody's when empty: it was given back.
  owner: string
  // One more with each owner, never less.
  epoch: number
  // Whoever watches sees that the owner lives by this having changed.
  beat: number
}

// The series that have notes, where the store of samples takes numbers only.
export type NoteSeriesTable = {
  // SHA-256 of its canonical key, shortened.
  id: string
  // A JSON object {name, labels}.
  series: string
  // When a note of it was last written, to the day: the newest that can be there.
  seen_at_ms: number
}

export type NotesTable = {
  series_id: string
  at_ms: number
  // SHA-256 of the text, shortened: the same line again is the same row.
  digest: string
  // A JSON string, because PostgreSQL's texts have no NUL.
  text: string
}

// The alerts that rules have, pending ones too. A part is what has one owner: `all` on one machine, a partition or a
// group on a fleet.
export type RuleAlertsTable = {
  part: string
  rule: string
  fingerprint: string
  // JSON; rules/book/alert-text.ts reads and writes it.
  alert: string
}

// How far the samples of a partition of the bus are in the alerts of a part.
export type RulePlacesTable = {
  part: string
  partition: number
  next: number
  // The time of the rules when it was saved.
  at_ms: number
}

// Transitions that are saved and perhaps not published yet.
export type AlertOutboxTable = {
  id: string
  part: string
  // The order of publishing, within a part.
  seq: number
  // A JSON AlertTransition.
  record: string
}

// What groups of rules are, for processes that have no rule files.
export type RuleGroupsTable = {
  // SHA-256 of the definition, shortened.
  digest: string
  // JSON; rules/standing/definition.ts reads and writes it.
  definition: string
}

// Each group of each process that has rules, and how they do there.
export type RuleStandingsTable = {
  process: string
  // The how manieth of its groups.
  place: number
  digest: string
  // Since when the process has it as it is.
  since_ms: number
  // When the process last said so.
  at_ms: number
  // JSON, by rule; rules/standing/numbers.ts reads and writes it.
  numbers: string
}

// What has happened to alerts and who was told. Only ever added to, and forgotten when it is old.
export type AlerterFactsTable = {
  id: string
  // The order in which they were written.
  seq: number
  kind: string
  at_ms: number
  incident: number | null
  // A JSON string, because PostgreSQL's texts have no NUL.
  group_id: string | null
  fingerprint: string | null
  who: string
  // JSON.
  details: string
}

// What the alerter knows just now. Records are JSON; alerter/book/records.ts reads and writes them.
export type AlerterAlertsTable = {
  fingerprint: string
  record: string
}

// By the SHA-256 of what identifies it, shortened. Groups, and what is to be told and is not told yet.
export type AlerterRecordsTable = {
  id: string
  record: string
}

// What an integration was told of a group.
export type AlerterToldTable = {
  group_id: string
  integration: string
  record: string
}

// Numbers that people say. Open while `closed_at_ms` is null.
export type AlerterIncidentsTable = {
  number: number
  // A JSON string.
  group_id: string
  // Those of the group, as JSON.
  labels: string
  opened_at_ms: number
  closed_at_ms: number | null
}

// Which alerts were told in it, and when each had begun.
export type AlerterIncidentAlertsTable = {
  incident: number
  fingerprint: string
  since_ms: number
}

// What people asked not to hear about.
export type SilencesTable = {
  id: string
  // Of its last writing: higher than all before it, of any silence.
  seq: number
  ends_at_ms: number
  // JSON; alerter/silences/silence-rows.ts reads and writes it.
  silence: string
}

// Where the alerter reads on in what is published of alerts.
export type AlerterPlacesTable = {
  partition: number
  next: number
}

// Others that must be heard of, and when they were.
export type HeartbeatsTable = {
  name: string
  since_ms: number
  beat_ms: number | null
  // Later than the last beat.
  failed_ms: number | null
  // A JSON string.
  failed_text: string
  // JSON of what fires; alerter/heartbeats/beats.ts reads and writes it.
  alert: string | null
}

// With what we prove to push services who sends: `vapid`.
export type WebPushKeysTable = {
  name: string
  // PKCS #8 in base64url.
  private_key: string
  created_at_ms: number
}

// Browsers that want to be told.
export type WebPushDevicesTable = {
  // SHA-256 of the endpoint, shortened.
  id: string
  user_id: string
  name: string
  // Whoever knows it, and has our key, may write to the device.
  endpoint: string
  // In base64url, as the browser gave them.
  p256dh: string
  auth: string
  created_at_ms: number
  delivered_at_ms: number | null
  // Later than the last delivery.
  trouble_at_ms: number | null
  // A JSON string.
  trouble: string
}

// What planners sign. `request` is the whole as JSON; the columns are what it is looked for by.
export type CapacityRequestsTable = {
  number: number
  month: string
  // JSON strings, because PostgreSQL's texts have no NUL; labels in order.
  pool: string
  part: string
  kind: string
  state: string
  units: number
  delivered_units: number
  // -1: nobody has said.
  due_day: number
  // Somebody has done something to it, so that no run replaces it.
  touched: number
  version: number
  // capacity/requests/rows.ts reads and writes it.
  request: string
}

// What has happened to them. Only ever added to.
export type CapacityRequestFactsTable = {
  // The request and its version after it.
  id: string
  // The order in which they were written, of all requests.
  seq: number
  request: number
  at_ms: number
  who: string
  what: string
  // JSON: the reason and the details.
  details: string
}

// Each time the drafts of a month were made, and the moment from which the schedule counts: the run `begin`.
export type CapacityRunsTable = {
  // `schedule/2026-11`, the month in which it was due: so there is one.
  id: string
  // What the requests are for.
  month: string
  trigger: string
  due_ms: number
  made_at_ms: number
  // The last whole day that it saw.
  as_of_day: number
  who: string
  // JSON: what it came to in all, and what each pool was planned; capacity/requests/run-rows.ts reads and writes both.
  summary: string
  planned: string
}

// What runs forecast of each line, day by day, so that it can be held against what comes.
export type CapacitySaidTable = {
  made_day: number
  line: string
  first_day: number
  // JSON: three lists of numbers, likely, low and high.
  bands: string
}

// Notices that the bus does not have yet.
export type CapacityNoticesTable = {
  id: string
  seq: number
  // A JSON Notice.
  notice: string
}

// Of which resources and parts of pools there are rows.
export type CapacityLinesTable = {
  // Of the SHA-256 of `line`, 52 bits.
  id: number
  // JSON: pool, resource, labels of the part; capacity/history/book.ts reads it.
  line: string
  // When a row of it was last written, in milliseconds or a little more.
  version: number
  // Of the whole of a resource: a digest of the questions by which these days have been asked of the samples.
  asked: string | null
  looked_from_day: number | null
  looked_to_day: number | null
}

// One day of usage (track 0) or supply (1) of a line.
export type CapacityDaysTable = {
  line: number
  track: number
  // One more with each, 0 is 1970-01-01.
  day: number
  // That of the line when it was written.
  version: number
  // JSON; capacity/history/book.ts reads and writes it.
  numbers: string
}

// What is known of a pool from one minute to the next.
export type CapacityAdviceTable = {
  pool: string
  // JSON; capacity/advice/book.ts reads and writes it.
  kept: string
}

// The report of a month as its last run made it: all but its pools.
export type CapacityReportsTable = {
  month: string
  // Under which its pools stand, in so many pieces.
  report: string
  pieces: number
  // Of capacity_runs.
  run: string
  made_at_ms: number
  // JSON, packed by zstd, in base64; capacity/report/kept.ts reads and writes it, and `pools`.
  head: string
}

export type CapacityReportPoolsTable = {
  report: string
  piece: number
  made_at_ms: number
  pools: string
}
