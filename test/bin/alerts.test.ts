import { expect, test } from 'vitest'
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
    { value: '9.75e+01', annotations: { summary: `/ on ${host} is\n full` }, ...more },
  )
const silent = alert({ alertname: 'AgentSilent', severity: 'ticket', host: 'db-1' }, { value: 'NaN' })
const odd = alert({ alertname: 'Odd', host: 'red\u001b[31m' }, { annotations: { description: 'odd' } })
const soon = disk('db-2', { state: 'pending', activeAt: '2026-11-20T04:00:00Z' })
const early = disk('web-10', { activeAt: '2026-11-19T04:00:00Z' })

const saying = (...alerts: unknown[]) =>
  serviceThat(() => ({ body: { status: 'success', data: { alerts } } }))

test('what fires is a table: the most severe and newest first, what all share is said once', async () => {
  const { url, asked } = await saying(silent, early, odd, soon, disk('web-2'))
  const { exit, out, err } = await world().run('alerts', '--url', url)
  expect([exit, asked.map(each => each.url)]).toEqual([0, ['/api/v1/alerts']])
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
