import { expect, test } from 'vitest'
import { serviceThat, world } from './world.ts'

const vector = (...result: unknown[]) => ({
  body: { status: 'success', data: { resultType: 'vector', result } },
})
const atS = Date.UTC(2026, 10, 20, 3, 59, 50) / 1_000
const cpu = (name: string, value: string, more: object = {}) => ({
  metric: { __name__: 'cpu_usage_idle', host: 'web-1', cpu: name, ...more },
  value: [atS, value],
})

test('what all series share is said once, what differs becomes columns', async () => {
  const { url, asked } = await serviceThat(() =>
    vector(cpu('cpu10', '97.5'), cpu('cpu2', '3'), cpu('cpu-total', 'NaN')),
  )
  const { exit, out, err } = await world().run('query', 'cpu_usage_idle', '--url', url)
  expect([exit, err]).toEqual([0, ''])
  expect(asked[0]?.url).toBe('/api/v1/query?query=cpu_usage_idle')
  // An answer for one moment says so once: it is not the time of any sample.
  expect(out).toBe(`cpu_usage_idle{host="web-1"}, 3 series, as of 2026-11-20 11:59:50 (Asia/Shanghai)
cpu        value
cpu-total    NaN
cpu2           3
cpu10       97.5
`)
})

test('one series, different names, and labels that some lack', async () => {
  const t = async (result: unknown[], lines: string[]) => {
    const { url } = await serviceThat(() => vector(...result))
    expect((await world().run('query', 'x', '--url', url)).out.trimEnd().split('\n')).toEqual(lines)
  }
  const value = [atS + 0.25, '1e-7']
  const asOf = 'as of 2026-11-20 11:59:50.250 (Asia/Shanghai)'

  await t([{ metric: {}, value }], [`1 series, ${asOf}`, 'value', ' 1e-7'])
  await t(
    [
      { metric: { __name__: 'b' }, value },
      { metric: { __name__: 'a', disk: '磁盘' }, value },
    ],
    [`2 series, ${asOf}`, 'name  disk  value', 'a     磁盘   1e-7', 'b            1e-7'],
  )
  // What a label holds cannot steer the terminal.
  await t(
    [{ metric: { __name__: 'a', x: 'red\u001b[31m\n' }, value }],
    [`a{x="red\\u001b[31m\\n"}, 1 series, ${asOf}`, 'value', ' 1e-7'],
  )
  // Should they ever differ, each has its own.
  await t(
    [
      { metric: { __name__: 'a' }, value },
      { metric: { __name__: 'b' }, value: [atS, '2'] },
    ],
    [
      '2 series',
      'name  value  time (Asia/Shanghai)',
      'a      1e-7  2026-11-20 11:59:50.250',
      'b         2  2026-11-20 11:59:50',
    ],
  )
})

test('digits that nobody measured are left to programs', async () => {
  const t = async (value: string, seen: string) => {
    const { url } = await serviceThat(() => vector(cpu('0', value)))
    expect((await world().run('query', 'x', '--url', url)).out.split('\n')[2], value).toMatch(
      new RegExp(`^ *${seen}$`),
    )
    expect((await world().run('query', 'x', '--csv', '--url', url)).out, value).toContain(`,${value}\r\n`)
  }

  await t('92.12579514096188', '92\\.1258')
  await t('6.2537314013344565e-12', '6\\.253731e-12')
  await t('23284604928', '23284604928')
  await t('1795147200.25', '1795147200')
  await t('+Inf', '\\+Inf')
  await t('0.125', '0\\.125')
})

test('on a narrow terminal labels stand together', async () => {
  const wide = { a: 'a'.repeat(30), b: 'b'.repeat(30) }
  const other = { a: 'c', b: 'd' }
  const { url } = await serviceThat(() => vector(cpu('0', '1', wide), cpu('0', '2', other)))
  const { out } = await world({}, { isTerminal: true, columns: 60 }).run('query', 'x', '--url', url)
  expect(out.split('\n')[1]).toMatch(/^series +value$/)
  expect(out).toContain('a=c b=d')
  const piped = await world({}, { columns: 60 }).run('query', 'x', '--url', url)
  expect(piped.out.split('\n')[1]).toMatch(/^a +b +value$/)
})

