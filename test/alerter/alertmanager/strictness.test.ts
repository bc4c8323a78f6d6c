// What Alertmanager 0.31 takes of a file and what it refuses, where YAML and the eye disagree: each as `amtool
// check-config` says.
import { expect, test } from 'vitest'
import { openFindings } from '#core/config/problem.ts'
import { readForeignYaml } from '#core/config/read.ts'
import {
  type AlertmanagerRead,
  readAlertmanager,
  readAlertmanagerTree,
} from '../../../alerter/alertmanager.ts'

const read = (more: string, { route = '', receiver = '' } = {}): AlertmanagerRead =>
  readAlertmanager(`route: {receiver: r${route}}\nreceivers: [{name: r${receiver}}]\n${more}`, {
    file: 'a.yml',
  })
const founds = ({ problems }: AlertmanagerRead): string[] => problems.map(each => each.found)

test('a switch in quotes is a text', () => {
  const t = (written: string) =>
    expect(founds(read('', { route: `, routes: [{continue: ${written}}]` })), written)

  for (const good of ['true', 'True', 'yes', 'y', 'On', 'off', '!!bool "true"', '~']) t(good).toEqual([])
  for (const bad of ["'true'", '"false"', "'yes'", "'n'"]) t(bad).toEqual([`"${bad.slice(1, -1)}"`])
  t('|\n true\n ').toHaveLength(1)
  expect(
    founds(read('', { receiver: `, webhook_configs: [{url: "http://x", send_resolved: "false"}]` })),
  ).toEqual(['"false"'])
  expect(founds(read('global: {smtp_require_tls: "no"}'))).toEqual(['"no"'])
})

test('a number in quotes is a text', () => {
  const t = (key: string) => expect(founds(read('', { receiver: `, ${key}` })), key)

  t('webhook_configs: [{url: "http://x", max_alerts: 5}]').toEqual([])
  t('webhook_configs: [{url: "http://x", max_alerts: +5}]').toEqual([])
  t('webhook_configs: [{url: "http://x", max_alerts: "5"}]').toEqual(['"5"'])
  t("telegram_configs: [{bot_token: x, chat_id: '-5'}]").toEqual(['"-5"'])
  t('telegram_configs: [{bot_token: x, chat_id: -5}]').toEqual([])
})

test('what stands behind the point of a whole number is left out, and named', () => {
  const t = (key: string) => {
    const { problems, warnings } = read('', { receiver: `, ${key}` })
    return expect([problems, warnings].map(all => all.map(({ found }) => found)))
  }

  t('webhook_configs: [{url: "http://x", max_alerts: 1.5}]').toEqual([[], ['1.5, which counts as 1']])
  t('telegram_configs: [{bot_token: x, chat_id: -5.9}]').toEqual([[], ['-5.9, which counts as -5']])
  t('webhook_configs: [{url: "http://x", max_alerts: 5e0}]').toEqual([[], []])
  t('webhook_configs: [{url: "http://x", max_alerts: -1.5}]').toEqual([['-1.5'], []])
  t('webhook_configs: [{url: "http://x", max_alerts: .inf}]').toEqual([['.inf'], []])
  // None, and one is needed.
  t('telegram_configs: [{bot_token: x, chat_id: 0.5}]').toEqual([['none'], ['0.5, which counts as 0']])
})

test('an address is what Go takes for one', () => {
  const t = (url: string) =>
    expect(founds(read('', { receiver: `, webhook_configs: [{url: '${url}'}]` })).length, url)

  for (const good of [
    'http://h:99999/',
    'http://1.2.3.4.5/',
    'HTTP://h',
    'http://h/a b#c d',
    'http://u:p@h:80/',
  ])
    t(good).toBe(0)
  for (const bad of ['http://', 'h:80', '/x', 'http://a b', 'http://h:abc/', 'http://h/%zz', 'http://h/#%zz'])
    t(bad).toBe(1)
})

