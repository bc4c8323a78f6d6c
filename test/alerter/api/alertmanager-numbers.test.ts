// The numbers that dashboards and alerts on Alertmanager look for.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { readAlertmanager } from '../../../alerter/alertmanager.ts'
import { alertmanagerNumbers } from '../../../alerter/api/alertmanager-numbers.ts'
import { configText } from '../../../alerter/api/config-text.ts'
import { openApiServer } from './server.ts'

const file = `
route: {receiver: ops, group_wait: 1s}
receivers:
  - name: ops
    webhook_configs: [{url: "http://127.0.0.1:9/"}]
    email_configs: [{to: a@example.org, from: b@example.org, smarthost: "127.0.0.1:25"}]
  - name: nobody
`

async function numbers(change: (own: ReturnType<typeof openOwnMetrics>) => void = () => {}) {
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 8))
  await using server = await openApiServer({ clock, config: file })
  const post = (path: string, body: object): Promise<Response> =>
    fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) })
  await post('/api/v2/alerts', [
    { labels: { alertname: 'A' } },
    { labels: { alertname: 'B' } },
    { labels: { alertname: 'C' }, startsAt: '2026-11-21T07:00:00Z', endsAt: '2026-11-21T07:59:59Z' },
  ])
  const matchers = [{ name: 'alertname', value: 'B', isRegex: false }]
  const [startsAt, endsAt] = [0, 3_600_000].map(ms => new Date(clock.nowMs() + ms).toISOString())
  await post('/api/v2/silences', { matchers, startsAt, endsAt, createdBy: 'me', comment: 'x' })
  const own = openOwnMetrics()
  change(own)
  const { config } = readAlertmanager(file, { file: 'a.yml' })
  const text = await alertmanagerNumbers({
    view: {
      config: () => ({ ...config!, text: () => configText(config!) }),
      alerts: async () => server.timeline.alerts(clock.nowMs()),
    } as unknown as Parameters<typeof alertmanagerNumbers>[0]['view'],
    silences: server.silences,
    clock,
    samples: own.samples(clock.nowMs()),
    reload: { isGood: false, goodAtMs: 5_000 },
    version: '0.1.0',
  })
  return Object.fromEntries(
    text
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

test('alerts, silences and the configuration are counted by their states', async () => {
  expect(await numbers()).toMatchObject({
    'alertmanager_build_info{version="0.1.0"}': 1,
    alertmanager_cluster_members: 1,
    alertmanager_config_last_reload_successful: 0,
    alertmanager_config_last_reload_success_timestamp_seconds: 5,
    // One has ended, and is still known.
    'alertmanager_alerts{state="active"}': 0,
    'alertmanager_alerts{state="suppressed"}': 1,
    'alertmanager_alerts{state="unprocessed"}': 1,
    'alertmanager_silences{state="active"}': 1,
    'alertmanager_silences{state="expired"}': 0,
    'alertmanager_silences{state="pending"}': 0,
    alertmanager_receivers: 2,
    alertmanager_integrations: 2,
    // There before the first message, so that a rate sees it.
    'alertmanager_notifications_total{integration="webhook"}': 0,
    'alertmanager_notifications_failed_total{integration="email",reason="other"}': 0,
  })
})

test('a try that failed and is made again counts as failed, as a service that is down should', async () => {
  const found = await numbers(own => {
    const messages = own.counter('plimsoll_alerter_messages_total')
    messages.inc(5, { channel: 'webhook', outcome: 'told' })
    messages.inc(2, { channel: 'webhook', outcome: 'later' })
    messages.inc(1, { channel: 'mail', outcome: 'failed' })
    own.histogram('plimsoll_alerter_send_seconds').observe(0.3, { channel: 'mail' })
  })
  expect(found).toMatchObject({
    'alertmanager_notifications_total{integration="webhook"}': 7,
    'alertmanager_notifications_failed_total{integration="webhook",reason="other"}': 2,
    'alertmanager_notifications_total{integration="email"}': 1,
    'alertmanager_notifications_failed_total{integration="email",reason="other"}': 1,
    'alertmanager_notification_latency_seconds_bucket{integration="email",le="0.5"}': 1,
    'alertmanager_notification_latency_seconds_bucket{integration="email",le="0.25"}': 0,
    'alertmanager_notification_latency_seconds_count{integration="email"}': 1,
  })
})

test('the document names each of them', async () => {
  const text = readFileSync('docs/alertmanager.md', 'utf8')
  const names = Object.keys(await numbers()).map(series => series.replace(/\{.*/, ''))
  expect(names.length).toBeGreaterThan(9)
  for (const name of names) {
    // One that goes on as the one before it is written with dots.
    const short = name.replace('alertmanager_config_last_reload_success_', '…_success_')
    expect(text, name).toContain(`\`${short}\``)
  }
})
