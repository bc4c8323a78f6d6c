// The rows of leases: how each is looked at, taken, renewed, given back, and how a write is tied to one. All of it is
// SQL that both engines understand. Called by leases.ts and holding.ts.

import type { LeasesTable } from '../state/tables.ts'
import type { State } from '../state.ts'

export type LeaseRow = Readonly<LeasesTable>

export type Tenure = Readonly<Pick<LeasesTable, 'name' | 'owner' | 'epoch'>>

export const nobody = ''

type Db = Pick<State['db'], 'selectFrom' | 'insertInto' | 'updateTable' | 'selectNoFrom'>

export const look = (db: Db, names: readonly string[]): Promise<LeaseRow[]> =>
  db.selectFrom('leases').selectAll().where('name', 'in', names).execute()

// Those whose names begin so. A range of names would be another one in each language that a database speaks.
export const lookAtKind = (db: Db, prefix: string): Promise<LeaseRow[]> =>
  db
    .selectFrom('leases')
    .selectAll()
    .where(eb => eb(eb.fn('substr', ['name', eb.lit(1), eb.lit(prefix.length)]), '=', prefix))
    .execute()

// Of several that try, one changes a row.
export const takeNew = (db: Db, name: string, owner: string) =>
  db
    .insertInto('leases')
    .values({ name, owner, epoch: 1, beat: 1 })
    .onConflict(conflict => conflict.column('name').doNothing())

export const takeOver = (db: Db, seen: LeaseRow, owner: string) =>
  db
    .updateTable('leases')
    .set({ owner, epoch: seen.epoch + 1, beat: seen.beat + 1 })
    .where('name', '=', seen.name)
    .where('owner', '=', seen.owner)
    .where('epoch', '=', seen.epoch)
    .where('beat', '=', seen.beat)

// Answers with those that are still the owner's.
export const renew = (db: Db, owner: string, names: readonly string[]) =>
  db
    .updateTable('leases')
    .set(row => ({ beat: row('beat', '+', 1) }))
    .where('owner', '=', owner)
    .where('name', 'in', names)
    .returning(['name', 'epoch'])

export const giveBack = (db: Db, { name, owner, epoch }: Tenure) =>
  db
    .updateTable('leases')
    .set({ owner: nobody })
    .where('name', '=', name)
    .where('owner', '=', owner)
    .where('epoch', '=', epoch)

export const owned = (db: Pick<Db, 'selectFrom'>, { name, owner, epoch }: Tenure) =>
  db
    .selectFrom('leases')
    .select('name')
    .where('name', '=', name)
    .where('owner', '=', owner)
    .where('epoch', '=', epoch)

// Changes nothing while the tenure lasts. Afterwards it inserts a row that the table refuses, which undoes the whole
// write: one round trip and no reading before, where "check, then write" would be two.
export const fence = (db: Db, tenure: Tenure) =>
  db
    .insertInto('leases')
    .columns(['name', 'owner', 'epoch', 'beat'])
    .expression(
      db
        .selectNoFrom(eb => [
          eb.val(tenure.name).as('name'),
          eb.val(tenure.owner).as('owner'),
          eb.lit(0).as('epoch'),
          eb.lit(0).as('beat'),
        ])
        .where(eb => eb.not(eb.exists(owned(db, tenure)))),
    )

// The name of the check in state/migrations.ts, which both engines show in whatever language they speak.
export const isFenced = (error: unknown): boolean =>
  error instanceof Error && /\blease_lost\b/.test(error.message)