test('a range is asked for as a range selector, and shown newest first', async () => {
  const matrix = {
    body: {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { __name__: 'm' },
            values: [
              [atS, '1'],
              [atS + 10, '2'],
            ],
          },
        ],
      },
    },
  }
  const { url, asked } = await serviceThat(() => matrix)
  const { run } = world()
  const { out } = await run('query', 'm{a="b"}', '--from', '-1h', '--url', url)
  expect(asked[0]?.url).toBe(
    '/api/v1/query?query=m{a="b"}[1h]&time=1795147200.000'.replace(
      '1795147200',
      String(Date.UTC(2026, 10, 20, 4) / 1_000),
    ),
  )
  expect(out).toBe(`m, 1 series
value  time (Asia/Shanghai)
    2  2026-11-20 12:00:00
    1  2026-11-20 11:59:50
`)
  await run('query', 'm', '--from', '10:00', '--to', '2026-11-20T11:00', '--url', url)
  expect(asked[1]?.url).toBe(`/api/v1/query?query=m[1h]&time=${Date.UTC(2026, 10, 20, 3) / 1_000}.000`)
  await run('query', 'm[5m]', '--at', '-1d', '--url', url)
  expect(asked[2]?.url).toBe(`/api/v1/query?query=m[5m]&time=${Date.UTC(2026, 10, 19, 4) / 1_000}.000`)
})

test('times that do not go together exit 2 before anything is asked', async () => {
  const { url, asked } = await serviceThat(() => vector())
  const t = async (line: string, said: string) => {
    const { exit, err } = await world().run('query', ...line.split(' '), '--url', url)
    expect([exit, err], line).toEqual([2, expect.stringContaining(said)])
  }

  await t('m --at soon', '--at: wanted now, back from now like -1h')
  await t('m --to now', '--to wants --from beside it')
  await t('m --at now --from -1h', '--at and --from exclude each other')
  await t('m[5m] --from -1h', 'a range in brackets and --from')
  await t('m --from now --to -1h', '--from must be before --to')
  await t('m --json --csv', '--json and --csv')
  expect(asked).toEqual([])
})

test('CSV and JSON for programs', async () => {
  const evil = cpu('=cmd', '-1', { note: 'a "b", c' })
  const { url } = await serviceThat(() => vector(evil))
  const { run } = world()
  expect((await run('query', 'x', '--csv', '--url', url)).out).toBe(
    `time,name,cpu,host,note,value\r\n2026-11-20T03:59:50.000Z,cpu_usage_idle,'=cmd,web-1,"a ""b"", c",-1\r\n`,
  )
  expect(JSON.parse((await run('query', 'x', '--json', '--url', url)).out)).toEqual({
    resultType: 'vector',
    result: [evil],
  })
})

test('nothing found is said beside the output', async () => {
  const t = async (resultType: string, flags: readonly string[], err: string) => {
    const { url } = await serviceThat(() => ({
      body: { status: 'success', data: { resultType, result: [] } },
    }))
    expect(await world().run('query', 'x', ...flags, '--url', url)).toEqual({ exit: 0, out: '', err })
  }
  await t(
    'vector',
    [],
    'No series matches, or none had a sample in the five minutes before; --from -1d looks further back.\n',
  )
  await t('matrix', ['--from', '-1d'], 'No series matches in that time.\n')
})

test('a refused expression is passed on', async () => {
  const { url } = await serviceThat(() => ({
    status: 400,
    body: { status: 'error', errorType: 'bad_data', error: 'unexpected }' },
  }))
  expect(await world().run('query', 'x}', '--url', url)).toEqual({
    exit: 1,
    out: '',
    err: 'plimsoll query: unexpected } (400)\n',
  })
})
