import { expect, test } from 'vitest'
import type { ImportBody } from '../../capacity/import/wire-rows.ts'
import { serviceThat, world } from './world.ts'

const config = `timezone: Asia/Shanghai
capacity:
  pools:
    web:
      by: [zone]
      resources: {cpu: {usage: cpu_used, capacity: cpu_total, unit_capacity: 10, unit: cores}}
`
const csv = `time,value
2026-11-18 08:00,3
2026-11-18 08:05,"1,5"
2026-11-20 08:00,4
`
const flags = ['--pool', 'web', '--resource', 'cpu']

async function service() {
  const { url, asked } = await serviceThat(({ method }) =>
    method === 'GET' ? { body: { lines: [] } } : { body: { taken: 2, kept: 1, left: 4 } },
  )
  return { asked, words: ['--url', url, '--token', 't'] }
}

test('shows each line with its days and what is missing, and why something was not taken', async () => {
  const { asked, words } = await service()
  const { run } = world({ 'plimsoll.yml': config, 'web.csv': csv })
  const { exit, out, err } = await run('capacity', 'import', 'web.csv', ...flags, ...words)
  expect(out).toBe(`pool  resource  part     track  days  first       last        missing  partial
web   cpu       (whole)  usage     2  2026-11-18  2026-11-20        1        2

2 values read.
2 days taken, 1 left as they are: the service has as many values of them or more (--replace), 4 left out: their pools have as many parts as they may (\`parts\`).
`)
  expect(err).toBe('web.csv:3:18: wanted a number with a decimal point, like 1234.5, found 1,5\n')
  expect(exit).toBe(1)
  const [{ body, authorization }] = asked as [(typeof asked)[number]]
  expect(authorization).toBe('Bearer t')
  expect((body as ImportBody).how).toBe('fill')
  expect((body as ImportBody).lines[0]!.rows.length).toBe(2)
})

test('without the configuration of the service it says where the pools stand', async () => {
  const { asked, words } = await service()
  const t = async (files: Readonly<Record<string, string>>, said: string) => {
    const w = world({ ...files, 'web.csv': csv })
    const { exit, err } = await w.run('capacity', 'import', 'web.csv', ...flags, ...words)
    expect([exit, err]).toEqual([2, `plimsoll capacity import: ${said.replace('CWD', w.cwd)}\n`])
  }
  const todo = 'go to the folder of the service, or name its configuration by --config'
  await t({}, `the pools stand in plimsoll.yml, and CWD has none: ${todo}`)
  await t({ 'plimsoll.yml': '{}' }, 'plimsoll.yml has no pools: they stand under `capacity.pools`')
  expect(asked).toEqual([])
})

test('says what the forecast will lack, and does not call that well', async () => {
  const { words } = await service()
  const rows = 'pool,resource,zone,day,max\nweb,cpu,a,2026-11-18,3\nweb,cpu,b,2026-11-18,4\n'
  const files = { 'plimsoll.yml': config.replace('by:', 'daily: p95\n      by:'), 'days.csv': rows }
  const { run } = world(files)
  const { exit, err } = await run('capacity', 'import', 'days.csv', ...words)
  expect(
    err,
  ).toBe(`web/cpu usage (whole): 1 day missing: the peak of a sum cannot be had from the peaks of its parts; add rows of the whole, without labels, or import samples
web/cpu usage (whole): 1 day not counted: \`daily: p95\` wants the 95th percentile of each day, which is not in them
`)
  expect(exit).toBe(1)
  const { out, exit: second } = await run('capacity', 'import', 'days.csv', '--dry-run', '--json')
  expect(second).toBe(1)
  expect(JSON.parse(out).remarks).toMatchObject([{ days: 1, track: 'usage' }, { days: 1 }])
})

test('what a file holds moves no cursor', async () => {
  const clear = '\u001b[2J'
  const { run } = world({
    'plimsoll.yml': config,
    'cell.csv': `time,value\n2026-11-18 08:00,${clear}1\n`,
    'head.csv': `x${clear},y\n`,
  })
  const cell = await run('capacity', 'import', 'cell.csv', ...flags, '--dry-run')
  const head = await run('capacity', 'import', 'head.csv', ...flags, '--dry-run')
  expect(cell.err + head.err).not.toContain('\u001b')
  expect(cell.err).toContain('found \\u001b[2J1')
  expect(head.err).toContain('found x\\u001b[2J,y')
})

test('--dry-run sends nothing; --json says the same to programs', async () => {
  const { run } = world({ 'plimsoll.yml': config, 'web.csv': csv.replace('"1,5"', '1') })
  const { exit, out } = await run('capacity', 'import', 'web.csv', ...flags, '--dry-run', '--json')
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    taken: 2,
    refused: 0,
    lines: [{ days: 2, gaps: 1, track: 'usage' }],
  })
})

test('asks Prometheus for days that are not there, and says how far it came', async () => {
  const matrix = { status: 'success', data: { resultType: 'matrix', result: [] } }
  const { url, asked } = await serviceThat(({ url: path, method }) => {
    if (path.startsWith('/api/v1/query_range')) return { body: matrix }
    return { body: method === 'GET' ? { lines: [] } : { taken: 0, kept: 0, left: 0 } }
  })
  const { run } = world({ 'plimsoll.yml': config })
  const words = ['--from-prometheus', url, '--from', '2026-11-18', '--url', url, '--token', 't']
  const { exit, out, err } = await run('capacity', 'import', ...words)
  expect([exit, err]).toEqual([0, ''])
  // Two days that are over, two questions each.
  expect(out).toBe('4 questions asked.\n0 days taken.\n')
  expect(asked.map(({ url: path }) => path).filter(path => path.endsWith('query_range')).length).toBe(4)
})

test('wrong words end it before anything is read', async () => {
  const { run } = world({ 'plimsoll.yml': config, 'web.csv': csv })
  const t = async (words: readonly string[], said: string) => {
    const { exit, err } = await run('capacity', 'import', ...words)
    expect([exit, err], words.join(' ')).toEqual([2, expect.stringContaining(said)])
  }
  await t([], 'wanted FILE, or --from-prometheus URL')
  await t(['web.csv', '--merge', '--replace', '--dry-run'], 'found both')
  await t(['web.csv', '--item', 'x', '--dry-run'], '--item: wanted ITEMID=POOL/RESOURCE/usage')
  await t(['none.csv', ...flags, '--dry-run'], 'cannot read none.csv')
  await t(['--from-prometheus', 'http://127.0.0.1:1', '--pool', 'wab', '--dry-run'], 'found wab')
  const cloud = await run('capacity', 'import', '--from-prometheus', 'http://169.254.169.254', '--dry-run')
  expect(cloud.exit).not.toBe(0)
  expect(cloud.err).toContain('169.254.169.254 is a metadata service')
})
