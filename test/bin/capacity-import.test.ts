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
})
