import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import type { Store } from '#core/store.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { readSeriesLine } from '#promql/series-line.ts'
import { backtestRoutes } from '../../bin/backtest-routes.ts'
import { openStand } from '../core/http/ask.ts'
import { deafAddress, nowMs, serviceThat, world } from './world.ts'

const minute = 60_000
// The service of a world in which these series have had a sample each minute since four hours ago.
async function serviceWith(...lines: string[]): Promise<string[]> {
  const source = new MemorySource()
  for (const line of lines) {
    const { series, points } = readSeriesLine(line)
    source.add(series, points, minute, nowMs - 240 * minute)
  }
  const store = { select: async (...[matchers, range]) => [...source.select(matchers, range)] } as Pick<
    Store,
    'select'
  >
  const log = openLog({ write: () => {} })
  const options = { store: store as Store, clock: realClock, log, timeZone: 'Asia/Shanghai' }
  const { http, ...rest } = await openStand(backtestRoutes(options))
  onTestFinished(() => rest[Symbol.asyncDispose]())
  return ['--url', http.origin, '--token', 'read']
}

const rules = (limit: number): string => `groups:
  - name: g
    interval: 1m
    rules:
      - {alert: Hot, expr: x > ${limit}}
      - {alert: Never, expr: x < 0}
`
const noisy = `x{h="a"} ${'0x9 9 '.repeat(15)}0x200`
const steady = 'x{h="b"} 0x99 9x29 0x200'

// How fast it was is another matter.
const withoutSpeed = (text: string): string => text.replace(/Read \S+ .*/s, 'Read …\n')

test('a row for each alert that fired, then what to do about it', async () => {
  const service = await serviceWith(noisy, steady)
  const { run } = world({ 'a.yml': rules(5) })
  const { exit, out, err } = await run('backtest', '--rules', 'a.yml', '--from', '-4h', ...service)
  expect([exit, err]).toEqual([0, ''])
  expect(withoutSpeed(out)).toBe(`2026-11-20 08:00 to 2026-11-20 12:00 (Asia/Shanghai): 2 alerts, 16 firings.

noise  alert  fired  under 2m  night  at once  total  median
   94  Hot       16        15      0        2    45m      1m

Hot: \`for: 2m\` would have left 1 of 16; most often h=a (15 of 16)
Never fired: Never

Read …
`)
})

test('beside an older version stands what is gone and new', async () => {
  const service = await serviceWith(noisy, steady)
  const { run } = world({ 'a.yml': rules(9.5), 'old/a.yml': rules(5), 'old/b.yml': 'groups: []' })
  const words = ['--rules', 'a.yml', '--against', 'old/a.yml', 'old/b.yml', '--from', '-4h']
  const { out } = await run('backtest', ...words, ...service)
  expect(out).toContain('Hot: before 16; 16 gone, 0 new, 0 the same\nNever fired: Hot, Never')
  const { out: back } = await run(
    'backtest',
    '--rules',
    'old/*.yml',
    '--against',
    'a.yml',
    '--from',
    '-4h',
    ...service,
  )
  expect(back).toContain('noise  alert  fired  gone  new  under 2m')
  expect(back).toContain('   94  Hot       16         16        15')
})

