// What has happened, read again: facts and incidents, newest first. Called by the API and by whoever asks why; any process
// may ask.
import type { Labels } from '#core/model.ts'
import type { Tables } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'
import { readFact, readIncident } from './book/records.ts'
import type { Fact, FactKind } from './fact.ts'

// All that is given must be met.
export type FactQuestion = Readonly<{
  incident?: number
  // Null: what is of no alert, but of messages and people.
  fingerprint?: string | null
  group?: string
  kind?: FactKind
  sinceMs: number
  limit: number
}>

// `fingerprint`: those that this alert belongs to, or did.
export type IncidentQuestion = Readonly<{ isOpen?: boolean; fingerprint?: string; limit: number }>

export type IncidentView = Readonly<{
  number: number
  group: string
  groupKey: string
  receiver: string
  labels: Labels
  openedAtMs: number
  // Nothing of it fires any more since then.
  closedAtMs: number | null
}>

type Db = State['db']

// Of one answer.
const charactersMax = 16 * 1_024 * 1_024

// Of an incident, also what happened to its alerts before it had a number.
export async function readFacts(db: Db, asked: FactQuestion): Promise<readonly Fact[]> {
  const { incident, limit } = asked
  if (incident === undefined) return (await newest(wanted(db, asked))).map(readFact)
  const rows = await Promise.all([
    newest(wanted(db, asked).where('incident', '=', incident)),
    asked.fingerprint === null ? [] : beforeIncident(db, asked, incident),
  ])
  const all = rows.flat().sort((one, other) => other.seq - one.seq)
  return all.slice(0, limit).map(readFact)
}

function wanted(db: Db, { incident, fingerprint, group, kind, sinceMs, limit }: FactQuestion) {
  let facts = db.selectFrom('alerter_facts').selectAll().where('at_ms', '>=', sinceMs).limit(limit)
  if (fingerprint !== undefined)
    facts = facts.where('fingerprint', fingerprint === null ? 'is' : '=', fingerprint)
  if (group !== undefined) facts = facts.where('group_id', '=', JSON.stringify(group))
  if (kind !== undefined) facts = facts.where('kind', '=', kind)
  // Each is the order of an index.
  const isNarrow = typeof fingerprint === 'string' || incident !== undefined
  return (isNarrow ? facts : facts.orderBy('at_ms', 'desc')).orderBy('seq', 'desc')
}

// As many as have room in one answer: the fact that thousands were told names them all.
async function newest(facts: ReturnType<typeof wanted>): Promise<readonly Tables['alerter_facts'][]> {
  const sizes = await facts
    .clearSelect()
    .select(row => row.fn<number>('length', ['details']).as('size'))
    .execute()
  let [count, characters] = [0, 0]
  for (const { size } of sizes) {
    characters += size
    if (count > 0 && characters > charactersMax) break
    count += 1
  }
  return count === 0 ? [] : facts.limit(count).execute()
}

// Of no alert, group and incident: what people do with silences, and whom the watchdog told. Newest first.
export async function readFactsApart(
  db: Db,
  { kinds, sinceMs, limit }: Readonly<{ kinds: readonly FactKind[]; sinceMs: number; limit: number }>,
): Promise<readonly Fact[]> {
  const rows = await db
    .selectFrom('alerter_facts')
    .selectAll()
    .where('kind', 'in', kinds)
    // As the index says it that has them, which is used only then.
    .where('incident', 'is', null)
    .where('group_id', 'is', null)
    .where('fingerprint', 'is', null)
    .where('at_ms', '>=', sinceMs)
    .orderBy('at_ms', 'desc')
    .limit(limit)
    .execute()
  return rows.map(readFact)
}

