// What rooms keep, in a real PostgreSQL: the contract of each of their books, and what only several processes can do.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgresState } from '#core/state/postgres.ts'
import type { State } from '#core/state.ts'
import { openBook } from '../../rules/book.ts'
import { alerterBookContract } from '../alerter/book.contract.ts'
import { heartbeatsContract } from '../alerter/heartbeats.contract.ts'
import { silencesContract } from '../alerter/silences.contract.ts'
import { webPushContract } from '../alerter/web-push/devices.contract.ts'
import { adviceBookContract } from '../capacity/advice-book.contract.ts'
import { historyContract } from '../capacity/history.contract.ts'
import { requestsContract } from '../capacity/requests.contract.ts'
import { type Postgres, startPostgres } from '../engines/postgres.ts'
import { pageOf, trackedOf } from '../rules/book/pages.ts'
import { bookContract } from '../rules/book.contract.ts'
import { standingContract } from '../rules/standing.contract.ts'

let folder: string
let postgres: Postgres
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-'))
  postgres = await startPostgres(folder)
})
afterAll(async () => {
  // Its shutdown writes out all the databases that nobody wants any more.
  await postgres.kill()
  rmSync(folder, { recursive: true })
})

// As two processes see a database of their own.
let made = 0
async function newStates(): Promise<Readonly<{ state: State; other: State; dispose(): Promise<void> }>> {
  const name = `rooms_${++made}`
  const client = new Client({ connectionString: postgres.urlOf('postgres') })
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  const open = (): Promise<State> => openPostgresState({ url: postgres.urlOf(name) })
  const [state, other] = [await open(), await open()]
  const dispose = async (): Promise<void> => {
    await state.close()
    await other.close()
  }
  return { state, other, dispose }
}

alerterBookContract('PostgreSQL', newStates)
heartbeatsContract('PostgreSQL', newStates)
silencesContract('PostgreSQL', newStates)
webPushContract('PostgreSQL', newStates)
standingContract('PostgreSQL', newStates)
requestsContract('PostgreSQL', newStates)
historyContract('PostgreSQL', newStates)
adviceBookContract('PostgreSQL', newStates)
bookContract('PostgreSQL', async () => {
  const { state, dispose } = await newStates()
  return { book: openBook({ state }), again: () => openBook({ state }), dispose }
})

test('two processes save their parts of the rules’ book side by side', async () => {
  const { state, other, dispose } = await newStates()
  const books = [state, other].map(each => openBook({ state: each }))
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
  await dispose()
})