test('JSON for programs, and a page for people', async () => {
  const service = await serviceWith(noisy, steady)
  const { run, cwd } = world({ 'a.yml': rules(5).replace('Hot', 'Hot<i>') })
  const { out } = await run('backtest', '--rules', 'a.yml', '--html', 'out.html', '--json', ...service)
  const report = JSON.parse(out)
  expect(report).toMatchObject({
    fromMs: nowMs - 30 * 1_440 * minute,
    toMs: nowMs,
    timeZone: 'Asia/Shanghai',
  })
  expect(report.alerts[0]).toMatchObject({ name: 'Hot<i>', firings: 16 })
  const html = readFileSync(join(cwd, 'out.html'), 'utf8')
  expect(html).toContain('Hot&lt;i&gt;')
  expect(html).not.toContain('<i>')
  expect(html).not.toMatch(/<script|<link|src=|https?:|@import|url\(/)
  expect(html.match(/<rect /g)?.length).toBeGreaterThan(0)
  expect(html).toContain('<code>for: 2m</code> would have left 1 of 16')
  expect(html).toContain('<h2>Never fired</h2><p><code>Never</code></p>')
  // Each element that is opened is closed.
  for (const name of ['section', 'div', 'table', 'svg', 'dl', 'p', 'details']) {
    const count = (pattern: RegExp): number => html.match(pattern)?.length ?? 0
    expect(count(new RegExp(`<${name}[ >]`, 'g')), name).toBe(count(new RegExp(`</${name}>`, 'g')))
  }
})

test('a rule that fails is an exit code of 1', async () => {
  const service = await serviceWith('x{h="a"} 1x240', 'x{h="b"} 1x240')
  const text =
    'groups: [{name: g, interval: 1m, rules: [{record: r, expr: x * on () x}, {alert: A, expr: x + on () x}]}]'
  const { run } = world({ 'a.yml': text })
  const { exit, out } = await run('backtest', '--rules', 'a.yml', '--from', '-1h', ...service)
  expect(exit).toBe(1)
  expect(out.replaceAll('\n  ', ' ')).toContain(
    'A: failed 61 times, first at 2026-11-20 11:00:00: found duplicate series',
  )
  expect(out.replaceAll('\n  ', ' ')).toContain('r: failed 61 times')
})

test('what is wrong is told before anyone is asked', async () => {
  const { run } = world({ 'a.yml': rules(5), 'bad.yml': rules(5).replace('x > 5', 'x >') })
  const deaf = await deafAddress()
  const t = async (line: string, said: string, exit: number) => {
    const { err, exit: found } = await run(
      'backtest',
      ...line.split(' '),
      '--url',
      `http://${deaf}`,
      '--token',
      't',
    )
    expect([err, found], line).toEqual([expect.stringContaining(said), exit])
  }
  await t('--from -1d', '--rules wants FILE', 2)
  await t('--rules', '--rules wants FILE', 2)
  await t('a.yml', 'found a.yml', 2)
  await t('--rules *.yaml', 'no file matches *.yaml', 2)
  await t('--rules a.yml none.yml', 'wanted a readable file', 1)
  await t('--rules bad.yml', 'bad.yml:5', 1)
  await t('--rules a.yml --against bad.yml', 'bad.yml:5', 1)
  await t('--rules a.yml --from yesterday', '--from: wanted now,', 2)
  await t('--rules a.yml --from -1h --to -2h', '--from must be before --to', 2)
  await t('--rules a.yml --step 10ms', '--step: wanted a duration of 1s or more', 2)
  await t('--rules a.yml', 'nothing listens at', 1)
})

test('an answer that ends early, or with a failure, is no report', async () => {
  const { run } = world({ 'a.yml': rules(5) })
  const t = async (body: string, said: string) => {
    const { url } = await serviceThat(() => ({ body }))
    const { exit, err, out } = await run('backtest', '--rules', 'a.yml', '--url', url, '--token', 't')
    expect([exit, out, err], body).toEqual([1, '', expect.stringContaining(said)])
  }
  await t(
    '{"error":{"code":"store_unavailable","detail":"it does not answer"}}\n',
    'the replay ended: it does not answer (store_unavailable)',
  )
  await t('{"progress":{"share":0.5}}\n', 'the service stopped before the replay was done')
  await t('<html>\n', 'does not answer like Plimsoll')
})

test('a terminal sees how far it is', async () => {
  const service = await serviceWith(noisy)
  const { run } = world({ 'a.yml': rules(5) }, { isTerminal: true })
  const { err } = await run('backtest', '--rules', 'a.yml', '--from', '-4h', ...service)
  expect(err).toContain(`\r${'░'.repeat(24)} 0 %  2026-11-20 08:00  0 firings`)
  expect(err.endsWith('\r\u001b[K')).toBe(true)
})
