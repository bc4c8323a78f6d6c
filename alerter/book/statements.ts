// The statements of the book, in SQL that both engines of the state understand. Called by book.ts.
//
// Hot: see bench/alerter.ts. Rows that are sorted by their keys are written in half the time.
import { inSizes, type Row } from '#core/state/in-sizes.ts'
import type { Packed } from '#core/state/packed.ts'
import type { State } from '#core/state.ts'
import type { Page } from './page.ts'

type Db = State['db']

export function openStatements(db: Db): (page: Page) => Packed[] {
  const put = puttingInto(db)
  const take = takingFrom(db)
  const go = goingOnFrom(db)
  return page => [
    ...take.told([...page.wiped].map(each => [each])),
    ...take.groups(gone(page.groups)),
    ...take.alerts(gone(page.alerts)),
    ...take.entries(gone(page.entries)),
    ...put.alerts(present(page.alerts)),
    ...put.groups(present(page.groups)),
    ...put.told([...page.told.values()].flatMap(rows => [...rows.values()])),
    ...put.incidents([...page.incidents.values()]),
    ...put.members([...page.members.values()].flatMap(rows => [...rows.values()]).sort(byIncident)),
    ...put.entries(present(page.entries)),
    ...put.facts([...page.facts.values()].sort(byId)),
    ...go([...page.places].sort(byId)),
  ]
}

function gone(rows: Page['alerts']): Row[] {
  const found: Row[] = []
  for (const [key, row] of rows) if (row === null) found.push([key])
  return found.sort(byId)
}

function present(rows: Page['alerts']): Row[] {
  const found: Row[] = []
  for (const row of rows.values()) if (row !== null) found.push(row)
  return found.sort(byId)
}

const compare = <T extends string | number | null>(one: T, other: T): number =>
  one === other ? 0 : one! < other! ? -1 : 1
const byId = (one: Row, other: Row): number => compare(one[0]!, other[0]!)
const byIncident = (one: Row, other: Row): number =>
  compare(one[0]!, other[0]!) || compare(one[1]!, other[1]!)

function takingFrom(db: Db) {
  const from = (table: 'alerter_groups' | 'alerter_outbox') =>
    inSizes(many => db.deleteFrom(table).where('id', 'in', many('')))
  return {
    told: inSizes(many => db.deleteFrom('alerter_told').where('group_id', 'in', many(''))),
    alerts: inSizes(many => db.deleteFrom('alerter_alerts').where('fingerprint', 'in', many(''))),
    groups: from('alerter_groups'),
    entries: from('alerter_outbox'),
  }
}

const goingOnFrom = (db: Db) =>
  inSizes(many =>
    db
      .insertInto('alerter_places')
      .values(many({ partition: 0, next: 0 }))
      .onConflict(on => on.column('partition').doUpdateSet(row => ({ next: row.ref('excluded.next') }))),
  )

function puttingInto(db: Db) {
  const into = (table: 'alerter_groups' | 'alerter_outbox') =>
    inSizes(many =>
      db
        .insertInto(table)
        .values(many({ id: '', record: '' }))
        .onConflict(on => on.column('id').doUpdateSet(row => ({ record: row.ref('excluded.record') }))),
    )
  const alert = { fingerprint: '', record: '' }
  const told = { group_id: '', integration: '', record: '' }
  const incident = { number: 0, group_id: '', labels: '', opened_at_ms: 0, closed_at_ms: 0 }
  const member = { incident: 0, fingerprint: '', since_ms: 0 }
  const fact = {
    ...{ id: '', seq: 0, kind: '', at_ms: 0, incident: 0 },
    ...{ group_id: '', fingerprint: '', who: '', details: '' },
  }
  return {
    groups: into('alerter_groups'),
    entries: into('alerter_outbox'),
    alerts: inSizes(many =>
      db
        .insertInto('alerter_alerts')
        .values(many(alert))
        .onConflict(on =>
          on.column('fingerprint').doUpdateSet(row => ({ record: row.ref('excluded.record') })),
        ),
    ),
    told: inSizes(many =>
      db
        .insertInto('alerter_told')
        .values(many(told))
        .onConflict(on =>
          on
            .columns(['group_id', 'integration'])
            .doUpdateSet(row => ({ record: row.ref('excluded.record') })),
        ),
    ),
    incidents: inSizes(many =>
      db
        .insertInto('alerter_incidents')
        .values(many(incident))
        .onConflict(on =>
          on.column('number').doUpdateSet(row => ({ closed_at_ms: row.ref('excluded.closed_at_ms') })),
        ),
    ),
    // What is written is written.
    members: inSizes(many =>
      db
        .insertInto('alerter_incident_alerts')
        .values(many(member))
        .onConflict(on => on.columns(['incident', 'fingerprint']).doNothing()),
    ),
    facts: inSizes(many =>
      db
        .insertInto('alerter_facts')
        .values(many(fact))
        .onConflict(on => on.column('id').doNothing()),
    ),
  }
}
