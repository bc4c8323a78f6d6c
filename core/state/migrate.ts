// Brings the tables of a state up to what this program knows, or refuses one that is newer. Called by each
// engine as it opens, with a transaction of its own that nobody else can interleave.
import type { Kysely } from 'kysely'
import { Failure } from '../errors.ts'
import { type Migration, migrations } from './migrations.ts'

type Done = { plimsoll_migrations: { name: string; at_ms: number } }

export async function migrate(
  db: Kysely<unknown>,
  nowMs: number,
  wanted: readonly Migration[] = migrations,
): Promise<void> {
  const own = db as Kysely<Done>
  await own.schema
    .createTable('plimsoll_migrations')
    .ifNotExists()
    .addColumn('name', 'text', column => column.primaryKey())
    .addColumn('at_ms', 'bigint', column => column.notNull())
    .execute()
  const done = (await own.selectFrom('plimsoll_migrations').select('name').execute()).map(row => row.name)
  const unknown = done.filter(name => !wanted.some(each => each.name === name)).sort()
  if (unknown.length > 0) {
    throw new Failure('state_newer', `it knows ${unknown.join(', ')}, which this version does not`)
  }
  for (const { name, up } of wanted.filter(each => !done.includes(each.name))) {
    await up(db)
    await own.insertInto('plimsoll_migrations').values({ name, at_ms: nowMs }).execute()
  }
}
