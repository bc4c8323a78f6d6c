// What stands on the brokers: topics and how they are made, records of foreign producers, records that are gone, and who
// is let in.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka as Client, type ITopicConfig, type Message, Partitioners } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { KafkaSettings } from '#core/bus/kafka/settings.ts'
import { openKafkaBus } from '#core/bus/kafka.ts'
import type { Bus } from '#core/bus.ts'
import { realClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { Secret } from '#core/secret.ts'
import { SeriesTable } from '#core/series.ts'
import { batchOf } from '../core/bus.contract.ts'
import { debian, says } from '../engines/debian.ts'
import { freePort } from '../engines/engine.ts'
import { type Kafka, startKafka } from '../engines/kafka.ts'

const password = 'a-secret'
let folder: string
let kafka: Kafka
let secure: string
let certificate: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-kafka-'))
  await debian({ name: 'openssl', has: () => says('openssl', ['version']) !== undefined })
  const [key, pem, both] = ['key.pem', 'cert.pem', 'both.pem'].map(each => join(folder, each)) as [
    string,
    string,
    string,
  ]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', pem, ...subject]
  execFileSync('openssl', request, { stdio: 'ignore' })
  certificate = readFileSync(pem, 'utf8')
  writeFileSync(both, `${readFileSync(key, 'utf8')}${certificate}`)
  const securePort = await freePort()
  secure = `127.0.0.1:${securePort}`
  const modules = 'org.apache.kafka.common.security'
  mkdirSync(join(folder, 'broker'))
  kafka = await startKafka(
    join(folder, 'broker'),
    (port, controller) => ({
      listeners: `PLAINTEXT://127.0.0.1:${port},SECURE://${secure},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SECURE://${secure}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
      'listener.name.secure.ssl.keystore.type': 'PEM',
      'listener.name.secure.ssl.keystore.location': both,
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.secure.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required user_plimsoll="${password}" user_guest="${password}";`,
      'listener.name.secure.scram-sha-256.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
      'listener.name.secure.scram-sha-512.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS;User:plimsoll',
    }),
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap(each => [
      '--add-scram',
      `${each}=[name=plimsoll,password=${password}]`,
    ]),
  )
})
afterAll(async () => {
  await kafka?.kill()
  rmSync(folder, { recursive: true })
})

let number = 0
let prefix: string
const own = openOwnMetrics()
const table = new SeriesTable()
const opened: Bus[] = []
const log = openLog({ write: () => {} })
const open = async (settings: Partial<KafkaSettings> = {}): Promise<Bus> => {
  const all = { brokers: kafka.brokers, clientId: 'test', prefix, ...settings }
  const bus = await openKafkaBus({ settings: all, table, clock: realClock, own, log })
  opened.push(bus)
  return bus
}
const begin = (): string => {
  prefix = `topics${number++}`
  return prefix
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map(each => each.close()))
})

const client = () => new Client({ brokers: [...kafka.brokers], logLevel: 0 })
async function asAdmin<T>(deed: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client().admin()
  await admin.connect()
  return deed(admin).finally(() => admin.disconnect())
}
const make = (topic: ITopicConfig): Promise<boolean> =>
  asAdmin(admin => admin.createTopics({ topics: [topic], waitForLeaders: false }))
async function produce(topic: string, ...messages: Message[]): Promise<void> {
  const producer = client().producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, messages })
  await producer.disconnect()
}

const count = (name: string): number =>
  own
    .samples(0)
    .filter(each => each.series.name === name)
    .reduce((sum, { value }) => sum + value, 0)

test('several that start at once make the topics once, as the design says', async () => {
  begin()
  await Promise.all([open(), open(), open()])
  const { topics } = await asAdmin(admin => admin.fetchTopicMetadata())
  const ours = topics.filter(each => each.name.startsWith(`${prefix}.`))
  expect(
    Object.fromEntries(ours.map(each => [each.name.slice(prefix.length + 1), each.partitions.length])),
  ).toEqual({
    samples: 64,
    ingest: 16,
    alerts: 16,
    notices: 16,
    actions: 16,
    results: 16,
    deadletter: 1,
  })
})

test('a topic of samples with another number of partitions is refused, and is told how it must be', async () => {
  begin()
  await make({ topic: `${prefix}.samples`, numPartitions: 6 })
  await expect(open()).rejects.toThrow(
    `bus_refused: ${prefix}.samples has 6 partitions, wanted 64: a host stays in its partition for life`,
  )
})

