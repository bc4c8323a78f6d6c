// What the store makes of the answers of a database, good and bad.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import { SimulatedClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import type { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { BatchReader } from '#core/line-protocol/batch-reader.ts'
import { openLog } from '#core/log.ts'
import type { Matcher } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { Secret } from '#core/secret.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import type { PrometheusSettings } from '#core/store/prometheus/settings.ts'
import { openPrometheusStore } from '#core/store/prometheus.ts'
import type { Store } from '#core/store.ts'
import { type FakeDatabase, openFakeDatabase, type Reply } from './prometheus-server.ts'

const startMs = Date.UTC(2026, 10, 20, 12)
const is = (name: string, value: string): Matcher => ({ name, op: '=', value })

let fake: FakeDatabase
let clock: SimulatedClock
let table: SeriesTable
let letters: DeadLetter[]
let bury: (more: readonly DeadLetter[]) => Promise<void>
let own: ReturnType<typeof openOwnMetrics>
let state: State
let folder: string
let stores: Store[]
beforeEach(async () => {
  fake = await openFakeDatabase()
  clock = new SimulatedClock(startMs)
  table = new SeriesTable()
  letters = []
  bury = async more => void letters.push(...more)
  own = openOwnMetrics()
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-store-'))
  state = await openSqliteState({ file: join(folder, 'state.db'), clock })
  stores = []
})
afterEach(async () => {
  await fake.close()
  for (const each of stores) await each.close()
  await state.close()
  rmSync(folder, { recursive: true })
})

async function open(settings: Partial<PrometheusSettings> = {}, samplesMax = 1_000_000): Promise<Store> {
  const store = await openPrometheusStore({
    settings: { url: fake.url, write: `${fake.url}/api/v1/write`, headers: {}, ...settings },
    table,
    clock,
    own,
    log: openLog({ clock, write: () => {} }),
    state,
    deadLetters: more => bury(more),
    keepMs: 86_400_000,
    samplesMax,
  })
  stores.push(store)
  return store
}

