// Which facts and incidents are old? Statements that take a portion of them away; what happened last, and the highest
// number of an incident, always stay, so that no order and no number begins anew. Called by book.ts.
import type { State } from '#core/state.ts'
import { silenceKinds } from '../silences/silence-facts.ts'

type Db = State['db']

// Some 20 ms of SQLite's thread.
const factsAtOnce = 2_000
const incidentsAtOnce = 100

export function forgetFacts(db: Db, beforeMs: number) {
  const old = db
    .selectFrom('alerter_facts')
    .select('id')
    .where('at_ms', '<', beforeMs)
    .orderBy('at_ms')
    .limit(factsAtOnce)
  const last = db
    .selectFrom('alerter_facts')
    .select(row => row.fn.max('at_ms').as('at'))
    .where('kind', 'not in', silenceKinds)
  return db.deleteFrom('alerter_facts').where('id', 'in', old).where('at_ms', '<', last)
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
