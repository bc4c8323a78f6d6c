// What records look like on their topics, both ways, and what is said of those that are something else.
import { expect, test } from 'vitest'
import { type Codecs, codecsOf, type Incoming, unpackTrouble } from '#core/bus/kafka/records.ts'
import { settingsOf, topicNames, topicTable, wantedText } from '#core/bus/kafka/topics.ts'
import { labelsOf } from '#core/labels.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'

const table = new SeriesTable()
const own = openOwnMetrics()
const codecs: Codecs = codecsOf(table, own)
const incoming = (given: Partial<Incoming>): Incoming => ({
  offset: '0',
  key: null,
  value: null,
  timestamp: '7',
  ...given,
})
const text = 'cpu,host=a usage=1 5\n'

test('samples travel as text that anyone can read, in the partition of their batch', () => {
  const series = table.intern('cpu_usage', labelsOf([['host', 'a']]))
  const rows = { series: Uint32Array.of(series), tMs: Float64Array.of(5), values: Float64Array.of(1) }
  const [record, ...more] = codecs.samples.write({ receivedAtMs: 9, partition: 3, rows, notes: [] })
  expect(more).toEqual([])
  expect(record).toMatchObject({ partition: 3, timestamp: '9', headers: { receivedAtMs: '9' } })
  expect(record?.key).toBeUndefined()
  expect(record?.value.toString()).toMatch(/^cpu_usage,host=a value=1(\.0)? 5\n$/)
})

test('text that a sender wrote is passed on as it is, cut where it is long', () => {
  const long = Buffer.from(text.repeat(50_000))
  const rows = { series: new Uint32Array(), tMs: new Float64Array(), values: new Float64Array() }
  const records = codecs.samples.write({ receivedAtMs: 9, partition: 3, rows, notes: [], text: long })
  expect(records.length).toBeGreaterThan(1)
  for (const { value } of records) expect(value.length).toBeLessThanOrEqual(512 * 1024)
  expect(Buffer.concat(records.map(each => each.value)).equals(long)).toBe(true)
  long.fill(0)
  expect(records[0]?.value.toString('utf8', 0, 4)).toBe('cpu,')
})

test('samples are read with the time and partition of their record', () => {
  const headers = { receivedAtMs: Buffer.from('9') }
  const reading = codecs.samples.read(incoming({ value: Buffer.from(text), headers }), 3)
  if (!('record' in reading)) throw new Error(reading.unreadable)
  const { receivedAtMs, partition, rows } = reading.record
  expect([receivedAtMs, partition, [...rows.tMs], [...rows.values]]).toEqual([9, 3, [5], [1]])
  expect(table.get(rows.series[0]!)).toEqual({ name: 'cpu_usage', labels: { host: 'a' } })
  expect(Buffer.from(reading.record.text!).toString()).toBe(text)
})

test('lines that cannot be read are counted when somebody reads them', () => {
  const headers = { receivedAtMs: Buffer.from('9') }
  const reading = codecs.samples.read(incoming({ value: Buffer.from(`${text}nonsense\n`), headers }), 3)
  if (!('record' in reading)) throw new Error(reading.unreadable)
  expect(reading.record.rows.values.length).toBe(1)
  const counted = own.samples(0).find(each => each.series.labels['reason'] === 'not_a_line')
  expect(counted?.value).toBe(1)
})

test('what is something else says why', () => {
  const t = (topic: keyof Codecs, given: Partial<Incoming>, expected: string) => {
    const reading = codecs[topic].read(incoming(given), 3)
    expect('unreadable' in reading ? reading.unreadable : 'readable').toContain(expected)
  }
  const value = Buffer.from(text)
  t('samples', { value }, 'header receivedAtMs: wanted milliseconds, found none')
  t('samples', { value, headers: { receivedAtMs: Buffer.from('soon') } }, 'found soon')
  t('samples', { value, headers: { receivedAtMs: Buffer.from('-1') } }, 'found -1')
  t('samples', { value, headers: { receivedAtMs: [Buffer.from('1'), Buffer.from('2')] } }, 'found 1,2')
  t('samples', { headers: { receivedAtMs: Buffer.from('9') } }, 'no value')
  t('ingest', {}, 'no value')
  t('ingest', { value }, 'readable')
  t('deadletter', { value: Buffer.from('{"v":1}') }, 'readable')
  t('deadletter', { value: Buffer.from('{"v":2}') }, 'wanted an object with v: 1')
  t('deadletter', { value: Buffer.from('null') }, 'wanted an object with v: 1')
  t('deadletter', { value: Buffer.from('{') }, 'not JSON')
  t('deadletter', {}, 'no value')
  expect(unpackTrouble(incoming({}))).toBeUndefined()
})

test('what foreign producers write comes with its key and the time of its record', () => {
  const { key, value } = { key: Buffer.from('h1'), value: Buffer.from(text) }
  expect(codecs.ingest.read(incoming({ key, value }), 0)).toEqual({
    record: { key: 'h1', atMs: 7, text: value },
  })
  expect(codecs.ingest.read(incoming({ value }), 0)).toMatchObject({ record: { key: '' } })
})

test('the topics are those of the design, and say how they must look', () => {
  expect(topicNames).toEqual(['samples', 'ingest', 'alerts', 'notices', 'actions', 'results', 'deadletter'])
  expect(topicTable.samples.partitions).toBe(64)
  expect(settingsOf('samples', undefined)).toEqual({
    'retention.ms': '172800000',
    'max.message.bytes': '8388608',
  })
  expect(settingsOf('samples', 3)).toMatchObject({ 'min.insync.replicas': '2' })
  const settings = { brokers: [], clientId: '', prefix: 'p', replication: 3 }
  expect(wantedText(settings, 'deadletter')).toBe(
    'p.deadletter (1 partitions, retention.ms=1209600000, max.message.bytes=8388608, min.insync.replicas=2)',
  )
})