test('a header without values is one that is not sent', () => {
  const http = 'http_config: {http_headers: {X-A: , X-B: {values: [b]}}}'
  expect(founds(read('', { receiver: `, webhook_configs: [{url: 'http://h', ${http}}]` }))).toEqual([])
})

test('nobody knows of quotes in a tree that stands elsewhere', () => {
  const [findings, doubts] = [openFindings(), openFindings()]
  const text = 'route: {receiver: r, routes: [{continue: "true"}]}\nreceivers: [{name: r}]'
  const { tree } = readForeignYaml(text, { file: 'p.yml', findings, wanted: '' })
  const config = readAlertmanagerTree(tree!, { findings, doubts, path: 'alertmanager', folder: '/' })
  expect(config?.route.routes[0]?.continues).toBe(true)
})

test('time zones are written as the list writes them', () => {
  const t = (zone: string) =>
    expect(
      read(`time_intervals: [{name: x, time_intervals: [{location: ${zone}}]}]`).problems.map(
        each => `${each.found} ${each.hint?.split(': ')[1]}`,
      ),
      zone,
    )

  const good = ['UTC', 'Local', "''", 'GMT', 'EST', 'CET', 'US/Pacific', 'Asia/Calcutta', 'Asia/Kolkata']
  const more = ['Europe/Kyiv', 'Etc/UTC', 'Etc/GMT+5', 'EST5EDT', 'America/Port_of_Spain', 'Etc/Greenwich']
  for (const zone of [...good, ...more, 'America/Port-au-Prince', 'W-SU', 'GMT+0', 'Zulu'])
    t(zone).toEqual([])
  t('utc').toEqual(['"utc" UTC'])
  t('Utc').toEqual(['"Utc" UTC'])
  t('gmt').toEqual(['"gmt" GMT'])
  t('europe/berlin').toEqual(['"europe/berlin" Europe/Berlin'])
  t('us/pacific').toEqual(['"us/pacific" US/Pacific'])
  t('Etc/utc').toEqual(['"Etc/utc" Etc/UTC'])
  t('LOCAL').toHaveLength(1)
})

test('patterns of templates are those of Go', () => {
  const t = (pattern: string) => expect(founds(read(`templates: ['${pattern}']`)), pattern)

  const good = [
    '',
    '*',
    '*.tmpl',
    '/no/[z-a]',
    '[^a]',
    '\\[',
    'a]',
    '[a-b]',
    '[[]',
    'nodir*/[',
    '[\\]]x',
    '[*]',
  ]
  for (const pattern of good) t(pattern).toEqual([])
  const bad = ['[', 'a[b', '[]', '[]a]', '[a-]', 'x[^]', 'dir/[', '[-]', '[a-b-c]', '*[']
  for (const pattern of bad) t(pattern).toEqual([`"${pattern}"`])
  t('a\\').toHaveLength(1)
  expect(read('templates: [~]').problems).toEqual([])
})

test('an empty item is a receiver, a rule or an interval of which nothing is known', () => {
  const nothing = 'time_intervals:\n-\ninhibit_rules:\n-\n- {source_matchers: [a=b]}\n'
  const { config, problems } = read(nothing, {
    receiver: '}, ~, {name: s',
    route: ', routes: [{mute_time_intervals: [""]}]',
  })
  expect(problems).toEqual([])
  expect([...config!.receivers]).toEqual([
    ['r', { name: 'r', integrations: [] }],
    ['', { name: '', integrations: [] }],
    ['s', { name: 's', integrations: [] }],
  ])
  expect([...config!.intervals]).toEqual([['', []]])
  expect(config!.inhibitions[0]).toEqual({ name: '', sources: [], targets: [], equal: [] })

  expect(founds(read('', { receiver: '}, ~, {name: s}, ~, {name: t' }))).toEqual(['a second receiver '])
  expect(founds(read('time_intervals: [~, {name: x}, ~]'))).toEqual(['a second interval '])
  expect(founds(read('time_intervals: [{}]'))).toEqual(['none'])
  expect(founds(read('', { receiver: '}, {' }))).toEqual(['none'])
})
