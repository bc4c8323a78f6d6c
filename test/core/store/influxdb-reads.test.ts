import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { nextShard } from '#core/store/influxdb/runs.ts'
import { type Answer, nowMs, stub } from './influxdb-stub.ts'

const up = [{ name: '__name__', op: '=', value: 'up' }] as const
const range = { fromMs: nowMs, toMs: nowMs + 3_600_000 }
const at = (tMs: number): string => new Date(tMs).toISOString()

// Tables as InfluxDB writes them: rows of [time, value, tags].
type Row = readonly [tMs: number, value: string, host?: string]
const tables = (result: string, type: string, rows: readonly Row[], field = 'value'): string =>
  [
    `#datatype,string,long,dateTime:RFC3339,${type},string,string,string`,
    `#default,${result},,,,,,`,
    ',result,table,_time,_value,_field,_measurement,host',
    ...rows.map(
      ([tMs, value, host = 'a']) => `,,${host.charCodeAt(0)},${at(tMs)},${value},${field},up,${host}`,
    ),
    '\r\n',
  ].join('\r\n')
const csv = (...parts: string[]): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/csv; charset=utf-8' },
  body: parts.join(''),
})

test('a question goes to the organisation with the token that may read', async () => {
  const { store, asked } = await stub(() => csv())
  expect(await store.select(up, range)).toEqual([])
  expect(asked[0]).toMatchObject({ path: '/api/v2/query?org=o+p', token: 'Token read' })
  const { query } = JSON.parse(asked[0]!.text)
  expect(query.split('\n')[0]).toBe(
    `from(bucket: "b&c") |> range(start: ${at(range.fromMs)}, stop: ${at(range.toMs + 1)}) |> filter(fn: (r) => (r._measurement == "up" and (r._field == "value" or r._field == "value__special") or r._measurement == "prometheus" and (r._field == "up" or r._field == "up__special"))) |> drop(columns: ["_start", "_stop"]) |> yield(name: "rows")`,
  )
})

test('nothing is asked about an empty range', async () => {
  const { store, asked } = await stub(() => csv())
  const empty = { fromMs: 2, toMs: 1 }
  expect(await store.select([], empty)).toEqual([])
  expect(await store.last(up, empty)).toEqual([])
  expect(await store.series(up, empty)).toEqual([])
  expect(await store.labelNames([], empty)).toEqual([])
  expect(await store.labelValues('host', [], empty)).toEqual([])
  expect(await store.notes(up, empty, 5)).toEqual([])
  expect(asked).toEqual([])
})

test('a pattern that is none is told before anything is asked', async () => {
  const { store, asked } = await stub(() => csv())
  for (const name of ['host', '__name__']) {
    await expect(store.select([{ name, op: '!~', value: '(' }], range)).rejects.toMatchObject({
      code: 'bad_pattern',
    })
  }
  expect(asked).toEqual([])
})

test('series that the process knows are its own objects, and reading makes none', async () => {
  const answer = csv(
    tables('rows', 'double', [
      [nowMs, '1', 'a'],
      [nowMs, '2', 'b'],
    ]),
    tables('newest', 'double', [
      [nowMs, '1', 'a'],
      [nowMs, '2', 'b'],
    ]),
  )
  const { store, table } = await stub(() => answer)
  const id = table.intern('up', labelsOf([['host', 'b']]))
  const found = await store.select(up, range)
  expect(found.map(({ series, values }) => [series.labels['host'], ...values])).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  expect(found[1]?.series).toBe(table.get(id))
  expect(table.size).toBe(1)
})

test('samples of one millisecond are one, the later', async () => {
  const rows: Row[] = [
    [nowMs, '1'],
    [nowMs + 1, '2'],
    [nowMs + 1, '3'],
    [nowMs + 2, '4'],
  ]
  const { store } = await stub(() =>
    csv(tables('rows', 'double', rows), tables('newest', 'double', [rows[3]!])),
  )
  const [found] = await store.select(up, range)
  expect([...found!.values]).toEqual([1, 3, 4])
})

test('where the newest row is later than the rows, the rest is asked for', async () => {
  const newest = tables('newest', 'long', [[nowMs + 9_000_000, '3']])
  const answers = [
    csv(
      newest,
      tables('rows', 'double', [
        [nowMs, '1'],
        [nowMs + 1, '2'],
      ]),
    ),
    // The shard goes on beyond the hour.
    csv(newest),
    csv(newest, tables('rows', 'long', [[nowMs + 9_000_000, '3']])),
  ]
  const { store, asked } = await stub((_, before) => answers[before]!)
  const [found] = await store.select(up, { fromMs: nowMs, toMs: nowMs + 86_400_000 })

  expect([...found!.values]).toEqual([1, 2, 3])
  const starts = asked.map(({ text }) => /start: (\S+),/.exec(text)?.[1])
  expect(starts).toEqual([at(nowMs), at(nowMs + 3_600_000), '2026-11-21T00:00:00.000Z'])
})

