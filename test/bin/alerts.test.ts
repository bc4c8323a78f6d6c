import { expect, test } from 'vitest'
import { fingerprint, labelsOf } from '#core/labels.ts'
import { serviceThat, world } from './world.ts'

const alert = (labels: object, more: object = {}) => ({
  labels: { cluster: 'north', ...labels },
  annotations: {},
  state: 'firing',
  activeAt: '2026-11-20T03:59:50.25Z',
  value: '1e+00',
  ...more,
})
const disk = (host: string, more: object = {}) =>
  alert(
    { alertname: 'DiskFull', severity: 'page', host, path: '/' },
    { value: '9.75e+01', annotations: { summary: `/ on ${host} is\n full`, summary_zh: '满' }, ...more },
  )
const silent = alert({ alertname: 'AgentSilent', severity: 'ticket', host: 'db-1' }, { value: 'NaN' })
const odd = alert({ alertname: 'Odd', host: 'red\u001b[31m' }, { annotations: { description: 'odd' } })
const soon = disk('db-2', { state: 'pending', activeAt: '2026-11-20T04:00:00Z' })
const early = disk('web-10', { activeAt: '2026-11-19T04:00:00Z' })

const ruled = (alerts: readonly unknown[]) => ({ body: { status: 'success', data: { alerts } } })
const absent = { status: 404, body: { error: 'there is no such path' } }
// The rules of a service that tells nobody.
const saying = (...alerts: unknown[]) =>
  serviceThat(({ url }) => (url === '/api/v1/alerts' ? ruled(alerts) : absent))

test('what fires is a table: the most severe and newest first, what all share is said once', async () => {
  const { url, asked } = await saying(silent, early, odd, soon, disk('web-2'))
  const { exit, out, err } = await world().run('alerts', '--url', url)
  expect([exit, asked.map(each => each.url).sort()]).toEqual([0, ['/api/v1/alerts', '/api/v2/alerts']])
  expect(out).toBe(`4 firing, all with cluster=north
state   since (Asia/Shanghai)  severity  alert        labels              value  summary
firing  2026-11-20 11:59:50    page      DiskFull     host=web-2 path=/    97.5  / on web-2 is full
firing  2026-11-19 12:00:00    page      DiskFull     host=web-10 path=/   97.5  / on web-10 is full
firing  2026-11-20 11:59:50              Odd          host=red\\u001b[31m      1  odd
firing  2026-11-20 11:59:50    ticket    AgentSilent  host=db-1             NaN
`)
  expect(err).toBe('1 is pending; --all shows them too.\n')
})

test('pending ones stand behind those that fire', async () => {
  const { url } = await saying(soon, silent)
  const { out, err } = await world().run('alerts', '--all', '--url', url)
  expect(out.split('\n')[0]).toBe('1 firing, 1 pending, all with cluster=north')
  expect(out.split('\n').slice(2, 4)).toEqual([
    expect.stringMatching(/^firing .* AgentSilent/),
    expect.stringMatching(/^pending .* DiskFull/),
  ])
  expect(err).toBe('')
})

test('one alert shows all its labels', async () => {
  const { url } = await saying(silent)
  const { out } = await world().run('alerts', '--url', url)
  expect(out).toMatch(/^1 firing\n/)
  expect(out).toContain('cluster=north host=db-1')
})

test('matchers choose, and each must be met', async () => {
  const { url } = await saying(silent, early, odd, soon, disk('web-2'))
  const t = async (words: readonly string[], hosts: readonly string[]) => {
    const { exit, out } = await world().run('alerts', ...words, '--json', '--url', url)
    const { alerts } = JSON.parse(out) as { alerts: { labels: { host: string } }[] }
    expect([exit, alerts.map(each => each.labels.host)], words.join(' ')).toEqual([0, hosts])
  }
  await t(['DiskFull'], ['web-2', 'web-10'])
  await t(['alertname=DiskFull', '--all'], ['web-2', 'web-10', 'db-2'])
  await t(['host=~web-.*', 'host!=web-2'], ['web-10'])
  await t(['host=~"db-.*"'], ['db-1'])
  await t(['host!~"(web|db)-.*"'], ['red\u001b[31m'])
  // What is not there is empty.
  await t(['severity='], ['red\u001b[31m'])
  await t(['severity=""', "alertname='Odd'"], ['red\u001b[31m'])
  await t(['cluster=south'], [])
})

