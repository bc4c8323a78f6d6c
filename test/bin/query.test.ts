import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serviceThat, world } from './world.ts'

const sample = (name: string): string => readFileSync(join(import.meta.dirname, 'samples', name), 'utf8')
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

const matrix = (...result: unknown[]) => ({
  body: { status: 'success', data: { resultType: 'matrix', result } },
})

test('a range is asked for in steps, and shown newest first where nobody sees pictures', async () => {
  const { url, asked } = await serviceThat(() =>
    matrix({
      metric: { __name__: 'm' },
      values: [
        [atS, '1'],
        [atS + 10, '2'],
      ],
    }),
  )
  const { run } = world()
  const { out } = await run('query', 'm{a="b"}', '--from', '-1h', '--url', url)
  const noonS = Date.UTC(2026, 10, 20, 4) / 1_000
  const range = (from: number, to: number, step: string) => `start=${from}.000&end=${to}.000&step=${step}`
  expect(asked[0]?.url).toBe(`/api/v1/query_range?query=m{a="b"}&${range(noonS - 3_600, noonS, '15.000')}`)
  expect(out).toBe(`m, 1 series
value  time (Asia/Shanghai)
    2  2026-11-20 12:00:00
    1  2026-11-20 11:59:50
`)
  const t = async (line: string, url0: string) => {
    await run('query', 'm', ...line.split(' '), '--url', url)
    expect(asked.at(-1)?.url, line).toBe(`/api/v1/query_range?query=m&${url0}`)
  }
  await t('--from 10:00 --to 2026-11-20T11:00', range(noonS - 7_200, noonS - 3_600, '15.000'))
  await t('--from -1h --step 5m', range(noonS - 3_600, noonS, '300.000'))
  await t('--from -4m', range(noonS - 240, noonS, '1.000'))
  await t('--from -30d', range(noonS - 30 * 86_400, noonS, '10800.000'))
  await t('--from -2y', range(noonS - 730 * 86_400, noonS, `${4 * 86_400}.000`))
  // The samples themselves come by a range in brackets.
  await run('query', 'm[5m]', '--at', '-1d', '--url', url)
  expect(asked.at(-1)?.url).toBe(`/api/v1/query?query=m[5m]&time=${noonS - 86_400}.000`)
})

// A wave of ten minutes, a point every ten seconds, with a hole.
const wave = (name: string, height: number) => ({
  metric: { __name__: 'temp', room: name },
  values: Array.from({ length: 61 }, (_, at) => [
    atS - 600 + at * 10,
    String(20 + (height * Math.round(10 * Math.sin(at / 10))) / 10),
  ]).filter((_, at) => at < 20 || at > 30),
})
const terminal = { isTerminal: true, columns: 60 }
const tenMinutes = ['--from', '11:49:50', '--to', '11:59:50', '--step', '10s']

test('on a terminal a few series are pictures', async () => {
  const { url } = await serviceThat(() => matrix(wave('server 北', 5)))
  const { out } = await world({}, terminal).run('query', 'temp', ...tenMinutes, '--url', url)
  expect(out).toBe(sample('query-plot.txt'))
  // A pipe gets rows, unless it asks; a terminal pictures, unless it asks.
  const t = async (change: object, flag: readonly string[], isPicture: boolean) => {
    const { out } = await world({}, change).run('query', 'temp', ...tenMinutes, ...flag, '--url', url)
    expect(out.includes('┤')).toBe(isPicture)
  }
  await t({}, [], false)
  await t({}, ['--plot'], true)
  await t(terminal, ['--table'], false)
  const coloured = await world({}, { ...terminal, hasColor: true }).run('query', 'temp', ...tenMinutes, '--url', url) // biome-ignore format: a row
  expect(coloured.out).toContain('\u001b[32m')
})

