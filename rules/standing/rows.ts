// The statements of the standings, in SQL that both engines of the state understand. Called by standing.ts and read.ts.
import { inSizes } from '#core/state/in-sizes.ts'
import type { Tables } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'

type Db = State['db']

export function openRows(db: Db) {
  const say = inSizes(many =>
    db
      .insertInto('rule_standings')
      .values(many({ process: '', place: 0, digest: '', since_ms: 0, at_ms: 0, numbers: '' }))
      .onConflict(on =>
        on.columns(['process', 'place']).doUpdateSet(row => ({
          digest: row.ref('excluded.digest'),
          since_ms: row.ref('excluded.since_ms'),
          at_ms: row.ref('excluded.at_ms'),
          numbers: row.ref('excluded.numbers'),
        })),
      ),
  )
  const define = inSizes(many =>
    db
      .insertInto('rule_groups')
      .values(many({ digest: '', definition: '' }))
      .onConflict(on => on.column('digest').doNothing()),
  )
  return {
    // process, place, digest, since_ms, at_ms, numbers
    say: (rows: readonly (readonly (string | number)[])[]) => say(rows),
    // digest, definition
    define: (rows: readonly (readonly string[])[]) => define(rows),
    // From this place on there are no groups any more.
    end: (process: string, place: number) =>
      db.deleteFrom('rule_standings').where('process', '=', process).where('place', '>=', place),
    // As if its last word had been then.
    date: (process: string, atMs: number) =>
      db.updateTable('rule_standings').set({ at_ms: atMs }).where('process', '=', process),
    // Definitions that nobody has, and what was said before then. In this order, so that those whose words go only because
    // our clock is hours ahead have their definitions still when they speak again.
    clean: (beforeMs: number) => [
      db
        .deleteFrom('rule_groups')
        .where('digest', 'not in', db.selectFrom('rule_standings').select('digest')),
      db.deleteFrom('rule_standings').where('at_ms', '<', beforeMs),
    ],
  }
}

export async function lastWordMs(db: Db): Promise<number | undefined> {
  const newest = db.selectFrom('rule_standings').select(row => row.fn.max('at_ms').as('at_ms'))
  return (await newest.executeTakeFirst())?.at_ms ?? undefined
}

export const standingsAfter = (db: Db, fromMs: number, { process, place }: StandingKey, limit: number) =>
  db
    .selectFrom('rule_standings')
    .selectAll()
    .where('at_ms', '>=', fromMs)
    .where(row => row(row.refTuple('process', 'place'), '>', row.tuple(process, place)))
    .orderBy('process')
    .orderBy('place')
    .limit(limit)
    .execute()

export type StandingKey = Pick<Tables['rule_standings'], 'process' | 'place'>

export const definitionAt = (db: Db, digest: string) =>
  db.selectFrom('rule_groups').select('definition').where('digest', '=', digest).executeTakeFirst()

// Of all parts.
export const alertsAfter = (db: Db, { part, rule, fingerprint }: AlertKey, limit: number) =>
  db
    .selectFrom('rule_alerts')
    .selectAll()
    .where(row => row(row.refTuple('part', 'rule', 'fingerprint'), '>', row.tuple(part, rule, fingerprint)))
    .orderBy('part')
    .orderBy('rule')
    .orderBy('fingerprint')
    .limit(limit)
    .execute()

export type AlertKey = Omit<Tables['rule_alerts'], 'alert'>
