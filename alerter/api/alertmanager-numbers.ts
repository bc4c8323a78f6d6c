// The numbers under Alertmanager's names that its dashboards and alerts look for, made from our own at each look: they
// stand at /metrics and are stored nowhere. Called by bin/. docs/alertmanager.md says which there are.
import { createHash } from 'node:crypto'
import { Breath } from '#core/breath.ts'
import type { Clock } from '#core/clock.ts'
import type { Labels, Sample } from '#core/model.ts'
import { familyText } from '#core/own-metrics.ts'
import { silenceState } from '../silences/silence.ts'
import type { Silences } from '../silences.ts'
import type { AlerterView, ConfigView } from './view.ts'

// How the configuration was read last.
export type LastReload = Readonly<{ isGood: boolean; goodAtMs: number }>

export type NumbersOptions = Readonly<{
  view: AlerterView
  silences: Silences
  clock: Clock
  // Our own numbers as they are now.
  samples: readonly Sample[]
  reload: LastReload | undefined
  version: string
}>

const states = {
  alerts: ['active', 'suppressed', 'unprocessed'],
  silences: ['active', 'expired', 'pending'],
} as const

export async function alertmanagerNumbers(options: NumbersOptions): Promise<string> {
  const { view, silences, clock, samples, reload, version } = options
  const nowMs = clock.nowMs()
  const config = view.config()
  const alerts = await countOf(await view.alerts(), each => each.state)
  const kept = await countOf(silences.all(), each => silenceState(each, nowMs))
  return [
    gauge('alertmanager_build_info', 'Always 1; the version is that of Plimsoll.', { version }, 1),
    gauge('alertmanager_cluster_members', 'Always 1: there is no cluster to join.', {}, 1),
    ...reloadLines(reload, config),
    byState('alertmanager_alerts', 'Alerts that are known, by state.', states.alerts, alerts),
    byState('alertmanager_silences', 'Silences that are kept, by state.', states.silences, kept),
    gauge('alertmanager_receivers', 'Receivers of the configuration.', {}, config.receivers.size),
    gauge('alertmanager_integrations', 'Integrations of all receivers.', {}, channelsOf(config).length),
    ...notificationLines(samples, config),
  ].join('')
}

const gauge = (name: string, meaning: string, labels: Labels, value: number): string =>
  familyText(name, { kind: 'gauge', meaning }, [{ name, labels, value }])

async function countOf<T>(
  items: Iterable<T>,
  stateOf: (item: T) => string,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  const breath = new Breath()
  for (const item of items) {
    if (breath.isDue) await breath.taken()
    const state = stateOf(item)
    counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return counts
}

function byState(
  name: string,
  meaning: string,
  all: readonly string[],
  counts: ReadonlyMap<string, number>,
): string {
  const rows = all.map(state => ({ name, labels: { state }, value: counts.get(state) ?? 0 }))
  return familyText(name, { kind: 'gauge', meaning }, rows)
}

function reloadLines(reload: LastReload | undefined, { text }: ConfigView): string[] {
  if (reload === undefined) return []
  const name = 'alertmanager_config_last_reload'
  // 48 bits are whole in a float.
  const hash = Number.parseInt(createHash('sha256').update(text()).digest('hex').slice(0, 12), 16)
  return [
    gauge('alertmanager_config_hash', 'Another number for another configuration.', {}, hash),
    gauge(`${name}_successful`, 'Whether the last reload was taken.', {}, Number(reload.isGood)),
    gauge(
      `${name}_success_timestamp_seconds`,
      'When a configuration was taken last.',
      {},
      reload.goodAtMs / 1_000,
    ),
  ]
}

const channelsOf = ({ receivers }: ConfigView): string[] =>
  [...receivers.values()].flatMap(({ integrations }) => integrations.map(({ channel }) => channel))

// Of those that are called otherwise here.
const integrationNames: Readonly<Record<string, string>> = {
  mail: 'email',
  teams: 'msteamsv2',
  wecom: 'wechat',
  'sms-sns': 'sns',
}
const integrationOf = (channel: string): string => integrationNames[channel] ?? channel

// A message that failed and is sent again counts as failed too: its service does not work, and that is what the alerts
// on these numbers are about.
function notificationLines(samples: readonly Sample[], config: ConfigView): string[] {
  const sent = new Map(channelsOf(config).map(channel => [integrationOf(channel), { all: 0, failed: 0 }]))
  for (const { series, value } of samples) {
    if (series.name !== 'plimsoll_alerter_messages_total') continue
    const { channel = '', outcome } = series.labels
    const before = sent.get(integrationOf(channel)) ?? { all: 0, failed: 0 }
    const failed = before.failed + (outcome === 'told' ? 0 : value)
    sent.set(integrationOf(channel), { all: before.all + value, failed })
  }
  const counter = (name: string, meaning: string, count: 'all' | 'failed', more: Labels = {}): string => {
    const rows = [...sent].map(([integration, found]) => ({
      name,
      labels: { integration, ...more },
      value: found[count],
    }))
    return familyText(name, { kind: 'counter', meaning }, rows)
  }
  return [
    counter('alertmanager_notifications_total', 'Messages that were sent, or tried.', 'all'),
    counter('alertmanager_notifications_failed_total', 'Tries that failed.', 'failed', { reason: 'other' }),
    latencyLines(samples),
  ]
}

function latencyLines(samples: readonly Sample[]): string {
  const [ours, name] = ['plimsoll_alerter_send_seconds', 'alertmanager_notification_latency_seconds']
  const rows = samples
    .filter(({ series }) => series.name.startsWith(`${ours}_`))
    .map(({ series: { name: found, labels }, value }) => {
      const { channel = '', ...rest } = labels
      return {
        name: found.replace(ours, name),
        labels: { integration: integrationOf(channel), ...rest },
        value,
      }
    })
  return familyText(name, { kind: 'histogram', meaning: 'How long services took to answer.' }, rows)
}
