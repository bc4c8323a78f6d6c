// What is read at a start, however long it is.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CompiledQuery, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { readingDialect } from '#core/state/dialect.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { load } from '../../../alerter/book/load.ts'

const grammar = {
  createAdapter: () => new SqliteAdapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
}

test('alerts are read in portions that have room, short and long ones in their order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  onTestFinished(async () => {
    await state.close()
    rmSync(folder, { recursive: true })
  })
  const names = Array.from({ length: 40 }, (_, nth) => String(nth).padStart(16, '0'))
  for (const [nth, fingerprint] of names.entries()) {
    const summary = 'x'.repeat(nth % 3 === 0 ? 1_500_000 : 10)
    const record = JSON.stringify({ alert: { fingerprint, labels: {}, annotations: { summary } }, seats: [] })
    await state.write([state.db.insertInto('alerter_alerts').values({ fingerprint, record })])
  }
  let largest = 0
  const read = async (query: CompiledQuery): Promise<readonly unknown[]> => {
    const { rows } = await state.db.executeQuery(query)
    largest = Math.max(largest, JSON.stringify(rows).length)
    return rows
  }
  const { alerts } = await load(new Kysely({ dialect: readingDialect(grammar, read) }), 0)
  expect(alerts.map(({ alert }) => alert.fingerprint)).toEqual(names)
  expect(largest).toBeGreaterThan(1_500_000)
  expect(largest).toBeLessThan(8.5 * 1_024 * 1_024)
})