test('where there is nothing to show, that is said beside the output', async () => {
  const t = async (alerts: readonly unknown[], words: readonly string[], said: string) => {
    const { url } = await saying(...alerts)
    const { exit, out, err } = await world().run('alerts', ...words, '--url', url)
    expect([exit, out, err]).toEqual([0, '', said])
  }
  await t([], [], 'No alert fires.\n')
  await t([], ['--all'], 'No alert is active.\n')
  await t([silent], ['host=x'], 'No alert that meets all of this fires.\n')
  await t([soon, soon], [], 'No alert fires.\n2 are pending; --all shows them too.\n')
})

test('words that are no matchers exit 2 before anything is asked', async () => {
  const { url, asked } = await saying()
  const t = async (word: string, said: string) => {
    const { exit, err } = await world().run('alerts', word, '--url', url)
    expect([exit, err], word).toEqual([2, expect.stringContaining(said)])
  }
  await t('=x', 'wanted a label and a value like severity=page')
  await t('{a="b"}', 'wanted a label and a value')
  await t('host=~(', 'wanted a regular expression behind host=~: ')
  expect(asked).toEqual([])
})

const told = (labels: Record<string, string>, status: object = {}) => ({
  fingerprint: fingerprint(labelsOf(Object.entries(labels))),
  labels,
  annotations: { summary: 'posted' },
  startsAt: '2026-11-20T03:59:50.25Z',
  status: { silencedBy: [], inhibitedBy: [], mutedBy: [], ...status },
})

test('alerts that were posted are there too, once, and what is held back says so and comes last', async () => {
  const known = [
    told(silent.labels as Record<string, string>, { silencedBy: ['s'], inhibitedBy: ['i'] }),
    told({ alertname: 'Posted', host: 'a' }),
    told({ alertname: 'Follows', host: 'a', severity: 'page' }, { inhibitedBy: ['i'] }),
    told({ alertname: 'Night', host: 'a' }, { mutedBy: ['night'] }),
  ]
  const { url } = await serviceThat(asked =>
    asked.url === '/api/v1/alerts' ? ruled([silent]) : { body: known },
  )
  const { out } = await world().run('alerts', '--url', url)
  const rows = out.split('\n').slice(2, -1)
  expect(out).toMatch(/^4 firing\n/)
  expect(rows.map(row => row.split(/ +/)[0])).toEqual(['firing', 'inhibited', 'muted', 'silenced'])
  expect(rows[0]).toMatch(/^firing .* Posted +host=a +posted$/)
  expect(rows[3]).toMatch(/^silenced .* AgentSilent .* NaN$/)
})

test('a process with one of the two roles says what it knows, one with none of them refuses', async () => {
  const posted = await serviceThat(({ url }) =>
    url === '/api/v2/alerts' ? { body: [told({ alertname: 'Posted' })] } : absent,
  )
  expect((await world().run('alerts', '--url', posted.url)).out).toContain('Posted')
  const neither = await serviceThat(() => absent)
  const { exit, err } = await world().run('alerts', '--url', neither.url)
  expect([exit, err]).toEqual([1, expect.stringContaining('there is no such path')])
  const broken = await serviceThat(({ url }) => (url === '/api/v1/alerts' ? ruled([]) : { status: 500 }))
  expect((await world().run('alerts', '--url', broken.url)).exit).toBe(1)
})

test('a long name leaves room for the rest; warn stands where warning does', async () => {
  const long = alert({ alertname: 'L'.repeat(200), severity: 'info', host: 'a' })
  const [warn, unknown] = [alert({ alertname: 'W', severity: 'warn' }), alert({ alertname: 'U' })]
  const { url } = await saying(long, warn, unknown)
  const { out } = await world().run('alerts', '--url', url)
  expect(out).toContain(` ${'L'.repeat(60)}… `)
  expect(out.split('\n').slice(2, 4)).toEqual([
    expect.stringMatching(/^firing .* U +1$/),
    expect.stringMatching(/ warn +W +1$/),
  ])
})

test('labels may be called like what every object has', async () => {
  const named = JSON.parse('{"alertname":"A","constructor":"c","__proto__":"p"}')
  const { url } = await saying(alert(named), alert({ alertname: 'B' }))
  const { out } = await world().run('alerts', '--url', url)
  expect(out).toMatch(/ A +.*constructor=c/)
})
