// Heartbeats in a real PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { openPostgresState } from '#core/state/postgres.ts'
import { heartbeatsContract } from '../alerter/heartbeats.contract.ts'
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
heartbeatsContract('PostgreSQL', async () => {
  const name = `heartbeats_${++made}`
  const client = new Client({ connectionString: postgres.urlOf('postgres') })
  await client.connect()
  await client.query(`create database ${name}`).finally(() => client.end())
  const state = await openPostgresState({ url: postgres.urlOf(name) })
  return { state, dispose: () => state.close() }
})