test('the next shard is looked for without passing over it', () => {
  const t = (from: string, ...wanted: string[]) => {
    const found = wanted.map((_, attempt) => at(nextShard(Date.parse(from), attempt)))
    expect(found).toEqual(wanted.map(each => `${each}:00:00.000Z`))
  }

  // A Friday; then a Sunday, and a time before 1970.
  t(
    '2026-11-20T12:30:00Z',
    '2026-11-20T13',
    '2026-11-21T00',
    '2026-11-23T00',
    '2026-11-24T00',
    '2026-11-25T00',
  )
  t('2026-11-22T23:59:59.999Z', '2026-11-23T00', '2026-11-23T00', '2026-11-23T00', '2026-11-24T00')
  t('1969-12-31T12:00:00Z', '1969-12-31T13', '1970-01-01T00', '1970-01-05T00')
})

test('what goes wrong with a question is told apart', async () => {
  const t = async (answer: Answer, wanted: object) => {
    const { store } = await stub(() => answer)
    await expect(store.select(up, range)).rejects.toMatchObject(wanted)
  }
  const said = (message: string) => ({ code: 'x', message })
  const headers = { 'content-type': 'application/json' }

  await t(
    { status: 401, body: said('unauthorized access'), headers },
    { code: 'store_refused', detail: '401: unauthorized access' },
  )
  await t({ status: 404, body: said('could not find bucket'), headers }, { code: 'store_refused' })
  await t({ status: 500, body: said('panic'), headers }, { code: 'store_unavailable', detail: '500: panic' })
  await t(
    { status: 429, body: 'later', headers: { 'retry-after': '2' } },
    { code: 'store_unavailable', retryAfterMs: 2_000 },
  )
  await t(csv('\r\n,error,reference\r\n,out of memory,\r\n'), {
    code: 'store_unavailable',
    detail: 'InfluxDB broke off: ,out of memory,',
  })
  await t(csv(',result,table,_time,_value,_field\r\n,,0,2026'), { code: 'store_unavailable' })
  await t(
    response => {
      response.writeHead(200, { 'content-type': 'text/csv' })
      response.write(tables('rows', 'double', [[nowMs, '1']]))
      setImmediate(() => response.destroy())
    },
    { code: 'store_unavailable' },
  )
  await t((_, request) => request.socket.destroy(), { code: 'store_unavailable' })
})

test('a question without an end is given up in time, and its connection with it', async () => {
  let isClosed = false
  const { store, clock, asked } = await stub(() => (response, request) => {
    request.socket.on('close', () => {
      isClosed = true
    })
    response.writeHead(200, { 'content-type': 'text/csv' })
    response.write(tables('rows', 'double', [[nowMs, '1']]))
  })
  const refused = expect(store.select(up, range)).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect.poll(() => asked.length).toBe(1)
  await clock.runFor(60_000)
  await refused
  await expect.poll(() => isClosed).toBe(true)
})

test('when nobody waits for it any more, a question ends, and its connection with it', async () => {
  let isClosed = false
  const { store, asked } = await stub(() => (response, request) => {
    request.socket.on('close', () => {
      isClosed = true
    })
    response.writeHead(200, { 'content-type': 'text/csv' })
    response.write(tables('rows', 'double', [[nowMs, '1']]))
  })
  const caller = new AbortController()
  const refused = expect(store.select(up, range, caller.signal)).rejects.toThrow('gone')
  await expect.poll(() => asked.length).toBe(1)
  caller.abort(new Error('gone'))
  await refused
  await expect.poll(() => isClosed).toBe(true)
})

test('beyond the most samples of an answer nothing more is read', async () => {
  let isClosed = false
  const { store } = await stub(
    () => (response, request) => {
      request.socket.on('close', () => {
        isClosed = true
      })
      response.writeHead(200, { 'content-type': 'text/csv' })
      response.write(
        tables('rows', 'double', [
          [nowMs, '1'],
          [nowMs + 1, '2'],
          [nowMs + 2, '3'],
        ]),
      )
    },
    { maxSamples: 2 },
  )
  await expect(store.select(up, range)).rejects.toMatchObject({ code: 'too_many_samples' })
  await expect.poll(() => isClosed).toBe(true)
})
