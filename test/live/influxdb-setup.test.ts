// `plimsoll setup influx` on a server that nobody has set up: twice, and what its tokens may do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noRows } from '#core/batch.ts'
import { realClock } from '#core/clock.ts'
import { Secret } from '#core/secret.ts'
import { SeriesTable } from '#core/series.ts'
import { openInfluxdbStore } from '#core/store/influxdb.ts'
import { world } from '../bin/world.ts'
import { type Influxdb, startInfluxdb } from '../engines/influxdb.ts'

let folder: string
let server: Influxdb
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-setup-'))
  server = await startInfluxdb(folder)
})
afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true })
})

type Told = Readonly<{
  made: string[]
  token: string
  readToken: string
  first?: { user: string; password: string; token: string }
}>

async function setUp(env: Record<string, string>, ...flags: string[]): Promise<Told> {
  const { exit, out, err } = await world({}, { env, clock: realClock }).run(
    'setup',
    'influx',
    '--url',
    server.url,
    '--json',
    ...flags,
  )
  expect([exit, err]).toEqual([0, ''])
  return JSON.parse(out)
}

const status = (path: string, token: string, init: RequestInit = {}): Promise<number> =>
  fetch(`${server.url}${path}`, { ...init, headers: { authorization: `Token ${token}` } }).then(
    reply => reply.status,
  )

test('once makes everything, again changes nothing, and the tokens do what they are for and no more', async () => {
  writeFileSync(join(folder, 'password'), 'correct horse\n')
  const first = await setUp({}, '--password-file', join(folder, 'password'))
  expect(first.made).toEqual([
    'user plimsoll',
    'organisation plimsoll',
    'bucket plimsoll',
    'token to write',
    'token to read',
  ])
  expect(first.first).toMatchObject({ user: 'plimsoll', password: 'correct horse' })

  const operator = { PLIMSOLL_INFLUX_TOKEN: first.first!.token }
  const { made, token, readToken } = await setUp(operator)
  expect([made, token, readToken]).toEqual([[], first.token, first.readToken])

  // Without the operator's token a server that is set up stays as it is.
  const { exit, err } = await world({}, { clock: realClock }).run('setup', 'influx', '--url', server.url)
  expect([exit, err]).toEqual([
    1,
    'plimsoll setup influx: this InfluxDB is set up already: give a token that may do everything by PLIMSOLL_INFLUX_TOKEN\n',
  ])

  // Another bucket, whose retention changes.
  expect((await setUp(operator, '--bucket', 'b 2', '--keep', '30d')).made).toEqual([
    'bucket b 2',
    'token to write',
    'token to read',
  ])
  expect((await setUp(operator, '--bucket', 'b 2', '--keep', '60d')).made).toEqual(['retention of b 2'])
  expect((await setUp(operator, '--bucket', 'b 2', '--keep', '0')).made).toEqual(['retention of b 2'])
  expect((await setUp(operator, '--bucket', 'b 2', '--keep', '0')).made).toEqual([])

  const write = (bucket: string, by: string) =>
    status(`/api/v2/write?org=plimsoll&bucket=${bucket}`, by, { method: 'POST', body: 'up value=1' })
  expect(await write('plimsoll', token)).toBe(204)
  expect(await write('b%202', token)).not.toBe(204)
  expect(await write('plimsoll', readToken)).not.toBe(204)
  const makeBucket = { method: 'POST', body: JSON.stringify({ orgID: 'x', name: 'more' }) }
  expect(await status('/api/v2/buckets', token, makeBucket)).not.toBe(201)

  const store = await openInfluxdbStore({
    settings: {
      url: server.url,
      org: 'plimsoll',
      bucket: 'plimsoll',
      token: new Secret(token),
      readToken: new Secret(readToken),
    },
    table: new SeriesTable(),
    clock: realClock,
    deadLetters: async () => {},
  })
  const tMs = Date.now()
  const text = Buffer.from(`disk_used value=7 ${tMs}\n`)
  await store.append([{ receivedAtMs: tMs, partition: 0, rows: noRows, notes: [], text }])
  const [found] = await store.select([{ name: '__name__', op: '=', value: 'disk_used' }], {
    fromMs: tMs,
    toMs: tMs,
  })
  expect([...(found?.values ?? [])]).toEqual([7])
  expect(await store.health()).toEqual({ writable: true })
  await store.close()

  // Neither may read what it was not given.
  const t = async (bucket: string, by: string) => {
    const settings = { url: server.url, org: 'plimsoll', bucket, token: new Secret(by) }
    const other = await openInfluxdbStore({
      settings,
      table: new SeriesTable(),
      clock: realClock,
      deadLetters: async () => {},
    })
    await expect(other.last([], { fromMs: tMs, toMs: tMs }), bucket).rejects.toMatchObject({
      code: 'store_refused',
    })
    await other.close()
  }
  await t('b 2', readToken)
  await t('plimsoll', token)
})
