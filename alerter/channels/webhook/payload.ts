// Alertmanager's webhook payload, with its order of fields and its way to write times; labels are in order as they are.
// Called by index.ts.
import { fingerprint, labelsOf } from '#core/labels.ts'
import { type Message, type ToldAlert, truncatedCount } from '../../message.ts'

export function payloadOf(message: Message, alertsMax: number) {
  const all = message.alerts.length > 0 ? message.alerts.map(alertOf) : [noticeOf(message)]
  const alerts = alertsMax === 0 ? all : all.slice(0, alertsMax)
  const { acknowledged: taken } = message
  return {
    receiver: message.receiver,
    status: message.status,
    alerts,
    groupLabels: message.groupLabels,
    commonLabels: message.commonLabels,
    commonAnnotations: message.commonAnnotations,
    externalURL: message.externalUrl,
    version: '4',
    groupKey: message.groupKey,
    truncatedAlerts: truncatedCount(message) + all.length - alerts.length,
    // Ours; readers of Alertmanager's payload pass over it.
    ...(message.data === undefined ? {} : { data: message.data }),
    ...(taken === undefined ? {} : { acknowledged: { by: taken.by, at: timeOf(taken.atMs) } }),
  }
}

const alertOf = (alert: ToldAlert) => ({
  status: alert.status,
  labels: alert.labels,
  annotations: alert.annotations,
  startsAt: timeOf(alert.startsAtMs),
  // Go's zero time.
  endsAt:
    alert.status === 'firing' || alert.endsAtMs === null ? '0001-01-01T00:00:00Z' : timeOf(alert.endsAtMs),
  generatorURL: alert.generatorUrl,
  fingerprint: alert.fingerprint,
})

// Readers go through the alerts, so what has none is told as one.
function noticeOf({ kind, status, title, text, link, atMs, receiver, commonLabels }: Message) {
  const labels = labelsOf([
    ...Object.entries(kind === 'alarm' ? commonLabels : {}),
    ['alertname', `Plimsoll${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`],
    ['receiver', receiver],
  ])
  return alertOf({
    fingerprint: fingerprint(labels),
    status,
    labels,
    annotations: labelsOf([
      ['description', text],
      ['summary', title],
    ]),
    startsAtMs: atMs,
    endsAtMs: status === 'resolved' ? atMs : null,
    stale: false,
    value: '',
    threshold: '',
    generatorUrl: link ?? '',
    tried: [],
  })
}

// RFC 3339 as Go writes it: no zeros at the end of a fraction. Alerts that are told together have begun together.
function timeOf(atMs: number): string {
  if (atMs === last.atMs) return last.text
  const text = new Date(atMs)
    .toISOString()
    .replace(/(\.\d*?)0+Z$/, '$1Z')
    .replace('.Z', 'Z')
  last = { atMs, text }
  return text
}

let last = { atMs: Number.NaN, text: '' }
