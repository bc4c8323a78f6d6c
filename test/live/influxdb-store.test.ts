// The store on a real InfluxDB: the contract of the port, what it refuses, and what it does to odd text.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Batch, noRows } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import { Secret } from '#core/secret.ts'
import { isStale, isStaleNumber } from '#core/stale.ts'
import type { Store } from '#core/store.ts'
import { storeContract } from '../core/store.contract.ts'
import { type InfluxdbPlace, influxdbPlace, operator } from './influxdb-place.ts'

let influxdb: InfluxdbPlace
beforeAll(async () => {
  influxdb = await influxdbPlace()
})
afterAll(() => influxdb.end())

const nowMs = Date.UTC(2026, 10, 20, 12)
const dayMs = 86_400_000
const always = { fromMs: nowMs - 365 * dayMs, toMs: nowMs + dayMs }
const is = (name: string, value: string): Matcher => ({ name, op: '=', value })
const named = (name: string) => [is('__name__', name)]
const lines = (...text: string[]): Batch => ({
  receivedAtMs: nowMs,
  partition: 0,
  rows: noRows,
  notes: [],
  text: Buffer.from(text.map(line => `${line}\n`).join('')),
})
const values = async (store: Store, matchers: readonly Matcher[]) =>
  (await store.select(matchers, always)).map(each => [...each.values])

storeContract('influxdb', () => influxdb.open(), {
  overwrites: true,
  staleMarkers: true,
  exactNumbers: true,
})

describe('what is refused', () => {
  test('lines that cannot be read are kept apart, the others are stored', async () => {
    const { store, letters } = await influxdb.open()
    const many = Array.from(
      { length: 3_000 },
      (_, at) => `many,n=${at % 50} value=${at % 1_000 === 7 ? '1x' : at} ${nowMs + at}`,
    )
    await store.append([lines(...many), lines('other value=1 1763640000000')])

    expect(letters.map(({ reason, line }) => [reason, line])).toEqual(
      [7, 1_007, 2_007].map(at => ['invalid number', `many,n=7 value=1x ${nowMs + at}`]),
    )
    expect((await values(store, named('many'))).flat()).toHaveLength(2_997)
    await store.close()
  })

  test('a field that changes its type goes to the dead letters, its neighbours do not', async () => {
    const { store, letters, own } = await influxdb.open()
    await store.append([lines(`m,h=a v=1,w="note" ${nowMs}`)])
    await store.append([
      lines(
        `m,h=b v="x" ${nowMs}`,
        `m,h=c v=2 ${nowMs}`,
        `m,h=d v=t ${nowMs}`,
        `m,h=e w=1 ${nowMs}`,
        `k value=5i ${nowMs}`,
      ),
    ])

    expect(
      letters.map(({ line, reason }) => [
        line.slice(0, 5),
        reason.replace(/^field type conflict: input field /, ''),
      ]),
    ).toEqual(
      [
        ['m,h=b', '"v" on measurement "m" is type string, already exists as type float'],
        ['m,h=d', '"v" on measurement "m" is type boolean, already exists as type float'],
        ['m,h=e', '"w" on measurement "m" is type float, already exists as type string'],
      ].sort() as unknown,
    )
    expect(await values(store, named('m_v'))).toEqual([[1], [2]])
    expect(await values(store, named('k'))).toEqual([[5]])
    expect((await own.text()).match(/outcome="refused"} (\d+)/)?.[1]).toBeDefined()
    await store.close()
  })

  test('a flood of one conflict costs two requests, however many lines', async () => {
    const { store, letters, own } = await influxdb.open()
    await store.append([lines(`m v=1 ${nowMs}`)])
    const flood = Array.from({ length: 5_000 }, (_, at) =>
      at % 2 === 0 ? `m,n=${at} v="x" ${nowMs}` : `m,n=${at} v=1 ${nowMs}`,
    )
    await store.append([lines(...flood)])

    expect(letters).toHaveLength(2_500)
    const requests = own
      .samples(nowMs)
      .filter(({ series }) => series.name === 'plimsoll_store_requests_total')
    expect(requests.map(({ series, value }) => [series.labels['outcome'], value])).toEqual([
      ['stored', 1],
      ['refused', 2],
    ])
    await store.close()
  })

  test('an unknown bucket and a wrong token keep everything where it is', async () => {
    const t = async (settings: object, reason: string) => {
      const { store, letters } = await influxdb.open({
        settings: {
          url: influxdb.server.url,
          org: 'plimsoll',
          bucket: 'first',
          token: new Secret(operator),
          ...settings,
        },
      })
      await expect(store.append([lines(`up value=1 ${nowMs}`)])).rejects.toThrow(`store_refused: ${reason}`)
      expect(letters).toEqual([])
      expect(await store.health()).toEqual({ writable: false, reason: expect.stringContaining(reason) })
      await store.close()
    }

    await t({ bucket: 'none' }, '404: bucket "none" not found')
    await t({ token: new Secret('wrong') }, '401: unauthorized access')
    await t({ org: 'none' }, '404: ')
  })

  test('tags that break every query never come in', async () => {
    const { store, letters } = await influxdb.open()
    await store.append([
      lines(`m,_time=1 v=1 ${nowMs}`, `m,_value=1 v=1 ${nowMs}`, `m,table=1,result=2,error=3 v=1 ${nowMs}`),
    ])
    expect(letters).toHaveLength(2)
    expect(await store.series([], always)).toHaveLength(1)
    expect((await store.select([is('table', '1')], always))[0]?.series.labels).toMatchObject({
      table: '1',
      result: '2',
      error: '3',
    })
    await store.close()
  })
})

