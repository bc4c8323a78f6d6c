// What is on order, as it is read from a state that an older version has written.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KyselyPlugin } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { migrations } from '#core/state/migrations.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { coming, lastSeq, readOrders } from '../../../capacity/requests/orders.ts'
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

test('what is delivered while it is read is not lost in between, and somebody who never rests holds nobody up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-orders-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  onTestFinished(async () => {
    await state.close()
    rmSync(folder, { recursive: true })
  })
  const { db } = state
  const row = {
    ...{ number: 1, month: '2026-12', pool: '"web"', part: '{}', kind: 'expand', state: 'ordered', units: 9 },
    ...{ delivered_units: 0, due_day: today + 20, touched: 1, version: 1, request: '{}' },
  }
  await state.write([db.insertInto('capacity_requests').values(row)])
  const fact = { request: 1, at_ms: 0, who: 'ann', what: 'delivered' }
  const details = JSON.stringify({ details: { units: 1 } })
  let seq = 0
  const deliver = () =>
    state.write([
      db.updateTable('capacity_requests').set(({ eb }) => ({
        delivered_units: eb('delivered_units', '+', 1),
      })),
      db.insertInto('capacity_request_facts').values({ ...fact, id: `1:${++seq}`, seq, details }),
    ])
  let answers = 0
  // After these answers, something is delivered.
  const during = (isBusy: (answer: number) => boolean): KyselyPlugin => ({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (isBusy(++answers)) await deliver()
      return result
    },
  })
  const found = await readOrders(db.withPlugin(during(answer => answer === 1)), 'UTC')
  expect(coming(found, 'web', {}).map(({ units }) => units)).toEqual([8, 1])

  answers = 0
  const restless = await readOrders(db.withPlugin(during(() => true)), 'UTC')
  expect(answers).toBeLessThan(20)
  expect(restless.seq).toBeLessThan(await lastSeq(db))
})