// Samples `name 0`, `name 1` … of one partition, one a second.
function batch(name: string, count: number, partition = 0): Batch {
  const id = table.intern(name, labelsOf([['host', 'a b']]))
  const rows = {
    series: new Uint32Array(count).fill(id),
    tMs: Float64Array.from({ length: count }, (_, at) => startMs + at * 1_000),
    values: Float64Array.from({ length: count }, (_, at) => at),
  }
  return { receivedAtMs: startMs, partition, rows, notes: [] }
}
const named = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name} ${at}`)
const failure = async (work: Promise<unknown>): Promise<Partial<Failure>> =>
  work.then(
    () => ({ detail: 'it went well' }),
    error => error,
  )

describe('writing', () => {
  test('sends what it has, with whatever the database wants to see', async () => {
    const store = await open({ token: new Secret('t0p'), headers: { 'X-Scope-OrgID': 'fleet' } })
    await store.append([batch('up', 2), batch('down', 1)])
    expect(fake.requests).toEqual([['up 0', 'up 1', 'down 0']])
    expect(fake.headers[0]).toMatchObject({
      authorization: 'Bearer t0p',
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
      'x-scope-orgid': 'fleet',
    })
    const other = await open({ basic: { user: 'plim', password: new Secret('soll') } })
    await other.append([batch('up', 1)])
    expect(fake.headers[1]?.authorization).toBe(`Basic ${btoa('plim:soll')}`)
    expect(await own.text()).toContain('plimsoll_store_samples_total 4\n')
  })

  test('what comes while requests are under way goes out together, a partition never beside itself', async () => {
    const gates: ((reply: Reply) => void)[] = []
    fake.onWrite = () => new Promise(resolve => gates.push(resolve))
    const store = await open()
    const appended = ['a', 'b', 'c', 'd', 'e'].map((name, at) => store.append([batch(name, 1, at % 3)]))
    await expect.poll(() => gates.length).toBe(2)
    expect(fake.requests).toEqual([['a 0'], ['b 0']])
    gates[1]!({ status: 204 })
    // Partition 0 is still under way: `d` waits, and nothing of partition 1 waits for it.
    await expect.poll(() => gates.length).toBe(3)
    expect(fake.requests[2]).toEqual(['c 0', 'e 0'])
    fake.onWrite = () => ({ status: 204 })
    for (const open of gates) open({ status: 204 })
    await Promise.all(appended)
    expect(fake.requests[3]).toEqual(['d 0'])
  })

  test('what is refused for good goes to the dead letters with its reason, all else is stored', async () => {
    const bad = new Set(['b 3', 'c 0', 'c 1'])
    const stored = new Set<string>()
    fake.onWrite = samples => {
      const found = samples.find(each => bad.has(each))
      if (found !== undefined) return { status: 400, text: `out of order sample:\n ${found}` }
      for (const each of samples) stored.add(each)
      return { status: 204 }
    }
    const store = await open()
    await store.append([batch('a', 50), batch('b', 50), batch('c', 2), batch('d', 50)])
    const wanted = ['a', 'b', 'd'].flatMap(name => named(name, 50)).filter(each => !bad.has(each))
    expect([...stored].sort()).toEqual(wanted.sort())
    expect(letters.map(({ line }) => line).sort()).toEqual([
      `b,host=a\\ b value=3 ${startMs + 3_000}`,
      `c,host=a\\ b value=0 ${startMs}`,
      `c,host=a\\ b value=1 ${startMs + 1_000}`,
    ])
    expect(letters[0]).toMatchObject({ v: 1, atMs: startMs, from: 'prometheus' })
    expect(letters.find(({ line }) => line.startsWith('b'))?.reason).toBe('400: out of order sample: b 3')
    expect(await own.text()).toContain('plimsoll_store_dead_letters_total 3\n')
  })

  test('a series that the database would cut is not sent', async () => {
    const store = await open({ limits: { labels: 2, valueBytes: 100 } })
    const id = table.intern(
      'wide',
      labelsOf([
        ['a', '1'],
        ['b', '\n'],
      ]),
    )
    const rows = { series: Uint32Array.of(id), tMs: Float64Array.of(startMs), values: Float64Array.of(1) }
    await store.append([{ receivedAtMs: startMs, partition: 0, rows, notes: [] }, batch('up', 1)])
    expect(fake.requests).toEqual([['up 0']])
    expect(letters[0]?.reason).toBe('found 3 labels with the name, wanted at most 2')
    // Line protocol has no way to write this one.
    expect(JSON.parse(letters[0]!.line)).toMatchObject({ name: 'wide', labels: { b: '\n' }, tMs: startMs })
  })

  test('what is too large is sent in halves', async () => {
    fake.onWrite = samples => (samples.length > 30 ? { status: 413 } : { status: 204 })
    const store = await open()
    await store.append([batch('up', 100)])
    expect(
      fake.requests
        .filter(each => each.length <= 30)
        .flat()
        .sort(),
    ).toEqual(named('up', 100).sort())
    expect(letters).toEqual([])
  })

  test('a large batch goes out in several requests, in order', async () => {
    const store = await open()
    await store.append([batch('up', 45_000)])
    expect(fake.requests.map(each => each.length)).toEqual([20_000, 20_000, 5_000])
    expect(fake.requests.flat()).toEqual(named('up', 45_000))
  })

  test('lines for which this process has no room go to the dead letters, and are acknowledged with the rest', async () => {
    table = new SeriesTable(1)
    const text = Buffer.from(`up value=1 ${startMs}\nfull,host=a value=2 ${startMs}\n`)
    const read = new BatchReader(table).read(text, { receivedAtMs: startMs, partition: 0 })
    const store = await open()
    await store.append([read])
    expect(fake.requests).toEqual([['up 1']])
    expect(letters.map(({ line }) => line)).toEqual([`full,host=a value=2 ${startMs}`])
    expect(letters[0]?.reason).toContain('limits.series')
    expect(await own.text()).toContain('plimsoll_store_dead_letters_total 1\n')

    bury = async () => Promise.reject(new Error('the bus is away'))
    expect(await failure(store.append([read]))).toMatchObject({ message: 'the bus is away' })
  })

  test('when the dead letters cannot be kept, nothing is acknowledged', async () => {
    fake.onWrite = samples => ({ status: samples.length === 0 ? 204 : 400 })
    bury = async () => {
      throw new Error('no bus')
    }
    const store = await open()
    expect(await failure(store.append([batch('up', 1)]))).toMatchObject({ message: 'no bus' })
  })

  test('a wrong place or a wrong person says so, and loses nothing', async () => {
    const store = await open()
    const t = async (status: number, text = '', headers = {}) => {
      fake.onWrite = () => ({ status, text, headers })
      const found = await failure(store.append([batch('up', 3)]))
      expect(found, `${status} ${text}`).toMatchObject({ code: 'store_refused' })
      expect(found.detail).toContain(`answered ${status}`)
    }
    await t(401, 'no org id')
    await t(403)
    await t(404)
    await t(302, '', { location: 'http://127.0.0.1:1/login' })
    await t(400, 'remoteAddr: "127.0.0.1:1"; requestURI: /x; unsupported path requested: "/x"')
    expect(letters).toEqual([])
    // It refuses an empty request as well: not what we sent is wrong.
    fake.onWrite = () => ({ status: 400, text: 'bad request' })
    expect(await failure(store.append([batch('up', 3)]))).toMatchObject({
      code: 'store_refused',
      detail: '400: bad request',
    })
    expect(letters).toEqual([])
  })

  test('what gets better by itself is left to the bus, with the time to wait', async () => {
    const store = await open()
    const t = async (reply: Reply | 'break', wanted: object) => {
      fake.onWrite = () => reply
      expect(await failure(store.append([batch('up', 1)])), JSON.stringify(reply)).toMatchObject({
        code: 'store_unavailable',
        ...wanted,
      })
    }
    await t({ status: 429, headers: { 'retry-after': '7' } }, { retryAfterMs: 7_000 })
    await t(
      { status: 503, headers: { 'retry-after': new Date(startMs + 9_000).toUTCString() } },
      { retryAfterMs: 9_000 },
    )
    await t({ status: 503, headers: { 'retry-after': 'soon' } }, { retryAfterMs: undefined })
    await t(
      { status: 500, text: 'disk\n full' },
      { detail: `${new URL(fake.url).host}/api/v1/write answered 500: disk full` },
    )
    await t({ status: 408 }, {})
    await t('break', {})
    expect(letters).toEqual([])
  })

  test('no answer within the deadline is a failure, and so is no server', async () => {
    fake.onWrite = () => 'hang'
    const store = await open()
    const found = failure(store.append([batch('up', 1)]))
    await expect.poll(() => fake.requests.length).toBe(1)
    await clock.runFor(30_000)
    expect(await found).toMatchObject({
      code: 'store_unavailable',
      detail: expect.stringContaining('within 30 s'),
    })

    await fake.close()
    // A connection that was kept open is reset, a new one is refused.
    const gone = expect.stringMatching(/ECONN(REFUSED|RESET)/)
    const refused = await failure(store.append([batch('up', 1)]))
    expect(refused).toMatchObject({ code: 'store_unavailable', detail: gone })
    expect(await store.health()).toMatchObject({ writable: false, reason: gone })
  })

  test('after a break the last seconds are sent again before anything else', async () => {
    const store = await open()
    await store.append([batch('old', 1)])
    await clock.runFor(9_000)
    await store.append([batch('young', 1)])
    await clock.runFor(5_000)
    fake.onWrite = () => 'break'
    await failure(store.append([batch('broken', 1)]))
    await clock.runFor(60_000)
    // Still down, then back: what it says of samples that it has taken once is no matter.
    await failure(store.append([batch('broken', 1)]))
    fake.onWrite = samples => ({ status: samples.includes('young 0') ? 400 : 204 })
    fake.requests.length = 0
    await store.append([batch('broken', 1)])
    await store.append([batch('next', 1)])
    expect(fake.requests).toEqual([['young 0'], ['broken 0'], ['next 0']])
    expect(letters).toEqual([])

    // What was sent again is as young as the day it was sent again.
    await clock.runFor(8_000)
    fake.onWrite = () => 'break'
    await failure(store.append([batch('later', 1)]))
    fake.onWrite = () => ({ status: 204 })
    fake.requests.length = 0
    await store.append([batch('later', 1)])
    expect(fake.requests).toEqual([['young 0'], ['broken 0'], ['next 0'], ['later 0']])
  })

  test('what was sent just now is young, also when the clock was set forward meanwhile', async () => {
    const store = await open()
    await store.append([batch('young', 1)])
    Object.defineProperty(clock, 'nowMs', { value: () => clock.monotonicMs() + 3_600_000 })
    fake.onWrite = () => 'break'
    await failure(store.append([batch('broken', 1)]))
    fake.onWrite = () => ({ status: 204 })
    fake.requests.length = 0
    await store.append([batch('broken', 1)])
    expect(fake.requests).toEqual([['young 0'], ['broken 0']])
  })

  test('a connection that ends while nobody uses it is a break too', async () => {
    const store = await open()
    await store.append([batch('young', 1)])
    fake.hangUp()
    await expect.poll(() => fake.connections()).toBe(0)
    await store.append([batch('up', 1)])
    await store.append([batch('up', 1)])
    expect(fake.requests.filter(each => each[0] === 'young 0')).toHaveLength(2)
  })

  test('whoever says when to come again has not fallen: nothing is sent twice', async () => {
    const store = await open()
    await store.append([batch('young', 1)])
    const t = async (reply: Reply) => {
      fake.onWrite = () => reply
      await failure(store.append([batch('up', 1)]))
      fake.onWrite = () => ({ status: 204 })
      fake.requests.length = 0
      await store.append([batch('up', 1)])
      expect(fake.requests).toEqual([['up 0']])
    }
    await t({ status: 429 })
    await t({ status: 503, headers: { 'retry-after': '1' } })
    // Nor has whoever announces that he ends the connection.
    await t({ status: 429, headers: { connection: 'close' } })
  })

  test('tells whether writes would be taken, without any', async () => {
    const store = await open()
    expect(await store.health()).toEqual({ writable: true })
    expect(fake.requests).toEqual([[]])
    fake.onWrite = () => ({ status: 401, text: 'who are you?' })
    expect(await store.health()).toMatchObject({
      writable: false,
      reason: expect.stringContaining('who are you?'),
    })
  })

  test('a time that is none is refused before anything is sent', async () => {
    const store = await open()
    for (const tMs of [Number.NaN, -1, 0.5, 253_402_300_800_000]) {
      const { rows, ...rest } = batch('up', 1)
      await expect(store.append([{ ...rest, rows: { ...rows, tMs: Float64Array.of(tMs) } }])).rejects.toThrow(
        RangeError,
      )
    }
    expect(fake.requests).toEqual([])
  })

  test('when nobody waits for it any more, a question ends, and its connection with it', async () => {
    const store = await open()
    fake.onAsk = () => 'hang'
    const caller = new AbortController()
    const range = { fromMs: startMs, toMs: startMs }
    const refused = expect(store.select([is('__name__', 'up')], range, caller.signal)).rejects.toThrow('gone')
    await expect.poll(() => fake.asked.length).toBe(1)
    caller.abort(new Error('gone'))
    await refused
    await expect.poll(() => fake.connections()).toBe(0)
  })

  test('what was taken before it closes is stored, what comes later is refused', async () => {
    const store = await open()
    const appended = store.append([batch('up', 1)])
    await Promise.all([appended, store.close()])
    expect(await failure(store.append([batch('up', 1)]))).toMatchObject({ code: 'stopping' })
    expect(fake.requests).toEqual([['up 0']])
  })

  test('closing ends questions that are still open', async () => {
    fake.onAsk = () => ({ status: 200, text: '{' })
    const store = await open()
    const asked = failure(store.select([], { fromMs: 0, toMs: startMs }))
    await store.close()
    expect(await asked).toMatchObject({ code: 'stopping' })
  })
})

describe('reading', () => {
  const range = { fromMs: startMs - 3_600_000, toMs: startMs }
  const good = (data: unknown): Reply => ({ status: 200, text: JSON.stringify({ status: 'success', data }) })
  const matrix = (...result: unknown[]): Reply => good({ resultType: 'matrix', result })
  const up = (...values: unknown[]) => ({ metric: { __name__: 'up' }, values })
  const query = (at: number) => fake.asked[at]?.form.get('query')

  test('asks for a little more than the range, as a date', async () => {
    fake.onAsk = () => matrix(up([startMs / 1_000 - 3_600.001, '1'], [startMs / 1_000, '2']))
    const store = await open()
    const found = await store.select([is('__name__', 'up')], range)
    expect(query(0)).toBe('{__name__="up"}[3600003ms]')
    expect(fake.asked[0]?.form.get('time')).toBe('2026-11-20T12:00:00.001Z')
    expect(found.map(({ values }) => [...values])).toEqual([[2]])
  })

  test('a range that is too long for the database is asked for in parts', async () => {
    const text = JSON.stringify({ status: 'error', error: 'the query time range exceeds the limit' })
    fake.onAsk = ({ form }) => {
      const hours = Number(/\[(\d+)ms/.exec(form.get('query')!)?.[1]) / 3_600_000
      const endMs = Date.parse(form.get('time')!)
      return hours > 3 ? { status: 422, text } : matrix(up([(endMs - 2) / 1_000, '1']))
    }
    const store = await open()
    const [found] = await store.select([is('__name__', 'up')], {
      fromMs: startMs - 8 * 3_600_000,
      toMs: startMs,
    })
    expect([...found!.tMs]).toEqual([6, 4, 2, 0].map(hours => startMs - hours * 3_600_000 - 1))

    fake.onAsk = () => ({ status: 422, text })
    expect(await failure(store.select([], range))).toMatchObject({
      code: 'too_many_samples',
      detail: expect.stringContaining('exceeds'),
    })
  })

  test('what the database will not answer is told as what it is', async () => {
    const store = await open({}, 1)
    const t = async (reply: Reply, code: string) => {
      fake.onAsk = () => reply
      expect(await failure(store.select([is('__name__', 'up')], range)), JSON.stringify(reply)).toMatchObject(
        { code },
      )
      if (code !== 'too_many_samples')
        expect(await failure(store.series([is('a', 'b')], range))).toMatchObject({ code })
    }
    await t({ status: 422, text: '{"status":"error","error":"it \\"thinks\\" not"}' }, 'bad_query')
    await t({ status: 400, text: '{"status":"error","error":"no"}' }, 'bad_query')
    await t({ status: 403 }, 'store_refused')
    await t({ status: 503 }, 'store_unavailable')
    await t({ status: 200, text: '<html>' }, 'store_unavailable')
    await t(
      {
        status: 200,
        text: '{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]}}',
      },
      'store_unavailable',
    )
    await t(matrix(up([startMs / 1_000 - 1, '1'], [startMs / 1_000, '1'])), 'too_many_samples')
  })

  test('finds out once how strange names are written, and looks through more where they cannot be', async () => {
    const strange = is('service.name', 'shop')
    const result = [
      { metric: { __name__: 'up', 'service.name': 'shop' }, values: [[startMs / 1_000, '1']] },
      { metric: { __name__: 'up' }, values: [[startMs / 1_000, '2']] },
    ]
    const t = async (understood: RegExp, ...queries: string[]) => {
      fake.asked.length = 0
      fake.onAsk = ({ form }) => {
        const asked = form.get('query')!
        if (!understood.test(asked)) return { status: 400, text: '{"error":"parse error"}' }
        return asked.includes('[') ? matrix(...result) : good({ resultType: 'vector', result: [] })
      }
      const store = await open()
      for (let each = 0; each < 2; each++) {
        const found = await store.select([is('__name__', 'up'), strange], range)
        expect(found.map(({ values }) => [...values])).toEqual([[1]])
      }
      expect(fake.asked.map((_, at) => query(at)).filter(text => text?.includes('ms]'))).toEqual([
        ...queries,
        ...queries,
      ])
    }
    await t(/^[^\\]*$/, '{__name__="up","service.name"="shop"}[3600003ms]')
    await t(/^[^,]*(?:,[^"]*=.*)?$/, '{__name__="up",service\\.name="shop"}[3600003ms]')
    await t(/^\{__name__="\w+"\}/, '{__name__="up"}[3600003ms]')
  })

  test('lists names and values, those of notes too', async () => {
    const id = table.intern('kernel_line', labelsOf([['unit', 'sshd']]))
    const store = await open()
    await store.append([{ ...batch('up', 1), notes: [{ series: id, tMs: startMs, text: 'x' }] }])
    fake.onAsk = ({ path }) => {
      if (path === '/api/v1/labels') return good(['__name__', 'host'])
      return good(path === '/api/v1/series' ? [{ __name__: 'up', 'a.b': 'x' }] : ['up'])
    }
    expect(await store.labelNames([], range)).toEqual(['__name__', 'host', 'unit'])
    expect(await store.labelValues('__name__', [], range)).toEqual(['kernel_line', 'up'])
    expect(await store.labelValues('a.b', [], range)).toEqual(['x'])
    expect((await store.series([], range)).map(({ name }) => name)).toEqual(['up', 'kernel_line'])
    expect(fake.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/labels',
      'GET /api/v1/label/__name__/values',
      'POST /api/v1/series',
      'POST /api/v1/series',
    ])
    expect(fake.asked[0]?.form.has('match[]')).toBe(false)
    expect(fake.asked[2]?.form.get('match[]')).toBe('{__name__!=""}')
  })

  test('looks for last values nearby first, and further back only as long as some are missing', async () => {
    const day = { fromMs: startMs - 86_400_000, toMs: startMs }
    let there = 1
    fake.onAsk = ({ form }) => {
      const asked = form.get('query')!
      if (asked.startsWith('count('))
        return good({ resultType: 'vector', result: [{ value: [0, String(there)] }] })
      const isNear = asked.includes('[300003ms]')
      return isNear
        ? matrix(up([startMs / 1_000 - 60, '1'], [startMs / 1_000, '2']))
        : matrix({ metric: { __name__: 'old' }, values: [[startMs / 1_000 - 7_200, '3']] })
    }
    const store = await open()
    const names = async () =>
      (await store.last([], day)).map(({ series, value }) => `${series.name} ${value}`)
    expect(await names()).toEqual(['up 2'])
    expect(fake.asked).toHaveLength(2)
    there = 2
    fake.asked.length = 0
    fake.onAsk = (ask => asked => {
      const reply = ask(asked)
      // 30 minutes before the first five have nothing of it either.
      return asked.form.get('query')!.includes('[1800003ms]') ? matrix() : reply
    })(fake.onAsk)
    expect(await names()).toEqual(['up 2', 'old 3'])
    expect(fake.asked).toHaveLength(4)
  })
})