describe('what is read', () => {
  test('numbers of every type are samples, strings are notes', async () => {
    const { store } = await influxdb.open()
    await store.append([
      lines(
        `m,host=a f=1.5,i=-8i,u=18446744073709551615u,t=true,n=F,s="a \\"note\\"\nof two, lines" ${nowMs}`,
      ),
    ])

    expect(
      (await store.select([is('host', 'a')], always))
        .map(({ series, values }) => [series.name, ...values])
        .sort(),
    ).toEqual([
      ['m_f', 1.5],
      ['m_i', -8],
      ['m_n', 0],
      ['m_t', 1],
      ['m_u', 2 ** 64],
    ])
    expect((await store.notes([], always, 9)).map(({ series, text }) => [series.name, text])).toEqual([
      ['m_s', 'a "note"\nof two, lines'],
    ])
    expect((await store.last([is('host', 'a')], always)).map(({ series }) => series.name).sort()).toEqual([
      'm_f',
      'm_i',
      'm_n',
      'm_t',
      'm_u',
    ])
    expect(await store.select(named('m_s'), always)).toEqual([])
    await store.close()
  })

  test('whatever a tag or name says, it comes back', async () => {
    const { store, table } = await influxdb.open()
    const odd = [
      '机器',
      'a b',
      'a,b',
      'a=b',
      'a"b',
      "a'b",
      'a\\b',
      'a\\,b',
      'a\\\\b',
      `$\{x}`,
      '$',
      '`',
      '\u{1f600}',
      'a#b',
      ' lead',
      'a\u2028b',
    ]
    const labels = (text: string) =>
      labelsOf([
        ['k', text],
        [`k ${text}`, 'v'],
      ])
    // A backslash before a comma is what InfluxDB loses in names, and refuses in fields.
    const nameFor = (text: string) => `n_${text.replaceAll('\\,', ',')}`
    for (const text of odd) {
      const id = table.intern(nameFor(text), labels(text))
      const rows = { series: Uint32Array.of(id), tMs: Float64Array.of(nowMs), values: Float64Array.of(1) }
      await store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes: [] }])
    }
    for (const text of odd) {
      const wanted = [{ name: nameFor(text), labels: labels(text) }]
      const t = async (matchers: readonly Matcher[]) =>
        expect(
          (await store.select(matchers, always)).map(({ series }) => series),
          text,
        ).toEqual(wanted)
      await t([...named(nameFor(text)), is('k', text)])
      await t([is('k', text)])
      await t([is(`k ${text}`, 'v')])
    }
    expect(await store.labelValues('k', [], always)).toEqual(odd.toSorted())
    expect(await store.labelValues('__name__', [], always)).toEqual([...new Set(odd.map(nameFor))].sort())
    await store.close()
  })

  test('one series that was written in several ways is one', async () => {
    const { store } = await influxdb.open()
    await store.append([
      lines(
        `cpu_usage,host=a idle=1 ${nowMs}`,
        `cpu,host=a usage_idle=2 ${nowMs + 1}`,
        `cpu_usage_idle,host=a value=3 ${nowMs + 2}`,
        `prometheus,host=a cpu_usage_idle=4 ${nowMs + 3}`,
        `cpu,host=a usage_idle__special="stale" ${nowMs + 4}`,
        `cpu,host=a usage_idle__special="NaN" ${nowMs}`,
      ),
    ])

    const [found, ...others] = await store.select(named('cpu_usage_idle'), always)
    expect(others).toEqual([])
    expect([...found!.tMs]).toEqual([0, 1, 2, 3, 4].map(each => nowMs + each))
    // At one time the number is taken.
    expect([...found!.values]).toEqual([1, 2, 3, 4, Number.NaN])
    expect(isStale(found!.values, 4)).toBe(true)
    const last = await store.last([{ name: '__name__', op: '=~', value: 'cpu_.*' }], always)
    expect(last.map(({ tMs, value }) => [tMs, isStaleNumber(value)])).toEqual([[nowMs + 4, true]])
    expect(await store.series([], always)).toEqual([{ name: 'cpu_usage_idle', labels: { host: 'a' } }])
    await store.close()
  })

  test('a field that changed its type from week to week is read whole', async () => {
    const { store } = await influxdb.open()
    const weeks = ['1', '2i', '"text"', '4', 'true'].map(
      (value, at) => `m,h=a v=${value} ${nowMs - (5 - at) * 14 * dayMs}`,
    )
    await store.append([lines(...weeks)])

    expect(await values(store, named('m_v'))).toEqual([[1, 2, 4, 1]])
    expect((await store.notes(named('m_v'), always, 5)).map(({ text }) => text)).toEqual(['text'])
    expect(
      (await store.last(named('m_v'), { ...always, toMs: nowMs - 3 * 14 * dayMs })).map(({ value }) => value),
    ).toEqual([2])
    await store.close()
  })

  test('matchers decide as everywhere, whatever InfluxDB makes of them', async () => {
    const { store } = await influxdb.open()
    await store.append([
      lines(
        `up,host=a,rack=1 value=1 ${nowMs}`,
        `up,host=b value=2 ${nowMs}`,
        `up value=3 ${nowMs}`,
        `cpu,host=a x=4 ${nowMs}`,
      ),
    ])
    const t = async (matchers: readonly Matcher[], ...wanted: number[]) =>
      expect((await values(store, matchers)).flat().sort(), JSON.stringify(matchers)).toEqual(wanted)
    const host = (op: Matcher['op'], value: string): Matcher => ({ name: 'host', op, value })

    await t([host('=', '')], 3)
    await t([host('!=', 'a')], 2, 3)
    await t([host('=~', '[a-c]+')], 1, 2, 4)
    await t([host('=~', 'a|')], 1, 3, 4)
    await t([host('!~', 'a|b')], 3)
    await t([...named('up'), host('=~', '.+')], 1, 2)
    await t([{ name: '__name__', op: '=~', value: 'c.*' }], 4)
    await t([{ name: '__name__', op: '!=', value: 'up' }], 4)
    await t([], 1, 2, 3, 4)
    expect(await store.labelNames([host('=', 'b')], always)).toEqual(['__name__', 'host'])
    expect(await store.labelValues('rack', named('up'), always)).toEqual(['1'])
    expect(await store.labelValues('host', named('nothing'), always)).toEqual([])
    // It is not known whether there is one without labels.
    expect(await store.labelNames(named('nothing'), always)).toEqual(['__name__'])
    await store.close()
  })

  test('more samples than an answer may hold are refused, not cut', async () => {
    const { store } = await influxdb.open({ maxSamples: 99 })
    await store.append([lines(...Array.from({ length: 100 }, (_, at) => `up value=${at} ${nowMs + at}`))])
    await expect(store.select(named('up'), always)).rejects.toMatchObject({ code: 'too_many_samples' })
    expect(
      (await store.select(named('up'), { fromMs: nowMs + 1, toMs: nowMs + 99 }))[0]?.values,
    ).toHaveLength(99)
    await store.close()
  })

  test('a question is given up in time, and a server that is away is told as such', async () => {
    const { store } = await influxdb.open({ tuning: { queryLimitMs: 300 } })
    influxdb.server.pause()
    try {
      await expect(store.select(named('up'), always)).rejects.toMatchObject({ code: 'store_unavailable' })
    } finally {
      influxdb.server.wake()
    }
    const away = await influxdb.open({
      settings: { url: 'http://127.0.0.1:1', org: 'o', bucket: 'b', token: new Secret('t') },
    })
    await expect(away.store.last([], always)).rejects.toMatchObject({ code: 'store_unavailable' })
    const gone = await influxdb.open({
      settings: { url: influxdb.server.url, org: 'plimsoll', bucket: 'none', token: new Secret(operator) },
    })
    await expect(gone.store.last([], always)).rejects.toMatchObject({ code: 'store_refused' })
    for (const each of [store, away.store, gone.store]) await each.close()
  })
})