test('what the brokers packed by any means is read', async () => {
  begin()
  for (const packing of ['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed']) {
    prefix = `${begin()}-${packing}`
    // The broker packs anew, by the libraries that Java producers use.
    const configEntries = [{ name: 'compression.type', value: packing }]
    await make({ topic: `${prefix}.ingest`, numPartitions: 2, configEntries })
    const bus = await open()
    const seen: string[] = []
    await bus.subscribe('ingest', 'one', async records => {
      seen.push(...records.map(each => `${each.key} ${Buffer.from(each.text)}`))
    })
    const text = Array.from({ length: 3_000 }, (_, at) => `cpu,host=h${at} usage=${at}.5 ${at}\n`).join('')
    await bus.publish('ingest', [{ key: 'a', atMs: realClock.nowMs(), text: Buffer.from(text) }])
    await expect.poll(() => seen, { message: packing }).toEqual([`a ${text}`])
  }
})

test('what is not what its topic holds goes to the dead letters, and what stands behind it is handled', async () => {
  begin()
  const bus = await open()
  const letters: DeadLetter[] = []
  const partitions: number[] = []
  await bus.subscribe('deadletter', 'one', async found => void letters.push(...found))
  await bus.subscribe(
    'samples',
    'one',
    async found => void partitions.push(...found.map(each => each.partition)),
  )
  await produce(`${prefix}.samples`, { partition: 5, value: 'cpu usage=1 5\n' })
  await produce(`${prefix}.deadletter`, { partition: 0, value: 'nonsense' })
  await bus.publish('samples', [batchOf(table, 5, 1)])

  await expect.poll(() => partitions).toEqual([5])
  await expect
    .poll(() => letters)
    .toMatchObject([
      {
        v: 1,
        from: 'kafka',
        line: 'cpu usage=1 5\n',
        reason: expect.stringContaining('header receivedAtMs'),
      },
    ])
  await expect.poll(() => count('plimsoll_bus_unreadable_total')).toBe(2)
})

test('records that are gone before they were read are told, and reading goes on at the oldest', async () => {
  begin()
  const bus = await open()
  const seen: number[] = []
  const subscribe = () =>
    bus.subscribe('samples', 'one', async found => void seen.push(...found.map(each => each.rows.values[0]!)))
  const first = await subscribe()
  await bus.publish('samples', [batchOf(table, 5, 1)])
  await expect.poll(() => seen).toEqual([1])
  await first.stop()
  for (const each of [2, 3, 4]) await bus.publish('samples', [batchOf(table, 5, each)])
  const topic = `${prefix}.samples`
  await asAdmin(async admin => {
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 5, offset: '3' }] })
  })
  const before = count('plimsoll_bus_positions_lost_total')
  await subscribe()

  await expect.poll(() => seen).toEqual([1, 4])
  expect(count('plimsoll_bus_positions_lost_total')).toBe(before + 1)
})

test('comes in by TLS and each way of login, and carries samples', async () => {
  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    begin()
    const sasl = { mechanism, username: 'plimsoll', password: new Secret(password) }
    const bus = await open({ brokers: [secure], tls: { ca: certificate, verify: true }, sasl })
    const seen: number[] = []
    await bus.subscribe('samples', 'one', async found => void seen.push(...found.map(each => each.partition)))
    await bus.publish('samples', [batchOf(table, 5, 1)])
    await expect.poll(() => seen, { message: mechanism }).toEqual([5])
  }
})

test('who is not let in is told what is wrong', async () => {
  const t = async (settings: Partial<KafkaSettings>, ...expected: readonly string[]) => {
    begin()
    const told = await open({ brokers: [secure], ...settings }).then(
      () => 'let in',
      error => String(error),
    )
    for (const each of expected) expect(told).toContain(each)
  }
  const as = (username: string, word = password) =>
    ({ mechanism: 'plain', username, password: new Secret(word) }) as const
  const tls = { ca: certificate, verify: true }
  await t({ tls, sasl: as('plimsoll', 'wrong') }, 'bus_refused', 'Authentication failed')
  await t(
    { tls, sasl: { ...as('nobody'), mechanism: 'scram-sha-512' } },
    'bus_refused',
    'uthentication failed',
  )
  await t({ tls: { verify: true }, sasl: as('plimsoll') }, 'bus_refused', 'self-signed certificate')
  await t({ tls: { verify: false }, sasl: as('plimsoll') }, 'let in')
  // May come in, and nothing else.
  await t(
    { tls, sasl: as('guest') },
    'bus_refused: the brokers let us make no topics, so make these: ',
    '.samples (64 partitions, retention.ms=172800000, max.message.bytes=8388608); ',
  )
  await t({ brokers: ['127.0.0.1:9'] }, 'bus_unavailable', 'ECONNREFUSED')
})
