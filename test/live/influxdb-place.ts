// A real InfluxDB for the tests of a file, and empty buckets in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { Secret } from '#core/secret.ts'
import { SeriesTable } from '#core/series.ts'
import { type InfluxdbOptions, openInfluxdbStore } from '#core/store/influxdb.ts'
import type { Store } from '#core/store.ts'
import { type Influxdb, startInfluxdb } from '../engines/influxdb.ts'

const org = 'plimsoll'
export const operator = 'operator-token'

export type Place = Readonly<{
  store: Store
  table: SeriesTable
  letters: DeadLetter[]
  own: ReturnType<typeof openOwnMetrics>
}>

export type InfluxdbPlace = Readonly<{
  server: Influxdb
  // A store on a bucket of its own, unless the change says otherwise.
  open(change?: Partial<InfluxdbOptions>): Promise<Place>
  end(): Promise<void>
}>

export async function influxdbPlace(): Promise<InfluxdbPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-influxdb-'))
  const server = await startInfluxdb(folder)
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const reply = await fetch(`${server.url}${path}`, {
      headers: { authorization: `Token ${operator}` },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
    return reply.json()
  }
  await ask('/api/v2/setup', {
    username: 'a',
    password: 'long-enough',
    org,
    bucket: 'first',
    token: operator,
  })
  const { orgs } = (await ask('/api/v2/orgs')) as { orgs: { id: string }[] }
  let made = 0
  return {
    server,
    async open(change = {}) {
      const bucket = `bucket-${++made}`
      await ask('/api/v2/buckets', { orgID: orgs[0]!.id, name: bucket, retentionRules: [] })
      const [letters, table, own] = [[] as DeadLetter[], new SeriesTable(), openOwnMetrics()]
      const store = await openInfluxdbStore({
        settings: { url: server.url, org, bucket, token: new Secret(operator) },
        table,
        clock: realClock,
        own,
        deadLetters: async found => void letters.push(...found),
        ...change,
      })
      return { store, table, letters, own }
    },
    async end() {
      await server.kill()
      rmSync(folder, { recursive: true })
    },
  }
}
