// Which facts and incidents are old? Statements that take a portion of them away; what happened last, and the highest
// number of an incident, always stay, so that no order and no number begins anew. Called by book.ts.
import type { State } from '#core/state.ts'
import { silenceKinds } from '../silences/silence-facts.ts'

type Db = State['db']

// Some 20 ms of SQLite's thread.
const factsAtOnce = 2_000
const incidentsAtOnce = 100
// What is open for a year has its beginning still, and not all that ever happened in it.
const beginningMs = 3_600_000

// Behind which fact the next portion begins: what is kept lies before it, and is not looked at again and again.
export type Place = Readonly<{ atMs: number; seq: number }>

export const firstPlace: Place = { atMs: 0, seq: -1 }

type Portion = Readonly<{ from: Place; beforeMs: number }>

const portion = (db: Db, { from, beforeMs }: Portion) =>
  db
    .selectFrom('alerter_facts')
    .where('at_ms', '<', beforeMs)
    .where('at_ms', '>=', from.atMs)
    .where(({ or, eb }) => or([eb('at_ms', '>', from.atMs), eb('seq', '>', from.seq)]))
    .orderBy('at_ms')
    .orderBy('seq')

// Its last fact; nothing where no more than this is left.
export async function endOf(db: Db, asked: Portion): Promise<Place | undefined> {
  const facts = portion(db, asked).select(['at_ms as atMs', 'seq'])
  return facts
    .offset(factsAtOnce - 1)
    .limit(1)
    .executeTakeFirst()
}

// Kept are who has taken an open incident over and how it began, and since when each alert fires.
export function forgetFacts(db: Db, asked: Portion) {
  const last = db
    .selectFrom('alerter_facts')
    .select('at_ms')
    .where('kind', 'not in', silenceKinds)
    .orderBy('at_ms', 'desc')
    .limit(1)
  return db
    .deleteFrom('alerter_facts as fact')
    .where('id', 'in', portion(db, asked).select('id').limit(factsAtOnce))
    .where('at_ms', '<', last)
    .where(({ not, exists, selectFrom }) => {
      const open = selectFrom('alerter_incidents').whereRef('number', '=', 'fact.incident')
      const kept = open
        .where('closed_at_ms', 'is', null)
        .where(({ or, eb }) =>
          or([
            eb('fact.kind', '=', 'acknowledged'),
            eb('fact.at_ms', '<=', eb('opened_at_ms', '+', beginningMs)),
          ]),
        )
      return not(exists(kept.select('number')))
    })
    .where(({ or, not, eb, exists, selectFrom }) => {
      const alert = selectFrom('alerter_alerts').whereRef(
        'alerter_alerts.fingerprint',
        '=',
        'fact.fingerprint',
      )
      const later = selectFrom('alerter_facts as later')
        .whereRef('later.fingerprint', '=', 'fact.fingerprint')
        .whereRef('later.seq', '>', 'fact.seq')
        .where('later.kind', '=', 'fired')
      const isKnown = exists(alert.select('alerter_alerts.fingerprint'))
      return or([eb('fact.kind', '!=', 'fired'), not(isKnown), exists(later.select('later.id'))])
    })
}

export function forgetIncidents(db: Db, beforeMs: number) {
  const highest = db.selectFrom('alerter_incidents').select(row => row.fn.max('number').as('number'))
  const old = db
    .selectFrom('alerter_incidents')
    .select('number')
    .where('closed_at_ms', '<', beforeMs)
    .where('number', '<', highest)
    .orderBy('closed_at_ms')
    .orderBy('number')
    .limit(incidentsAtOnce)
  return [
    db.deleteFrom('alerter_incident_alerts').where('incident', 'in', old),
    db.deleteFrom('alerter_incidents').where('number', 'in', old),
  ]
}
