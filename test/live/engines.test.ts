// Do the real servers start, answer, come back on the same port with the same data, and leave nothing behind? One
// story for each, by plain Node. The port contracts stand beside this file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../engines/engine.ts'
import { startInfluxdb } from '../engines/influxdb.ts'
import { answers, startKafka } from '../engines/kafka.ts'
import { startPostgres } from '../engines/postgres.ts'
import { startVictoria } from '../engines/victoria.ts'

let folder: string
let started: Engine | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-'))
})
afterEach(async () => {
  await started?.kill()
  started = undefined
  rmSync(folder, { recursive: true })
})

const kept = <E extends Engine>(engine: E): E => {
  started = engine
  return engine
}
const isUp = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(500) }).then(
    reply => reply.ok,
    () => false,
  )

test('Kafka answers, is killed and comes back, and stops', async () => {
  const kafka = kept(await startKafka(folder))
  expect(await answers(kafka.port)).toBe(true)
  await kafka.kill()
  expect(await answers(kafka.port)).toBe(false)
  await kafka.restart()
  expect(await answers(kafka.port)).toBe(true)
  await kafka.stop()
  expect(await answers(kafka.port)).toBe(false)
})

test('InfluxDB keeps what was set up over a kill -9', async () => {
  const influxdb = kept(await startInfluxdb(folder))
  const setup = (): Promise<Response> =>
    fetch(`${influxdb.url}/api/v2/setup`, {
      method: 'POST',
      body: JSON.stringify({ username: 'a', password: 'long-enough', org: 'o', bucket: 'b', token: 't' }),
    })
  expect((await setup()).status).toBe(201)
  const ping = await fetch(`${influxdb.url}/ping`)
  expect(ping.headers.get('x-influxdb-version')).toContain('2.7.12')
  await influxdb.kill()
  expect(await isUp(`${influxdb.url}/ping`)).toBe(false)
  await influxdb.restart()
  expect((await setup()).status).toBe(422)
  await influxdb.stop()
  expect(await isUp(`${influxdb.url}/ping`)).toBe(false)
})

test('PostgreSQL keeps what was committed over a kill -9', async () => {
  const postgres = kept(await startPostgres(folder))
  const ask = async (sql: string): Promise<unknown[]> => {
    const client = new Client({ connectionString: postgres.urlOf('postgres') })
    await client.connect()
    return client
      .query(sql)
      .then(({ rows }) => rows)
      .finally(() => client.end())
  }
  expect(await ask('select 1 as one')).toEqual([{ one: 1 }])
  await ask('create table t as select 7 as kept')
  await postgres.kill()
  await expect(ask('select 1')).rejects.toThrow('ECONNREFUSED')
  await postgres.restart()
  expect(await ask('select kept from t')).toEqual([{ kept: 7 }])
  await postgres.stop()
  await expect(ask('select 1')).rejects.toThrow('ECONNREFUSED')
})

test('VictoriaMetrics answers, hangs while it is paused, and goes on', async () => {
  const victoria = kept(await startVictoria(folder))
  const ask = () => isUp(`${victoria.url}/api/v1/query?query=1`)
  expect(await ask()).toBe(true)
  victoria.pause()
  expect(await ask()).toBe(false)
  victoria.wake()
  await expect.poll(ask).toBe(true)
  await victoria.restart()
  expect(await ask()).toBe(true)
  await victoria.stop()
  expect(await ask()).toBe(false)
})
