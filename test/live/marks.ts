// The table that dummy owners write to, in the order of their commits. Used by owner.ts and lease.test.ts.
import { type Kysely, sql } from 'kysely'
import { type Migration, migrations } from '#core/state/migrations.ts'

export type Mark = Readonly<{ owner: string; epoch: number; written: number }>
export type Marked = Kysely<{ marks: Mark }>

// The number is given inside the lock of whoever writes, so its order is that of the commits. `came` is the time of
// the server.
const marks: Migration = {
  name: '9000-marks',
  async up(db) {
    await db.schema
      .createTable('marks')
      .addColumn('number', 'bigserial', column => column.primaryKey())
      .addColumn('owner', 'text', column => column.notNull())
      .addColumn('epoch', 'bigint', column => column.notNull())
      .addColumn('written', 'bigint', column => column.notNull())
      .addColumn('came', 'timestamptz', column => column.notNull().defaultTo(sql`clock_timestamp()`))
      .execute()
  },
}

export const markMigrations: readonly Migration[] = [...migrations, marks]
