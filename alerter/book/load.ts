// Everything that whoever becomes the alerter must know, read in portions. Called by book.ts.
import { Breath } from '#core/breath.ts'
import { records } from '#core/state/records.ts'
import type { State } from '#core/state.ts'
import type { Incident } from '../incidents.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import { silenceKinds } from '../silences/silence-facts.ts'
import type { AlertRow, GroupRow, ToldRow } from '../timeline/outcome.ts'
import { readAlert, readEntry, readGroup, readIncident, readTold } from './records.ts'

export type Loaded = Readonly<{
  alerts: readonly AlertRow[]
  groups: readonly GroupRow[]
  told: readonly ToldRow[]
  entries: readonly OutboxEntry[]
  // Those that are open.
  incidents: readonly Incident[]
  // The highest number ever given.
  lastNumber: number
  // The highest of the newest facts; 0 where there is none.
  lastSeq: number
  // Of the newest one that is of now.
  lastFactMs: number
  // By partition, where reading goes on; none where nothing was ever read.
  places: ReadonlyMap<number, number>
}>

type Db = State['db']

export async function load(db: Db, nowMs: number): Promise<Loaded> {
  const alerts: AlertRow[] = []
  const breath = new Breath()
  for await (const row of records(db, 'alerter_alerts', ['fingerprint'])) {
    if (breath.isDue) await breath.taken()
    alerts.push(readAlert(row))
  }
  const groups: GroupRow[] = []
  for await (const row of records(db, 'alerter_groups', ['id'])) groups.push(readGroup(row))
  const told: ToldRow[] = []
  for await (const row of records(db, 'alerter_told', ['group_id', 'integration'])) told.push(readTold(row))
  const entries: OutboxEntry[] = []
  for await (const row of records(db, 'alerter_outbox', ['id'])) entries.push(readEntry(row))
  const places = await db.selectFrom('alerter_places').select(['partition', 'next']).execute()
  return {
    ...{ alerts, groups, told, entries },
    ...(await loadIncidents(db)),
    ...(await newestFact(db, nowMs)),
    places: new Map(places.map(({ partition, next }) => [partition, next])),
  }
}

async function loadIncidents(db: Db): Promise<Pick<Loaded, 'incidents' | 'lastNumber'>> {
  const rows = await db
    .selectFrom('alerter_incidents')
    .selectAll()
    .where('closed_at_ms', 'is', null)
    .orderBy('number')
    .execute()
  const highest = await db
    .selectFrom('alerter_incidents')
    .select(row => row.fn.max('number').as('number'))
    .executeTakeFirst()
  return { incidents: rows.map(readIncident), lastNumber: highest?.number ?? 0 }
}

// Of alerts that are worked off late the facts lie behind others that were given lower numbers; and so far the clocks of two
// machines may be apart.
const behindMs = 3_600_000

// Of now: what a clock that was ahead has left has numbers below those of all that came after it, wherever it lies.
export async function newestFact(db: Db, nowMs: number): Promise<Pick<Loaded, 'lastSeq' | 'lastFactMs'>> {
  const facts = db.selectFrom('alerter_facts').where('kind', 'not in', silenceKinds)
  const newest = await facts
    .select('at_ms')
    .where('at_ms', '<=', nowMs + behindMs)
    .orderBy('at_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  const lastFactMs = newest?.at_ms ?? 0
  const last = await facts
    .select(row => row.fn.max('seq').as('seq'))
    .where('at_ms', '>=', lastFactMs - behindMs)
    .executeTakeFirst()
  return { lastSeq: last?.seq ?? 0, lastFactMs }
}
