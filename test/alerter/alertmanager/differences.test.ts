import { expect, test } from 'vitest'
import { differencesOf } from '../../../alerter/alertmanager/differences.ts'
import { readAlertmanager } from '../../../alerter/alertmanager.ts'

const compare = (more: string, receiver = '') => {
  const text = `route: {receiver: r, routes: [{matchers: [a=b]}]}\nreceivers: [{name: r${receiver}}]\n${more}`
  const { config, problems } = readAlertmanager(text, { file: 'a.yml' })
  expect(problems).toEqual([])
  return differencesOf(config!)
}

test('what stays the same is counted', () => {
  expect(compare('inhibit_rules: [{}]', ', webhook_configs: [{url: "http://x"}]').same).toEqual([
    '2 routes: an alert reaches the same receivers, in the same groups, after the same waits',
    '1 receiver with 1 way to tell them',
    '1 inhibition',
    'silences, and the API that amtool, Prometheus and Grafana speak (/api/v2)',
  ])
})

test('only differences that concern the file are told', () => {
  const plain = compare('').different.map(each => each.what)
  const t = (more: string, receiver: string, ...wanted: string[]) =>
    expect(
      compare(more, receiver)
        .different.map(each => each.what)
        .filter(each => !plain.includes(each)),
      more,
    ).toEqual(wanted.map(each => expect.stringContaining(each)))

  expect(plain).toContain('A restart')
  t('inhibit_rules: [{}]', '', 'Inhibition by several')
  t('', ', webhook_configs: [{url_file: /x}]', 'Secrets that stand in files')
  t(
    '',
    ', webhook_configs: [{url: "http://x", http_config: {authorization: {credentials_file: x}}}]',
    'Secrets',
  )
  t('', ', webhook_configs: [{url: "http://x", http_config: {tls_config: {ca_file: x}}}]')
  const words = 'Messages whose words'
  t('', ', slack_configs: [{api_url: "http://x"}]', words)
  t('', `, slack_configs: [{api_url: "http://x", title: '{{ template "slack.default.title" . }}'}]`)
  t('', ', telegram_configs: [{bot_token: x, chat_id: 5}]', words)
  t('', ', telegram_configs: [{bot_token: x, chat_id: 5, message: ""}]')
  t('', ', discord_configs: [{webhook_url: "http://x", title: t}]', words)
  const interval = (zone: string, days = '-1') =>
    `time_intervals: [{name: t, time_intervals: [{days_of_month: ["${days}"], location: ${zone}}]}]`
  t(interval('Europe/Berlin'), '', 'The last days of a month')
  t(interval('Europe/Berlin', '25:31'), '', 'The last days of a month')
  t(interval('Europe/Berlin', '1:29'), '')
  t(interval('UTC'), '')
})