test('on a terminal many series are one row each', async () => {
  const level = { metric: { __name__: 'temp', room: 'level' }, values: [[atS - 300, '7'], [atS, '7']] } // biome-ignore format: a row
  const odd = { metric: { __name__: 'temp', room: 'odd' }, values: [[atS - 300, 'NaN'], [atS, '+Inf']] } // biome-ignore format: a row
  const { url } = await serviceThat(() => matrix(wave('server 北', 5), wave('attic', 0.5), level, odd))
  const { out } = await world({}, terminal).run('query', 'temp', ...tenMinutes, '--url', url)
  expect(out).toBe(sample('query-sparks.txt'))
})

test('the samples of a range in brackets can be a picture too', async () => {
  const { url } = await serviceThat(() => matrix(wave('a', 5)))
  const { out } = await world({}, terminal).run('query', 'temp[10m]', '--plot', '--url', url)
  expect(out).toContain('2026-11-20 11:49:50 to 11:59:50 (Asia/Shanghai)\n')
  expect(out).toContain('┤')
})

test('a number and a text are said as they are', async () => {
  const t = async (resultType: string, value: string, flags: readonly string[], out: string) => {
    const { url } = await serviceThat(() => ({
      body: { status: 'success', data: { resultType, result: [atS, value] } },
    }))
    expect((await world().run('query', 'x', ...flags, '--url', url)).out).toBe(out)
  }
  await t('scalar', '0.3333333333333333', [], '0.3333333, as of 2026-11-20 11:59:50 (Asia/Shanghai)\n')
  await t('scalar', '0.3333333333333333', ['--csv'], 'time,value\r\n2026-11-20T03:59:50.000Z,0.3333333333333333\r\n') // biome-ignore format: a row
  await t('string', 'a\u001b[31m', [], 'a\\u001b[31m\n')
})

test('warnings stand beside the output', async () => {
  const { url } = await serviceThat(() => ({
    body: {
      status: 'success',
      data: { resultType: 'vector', result: [cpu('0', '1')] },
      warnings: ['PromQL warning: odd'],
      infos: ['PromQL info: odd too'],
    },
  }))
  const { out, err } = await world().run('query', 'x', '--csv', '--url', url)
  expect(err).toBe('PromQL warning: odd\nPromQL info: odd too\n')
  expect(out).not.toContain('odd')
})

test('a long expression goes as a form', async () => {
  const { url, asked } = await serviceThat(() => vector(cpu('0', '1')))
  const long = `up{host=~"${'a|'.repeat(3_000)}b"}`
  await world().run('query', long, '--url', url)
  expect(asked[0]).toMatchObject({ method: 'POST', url: '/api/v1/query' })
  expect(new URLSearchParams(asked[0]?.body as string).get('query')).toBe(long)
})

test('times that do not go together exit 2 before anything is asked', async () => {
  const { url, asked } = await serviceThat(() => vector())
  const t = async (line: string, said: string) => {
    const { exit, err } = await world().run('query', ...line.split(' '), '--url', url)
    expect([exit, err], line).toEqual([2, expect.stringContaining(said)])
  }

  await t('m --at soon', '--at: wanted now, back from now like -1h')
  await t('m --to now', '--to wants --from beside it')
  await t('m --step 5m', '--step wants --from beside it')
  await t('m --from -1h --step 0s', '--step: wanted a duration like 30s or 5m, found 0s')
  await t('m --at now --from -1h', '--at and --from exclude each other')
  await t('m[5m] --from -1h', 'a range in brackets and --from')
  await t('m --from now --to -1h', '--from must be before --to')
  await t('m --json --csv', '--json and --csv')
  await t('m --table --plot --csv', '--csv and --table and --plot exclude each other')
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

test('a refused expression is shown with its mistake', async () => {
  const t = async (error: string, err: string) => {
    const { url } = await serviceThat(() => ({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error },
    }))
    expect(await world().run('query', 'x}', '--url', url)).toEqual({ exit: 1, out: '', err })
  }
  await t('unexpected }', 'plimsoll query: unexpected } (400)\n')
  await t(
    'invalid parameter "query": 1:2: parse error: found }, wanted the end\n  x}\n   ^',
    'plimsoll query: 1:2: found }, wanted the end (400)\n  x}\n   ^\n',
  )
})
