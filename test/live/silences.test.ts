// Silences in a real PostgreSQL that several processes share.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { openPostgresState } from '#core/state/postgres.ts'
import { silencesContract } from '../alerter/silences.contract.ts'
import { type Postgres, startPostgres } from '../engines/postgres.ts'

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
silencesContract('PostgreSQL', async () => {
  const name = `silences_${++made}`
  const client = new Client({ connectionString: postgres.urlOf('postgres') })
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  const open = () => openPostgresState({ url: postgres.urlOf(name) })
  const [state, other] = [await open(), await open()]
  const dispose = async (): Promise<void> => {
    await state.close()
    await other.close()
  }
  return { state, other, dispose }
})
