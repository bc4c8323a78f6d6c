// The statements of the book, in SQL that both engines of the state understand. Many rows go into one statement, in a
// few fixed sizes, so that a storm is a few texts that are prepared once. Called by book.ts.
//
// Hot: 50 000 alerts with their transitions take 0.5 s of SQLite's thread in rows that are sorted by their keys, and
// 1.1 s in any other order. Compiling each statement anew would take longer than carrying it out.

import { inSizes, type Row } from '#core/state/in-sizes.ts'
import type { Tables } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'

type Statement = Parameters<State['write']>[0][number]
type Db = State['db']

export type Statements = Readonly<{
  // part, rule, fingerprint, alert
  saveAlerts(rows: readonly Row[]): Statement[]
  endAlerts(part: string, rule: string, fingerprints: readonly string[]): Statement[]
  // part, partition, next, at_ms
  savePlaces(rows: readonly Row[]): Statement[]
  // id, part, seq, record
  putOut(rows: readonly Row[]): Statement[]
  takeIn(ids: readonly string[]): Statement[]
}>

export function openStatements(db: Db): Statements {
  const saveAlerts = inSizes(many =>
    db
      .insertInto('rule_alerts')
      .values(many({ part: '', rule: '', fingerprint: '', alert: '' }))
      .onConflict(on =>
        on
          .columns(['part', 'rule', 'fingerprint'])
          .doUpdateSet(row => ({ alert: row.ref('excluded.alert') })),
      ),
  )
  const savePlaces = inSizes(many =>
    db
      .insertInto('rule_places')
      .values(many({ part: '', partition: 0, next: 0, at_ms: 0 }))
      .onConflict(on =>
        on
          .columns(['part', 'partition'])
          .doUpdateSet(row => ({ next: row.ref('excluded.next'), at_ms: row.ref('excluded.at_ms') })),
      ),
  )
  // Who decided the same again, after a restart, had put it out already.
  const putOut = inSizes(many =>
    db
      .insertInto('alert_outbox')
      .values(many({ id: '', part: '', seq: 0, record: '' }))
      .onConflict(on => on.column('id').doNothing()),
  )
  const takeIn = inSizes(many => db.deleteFrom('alert_outbox').where('id', 'in', many('')))
  const endAlerts = inSizes(many =>
    db
      .deleteFrom('rule_alerts')
      .where('part', '=', '')
      .where('rule', '=', '')
      .where('fingerprint', 'in', many('')),
  )
  return {
    saveAlerts: rows => saveAlerts(rows),
    endAlerts: (part, rule, fingerprints) =>
      endAlerts(
        fingerprints.map(each => [each]),
        [part, rule],
      ),
    savePlaces: rows => savePlaces(rows),
    putOut: rows => putOut(rows),
    takeIn: ids => takeIn(ids.map(each => [each])),
  }
}

export const alertsAfter = (db: Db, part: string, { rule, fingerprint }: Key, limit: number) =>
  db
    .selectFrom('rule_alerts')
    .select(['rule', 'fingerprint', 'alert'])
    .where('part', '=', part)
    .where(row => row(row.refTuple('rule', 'fingerprint'), '>', row.tuple(rule, fingerprint)))
    .orderBy('rule')
    .orderBy('fingerprint')
    .limit(limit)
    .execute()

type Key = Pick<Tables['rule_alerts'], 'rule' | 'fingerprint'>

export const outboxAfter = (db: Db, part: string, seq: number, limit: number) =>
  db
    .selectFrom('alert_outbox')
    .select(['seq', 'id', 'record'])
    .where('part', '=', part)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .execute()

export const placesOf = (db: Db, part: string) =>
  db.selectFrom('rule_places').select(['partition', 'next', 'at_ms']).where('part', '=', part).execute()

export const lastSeq = (db: Db, part: string) =>
  db
    .selectFrom('alert_outbox')
    .select(row => row.fn.max('seq').as('seq'))
    .where('part', '=', part)
    .executeTakeFirst()
