// The book of the alerts in a real PostgreSQL: the contract, and how long a storm takes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgresState } from '#core/state/postgres.ts'
import type { State } from '#core/state.ts'
import { openBook } from '../../rules/book.ts'
import { type Postgres, startPostgres } from '../engines/postgres.ts'
import { pageOf, trackedOf } from '../rules/book/pages.ts'
import { bookContract } from '../rules/book.contract.ts'

let folder: string
let postgres: Postgres
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-'))
  postgres = await startPostgres(folder)
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true })
})

let made = 0
async function newState(): Promise<State> {
  const name = `book_${++made}`
  const client = new Client({ connectionString: postgres.urlOf('postgres') })
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  return openPostgresState({ url: postgres.urlOf(name) })
}

bookContract('PostgreSQL', async () => {
  const state = await newState()
  return { book: openBook({ state }), again: () => openBook({ state }), dispose: () => state.close() }
})

test('two processes save their parts side by side', async () => {
  const name = 'book_shared'
  const client = new Client({ connectionString: postgres.urlOf('postgres') })
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  const states = await Promise.all([1, 2].map(() => openPostgresState({ url: postgres.urlOf(name) })))
  const books = states.map(state => openBook({ state }))
  const alerts = [...Array(200).keys()].map(at => trackedOf(String(at)))
  await Promise.all(
    alerts.flatMap(alert =>
      books.map((book, at) => book.save([pageOf([alert], { part: `partition/${at}`, transitions: [] })])),
    ),
  )
  for (const at of [0, 1]) {
    const { alerts: found } = await books[1 - at]!.load(`partition/${at}`)
    expect([...found.values()].map(each => each.size)).toEqual([200])
  }
  for (const state of states) await state.close()
})
