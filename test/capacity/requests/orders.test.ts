// What is on order, as it is read from a state that an older version has written.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { migrations } from '#core/state/migrations.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { coming, readOrders } from '../../../capacity/requests/orders.ts'
import { today } from './made.ts'

test('an order whose due day nobody has said has none, although an older version wrote one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-orders-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'state.db')
  const older = await openSqliteState({ file, migrations: migrations.filter(({ name }) => name < '0017') })
  const row = (number: number, dueDay: number | null) => ({
    ...{ number, month: '2026-12', pool: '"web"', part: '{}', kind: 'expand', state: 'ordered', units: 1 },
    ...{ delivered_units: 0, due_day: dueDay ?? today + 20, touched: 1, version: 1 },
    request: JSON.stringify({ number, neededDay: today + 20, dueDay, why: '"dueDay":null' }),
  })
  await older.write([older.db.insertInto('capacity_requests').values([row(1, null), row(2, today + 9)])])
  await older.close()

  const state = await openSqliteState({ file })
  onTestFinished(() => state.close())
  const found = coming(await readOrders(state.db, 'UTC'), 'web', {})
  expect(found.map(({ request, day }) => [request, day])).toEqual([
    [1, null],
    [2, today + 9],
  ])
})
