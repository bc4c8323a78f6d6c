// A fleet on one machine: the three servers, a middleman before InfluxDB, and processes of the service by their roles.
// Called by the tests of the whole road, and by bench/.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type Influxdb, startInfluxdb } from '../engines/influxdb.ts'
import { type Kafka, startKafka } from '../engines/kafka.ts'
import { type Postgres, startPostgres } from '../engines/postgres.ts'
import { type Running, startService } from '../running.ts'
import { type Middleman, startMiddleman } from './middleman.ts'
import type { InfluxAccess } from './numbers.ts'

export type Fleet = AsyncDisposable &
  Readonly<{
    kafka: Kafka
    influxdb: Influxdb
    postgres: Postgres
    // What the sinks and queries take for InfluxDB.
    middleman: Middleman
    influx: InfluxAccess
    // One process; the same name has the same data folder. On another database of samples it is a fleet of its own.
    // `more` are lines of its configuration.
    up(name: string, roles: string, store?: string, more?: string): Promise<Running>
  }>

const database = 'plimsoll'

export async function startFleet(folder: string): Promise<Fleet> {
  // PostgreSQL runs as a user of its own.
  chmodSync(folder, 0o711)
  await using stack = new AsyncDisposableStack()
  const servers = await Promise.allSettled([
    startKafka(join(folder, 'kafka')),
    startInfluxdb(join(folder, 'influxdb')),
    startPostgres(join(folder, 'postgres')),
  ])
  for (const each of servers) if (each.status === 'fulfilled') stack.defer(() => each.value.kill())
  const [kafka, influxdb, postgres] = servers.map(each => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  }) as [Kafka, Influxdb, Postgres]
  const middleman = stack.use(await startMiddleman(influxdb.url))
  const influx = { url: influxdb.url, org: 'plimsoll', bucket: 'plimsoll', token: 'only-for-this-test' }
  await setUp(influx)
  const influxStore = `influxdb: {url: ${middleman.url}, token: ${influx.token}}`
  const settings = (store = influxStore): string => `
engines:
  bus: {kafka: {brokers: [${kafka.brokers[0]}], prefix: ${store === influxStore ? 'plimsoll' : 'other'}}}
  store: {${store}}
  state: {postgres: "${postgres.urlOf(database)}"}
`
  await makeDatabase(postgres)
  const started = new Set<Promise<Running>>()
  stack.defer(async () => {
    // Also of those that nobody waited for any more.
    for (const each of await Promise.allSettled(started))
      if (each.status === 'fulfilled') await each.value.kill('SIGKILL')
  })
  const owned = stack.move()
  return {
    kafka,
    influxdb,
    postgres,
    middleman,
    influx,
    async up(name, roles, store, more = '') {
      const service = startService(join(folder, name), settings(store) + more, ['--roles', roles])
      started.add(service)
      return service
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function setUp({ url, org, bucket, token }: InfluxAccess): Promise<void> {
  const body = JSON.stringify({ username: 'test', password: 'long-enough', org, bucket, token })
  const answer = await fetch(`${url}/api/v2/setup`, { method: 'POST', body })
  if (!answer.ok) throw new Error(await answer.text())
}

async function makeDatabase(postgres: Postgres): Promise<void> {
  const { Client } = await import('pg')
  const client = new Client({ connectionString: postgres.urlOf('postgres') })
  await client.connect()
  await client.query(`create database ${database}`)
  await client.end()
}
