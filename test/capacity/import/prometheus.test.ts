import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { type Clock, realClock } from '#core/clock.ts'
import type { Labels } from '#core/model.ts'
import { dayStartMs, readDay } from '../../../capacity/days.ts'
import { measuredOf } from '../../../capacity/history/measured.ts'
import { importFromPrometheus, type PrometheusAsked } from '../../../capacity/import/prometheus.ts'
import { sourceOf } from '../../../capacity/import/source-url.ts'
import { pool, pools, resource, zone } from './pools.ts'

type Asked = Readonly<{
  query: string
  start: number
  end: number
  step: number
  headers: IncomingMessage['headers']
}>
type Reply = Readonly<{ status?: number; headers?: Record<string, string>; body: string | Uint8Array }>

// A database that answers what a test says.
async function database(answers: (asked: Asked, nth: number) => Reply) {
  const asked: Asked[] = []
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const form = new URLSearchParams(text)
    const number = (name: string): number => Number(form.get(name))
    const one = {
      query: form.get('query') ?? '',
      ...{ start: number('start'), end: number('end'), step: number('step'), headers: request.headers },
    }
    asked.push(one)
    const { status = 200, headers = {}, body } = answers(one, asked.length)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { asked, host: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const matrix = (result: readonly object[]): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
const even = (metric: object, value: number, { start, end, step }: Asked) => ({
  metric,
  values: Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, at) => [
    start + at * step,
    String(value),
  ]),
})

// Whoever waits has waited.
const impatient: Clock = { ...realClock, sleep: async () => {} }
const day = readDay('2026-11-20')!
async function asking(host: string, change: Partial<PrometheusAsked> = {}, user = '') {
  const days: { day: number; rows: string[] }[] = []
  const result = await importFromPrometheus({
    source: sourceOf(`http://${user}${host}/`, undefined),
    ...{ pools, zone, fromDay: day, toDay: day, clock: realClock },
    isKnown: () => false,
    async onDay(lines, progress) {
      const rows = lines.map(({ line, track, rows: found }) => {
        const row = found.get(progress.day)!
        return `${line.pool} ${line.resource} ${line.part['zone'] ?? '-'} ${track}: ${row.count} × ${row.max}`
      })
      days.push({ day: progress.day, rows: rows.sort() })
    },
    ...change,
  })
  return { result, days }
}

test('asks each question for a day of the zone, and parts add up', async () => {
  const { asked, host } = await database(one => {
    const isWeb = one.query.startsWith('cpu')
    const result = isWeb
      ? ['a', 'b'].map((each, at) => even({ zone: each }, at + 1, one))
      : [even({}, 5, one)]
    return { body: matrix(result) }
  })
  const { result, days } = await asking(host)
  expect(result).toEqual({ asked: 4, skipped: 0 })
  expect(days).toEqual([
    {
      day,
      rows: [
        'db disk - supply: 288 × 5',
        'db disk - usage: 288 × 5',
        'web cpu - supply: 288 × 3',
        'web cpu - usage: 288 × 3',
        'web cpu a supply: 288 × 1',
        'web cpu a usage: 288 × 1',
        'web cpu b supply: 288 × 2',
        'web cpu b usage: 288 × 2',
      ],
    },
  ])
  const startS = dayStartMs(zone, day) / 1_000
  expect(asked[0]).toMatchObject({ query: 'cpu_used', start: startS, end: startS + 86_399.999, step: 300 })
  expect(asked[0]!.headers['accept-encoding']).toBe('gzip')
})

test('units are multiplied by their size; stated ones are not asked for', async () => {
  const { asked, host } = await database(one => ({ body: matrix([even({}, 3, one)]) }))
  const live = resource('cpu', { supply: { kind: 'live', units: 'count(up)', unitCapacity: 32 } })
  const stated = resource('seats', { supply: { kind: 'stated', unitCapacity: 50 } })
  const { days } = await asking(host, { pools: [pool('a', { resources: [live, stated] })] })
  expect(days[0]!.rows).toEqual([
    'a cpu - supply: 288 × 96',
    'a cpu - usage: 288 × 3',
    'a seats - usage: 288 × 3',
  ])
  expect(asked.map(({ query }) => query)).toEqual(['cpu_used', 'count(up)', 'seats_used'])
})