async function beforeIncident(
  db: Db,
  asked: FactQuestion,
  number: number,
): Promise<readonly Tables['alerter_facts'][]> {
  const incident = await incidentOf(db, number)
  const members = db.selectFrom('alerter_incident_alerts').where('incident', '=', number)
  const first = await members.select(row => row.fn.min('since_ms').as('sinceMs')).executeTakeFirst()
  if (incident === undefined || first === undefined || first.sinceMs === null) return []
  const before = wanted(db, asked)
    .where('incident', 'is', null)
    .where('fingerprint', 'in', members.select('fingerprint'))
    .where('at_ms', '>=', first.sinceMs)
    .where('at_ms', '<=', incident.closedAtMs ?? Number.MAX_SAFE_INTEGER)
  return newest(before)
}

// What was told by these ways and what became of it, newest first.
export async function readDelivered(
  db: Db,
  { ways, sinceMs, limit }: Readonly<{ ways: readonly string[]; sinceMs: number; limit: number }>,
): Promise<readonly Fact[]> {
  const rows = await db
    .selectFrom('alerter_facts')
    .selectAll()
    .where('at_ms', '>=', sinceMs)
    .where('kind', 'in', ['told', 'receipt', 'seen'])
    .where('who', 'in', ways)
    .orderBy('at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()
  return rows.map(readFact)
}

// How many messages were told by these ways; of several numbers, by `takenBy`. Left out: by all of them.
export type ToldTimes = Readonly<{ way: string; takenBy?: readonly string[]; times: number }>

// `{"message":"` and the sixteen characters of its id, with which the details begin.
const messageLength = 29

// Counted there: a digest alone may be thousands of facts.
export async function countTold(
  db: Db,
  { ways, sinceMs }: Readonly<{ ways: readonly string[]; sinceMs: number }>,
): Promise<readonly ToldTimes[]> {
  const told = db
    .selectFrom('alerter_facts')
    .where('at_ms', '>=', sinceMs)
    .where('kind', '=', 'told')
    .where('who', 'in', ways)
  const byFew = '%"takenBy":[%'
  const whole = await told
    .where('details', 'not like', byFew)
    .select(row => [
      'who',
      row.fn
        .count<number>(row.fn('substr', ['details', row.lit(1), row.lit(messageLength)]))
        .distinct()
        .as('times'),
    ])
    .groupBy('who')
    .execute()
  const parts = await told
    .where('details', 'like', byFew)
    .select(row => ['who', row.fn.min('details').as('details')])
    .groupBy(row => ['who', 'at_ms', row.fn('substr', ['details', row.lit(1), row.lit(messageLength)])])
    .execute()
  return [
    ...whole.map(({ who, times }) => ({ way: who, times: Number(times) })),
    ...parts.map(({ who, details }) => ({ way: who, takenBy: takenByIn(details), times: 1 })),
  ]
}

const takenByIn = (details: string): readonly string[] =>
  (JSON.parse(details) as { takenBy: readonly string[] }).takenBy

export async function readIncidents(
  db: Db,
  { isOpen, fingerprint, limit }: IncidentQuestion,
): Promise<readonly IncidentView[]> {
  let found = db.selectFrom('alerter_incidents').selectAll()
  if (isOpen !== undefined) found = found.where('closed_at_ms', isOpen ? 'is' : 'is not', null)
  if (fingerprint !== undefined)
    found = found.where('number', 'in', row =>
      row.selectFrom('alerter_incident_alerts').select('incident').where('fingerprint', '=', fingerprint),
    )
  return (await found.orderBy('number', 'desc').limit(limit).execute()).map(viewOf)
}

export async function incidentOf(db: Db, number: number): Promise<IncidentView | undefined> {
  const row = await db
    .selectFrom('alerter_incidents')
    .selectAll()
    .where('number', '=', number)
    .executeTakeFirst()
  return row && viewOf(row)
}

function viewOf(row: Tables['alerter_incidents']): IncidentView {
  const incident = readIncident(row)
  const [receiver = '', ...key] = incident.group.split('\n')
  return { ...incident, receiver, groupKey: key.join('\n') }
}