test('reads packed answers, and gets in by the address', async () => {
  const { asked, host } = await database(one => ({
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(matrix([even({ zone: 'a', rack: '1' }, 7, one), even({ zone: 'a' }, 1, one)])),
  }))
  const { days } = await asking(host, { pools: [pool('web', { by: ['zone', 'rack'] })] }, 'ann:s%20cret@')
  expect(days[0]!.rows).toContain('web cpu a usage: 288 × 7')
  expect(asked[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ann:s cret').toString('base64')}`)
})

test('series that lack labels of `by` count as the recorder has it', async () => {
  const t = async (by: readonly string[], metrics: readonly object[], wanted: readonly string[]) => {
    const { host } = await database(one => ({
      body: matrix(metrics.map((metric, at) => even(metric, [60, 40, 5][at]!, one))),
    }))
    const stated = resource('cpu', { supply: { kind: 'stated', unitCapacity: 1 } })
    const found: [string, number][] = []
    await asking(host, {
      pools: [pool('web', { by, resources: [stated] })],
      async onDay(lines) {
        for (const { line, rows } of lines)
          found.push([JSON.stringify(Object.entries(line.part).flat()), rows.get(day)!.max])
      },
    })
    const grid = { startMs: 0, count: 1 }
    const series = metrics.map((labels, at) => ({
      ...{ series: { name: '', labels: labels as Labels } },
      ...{ tMs: Float64Array.of(0), values: Float64Array.of([60, 40, 5][at]!) },
    }))
    const recorded = [...measuredOf({ kind: 'matrix', series }, by, grid)].map(
      ([key, { values }]) => [key, values[0]!] as const,
    )
    expect(Object.fromEntries(found), by.join()).toEqual(Object.fromEntries(recorded))
    expect(found.map(([key, max]) => `${key} ${max}`).sort()).toEqual(wanted)
  }
  await t(['zone'], [{ zone: 'a' }, { zone: 'b' }, {}], ['["zone","a"] 60', '["zone","b"] 40', '[] 105'])
  await t(
    ['zone', 'rack'],
    [{ zone: 'a', rack: '1' }, { zone: 'a' }, {}],
    ['["rack","1","zone","a"] 60', '["zone","a"] 40', '[] 105'],
  )
  await t(['zone'], [{ rack: '1' }, {}], ['[] 100'])
})

test('the metadata services of clouds are asked for nothing', async () => {
  const t = (text: string, why: string) => expect(() => sourceOf(text, undefined), text).toThrow(why)
  t('http://169.254.169.254/latest', '169.254.169.254 is a metadata service')
  t('http://0xa9fea9fe/', '169.254.169.254 is a metadata service')
  t('http://[::ffff:169.254.169.254]:9090', 'is a metadata service')
  t('http://metadata.google.internal', 'metadata.google.internal is a metadata service')
  expect(sourceOf('http://10.0.0.1:9090', undefined).url).toBe('http://10.0.0.1:9090')
})

test('days that are there are not asked for, and each is handed over by itself', async () => {
  const { asked, host } = await database(one => ({ body: matrix([even({}, 1, one)]) }))
  const { result, days } = await asking(host, {
    pools: [pools[1]!],
    toDay: day + 2,
    isKnown: ({ track }, at) => at === day || (at === day + 1 && track === 'usage'),
  })
  expect(days.map(({ day: at, rows }) => [at - day, rows.length])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ])
  expect(result).toEqual({ asked: 3, skipped: 3 })
  expect(asked.length).toBe(3)
})

test('what may be better later is asked again after as long as it says', async () => {
  const waits: number[] = []
  const clock: Clock = {
    ...realClock,
    sleep: async ms => {
      waits.push(ms)
    },
  }
  const { host } = await database((one, nth) => {
    if (nth === 1) return { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' }
    if (nth === 2) return { status: 503, body: 'starting' }
    return { body: matrix([even({}, 1, one)]) }
  })
  const own = [pool('a', { resources: [resource('cpu', { supply: { kind: 'stated', unitCapacity: 1 } })] })]
  const { days } = await asking(host, { pools: own, clock })
  expect(days[0]!.rows).toEqual(['a cpu - usage: 288 × 1'])
  expect(waits).toEqual([7_000, 2_000])
})

test('a refusal ends it with what the database said, and no secret', async () => {
  const t = async (reply: Reply, message: RegExp) => {
    const { host } = await database(() => reply)
    const error = await asking(host, { clock: impatient }, 'ann:secret@').catch((cause: Error) => cause)
    expect(error).toMatchObject({ code: 'bad_import' })
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toContain('secret')
  }
  await t({ status: 401, body: 'who are you' }, /answered 401: who are you/)
  await t({ status: 400, body: '{"status":"error","error":"parse error"}' }, /says: .*parse error/)
  await t({ body: '{"status":"success","data":{"resultType":"vector","result":[]}}' }, /no matrix|matrix/)
})

test('an address says what is wrong with it', () => {
  const t = (text: string) => expect(() => sourceOf(text, undefined), text).toThrow('wanted an address like')
  t('prometheus:9090')
  t('')
  t('ftp://x')
  // A % that begins nothing.
  expect(sourceOf('http://a%zz:p%@h', undefined).basic?.user).toBe('a%zz')
  expect(sourceOf('https://h/select/0/prometheus/api/v1', 't')).toMatchObject({
    url: 'https://h/select/0/prometheus',
  })
})
