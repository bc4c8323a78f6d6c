// Alerts and groups of them as Alertmanager's API shows them, and in its order. Called by alert-routes.ts.
import type { Labels } from '#core/model.ts'
import type { AlertView } from '../timeline/views.ts'
import { timeText } from './form.ts'

export type ShownAlert = Readonly<{
  view: AlertView
  receivers: readonly string[]
  // Of its group, where it is shown in one.
  mutedBy: readonly string[]
}>

export type Around = Readonly<{ nowMs: number; resolveTimeoutMs: number }>

// An alert of our own rules ends when they say so. Its end, which the format wants, is the one that Alertmanager assumes
// of an alert that was posted this moment.
export function alertJson({ view, receivers, mutedBy }: ShownAlert, around: Around): object {
  const { alert, silencedBy, inhibitedBy } = view
  const isHeld = silencedBy.length + inhibitedBy.length + mutedBy.length > 0
  return {
    annotations: alert.annotations,
    endsAt: timeText(alert.endsAtMs ?? around.nowMs + around.resolveTimeoutMs),
    fingerprint: alert.fingerprint,
    receivers: receivers.map(name => ({ name })),
    startsAt: timeText(alert.startsAtMs),
    // Alertmanager 0.31 names `unprocessed` and never says it: who asks makes it active.
    status: { inhibitedBy, mutedBy, silencedBy, state: isHeld ? 'suppressed' : 'active' },
    updatedAt: timeText(alert.updatedAtMs),
    ...(alert.generatorUrl === '' ? {} : { generatorURL: alert.generatorUrl }),
    labels: alert.labels,
  }
}

// Fewer labels come first; then by name and value.
export function compareLabels(a: Labels, b: Labels): number {
  const [names, others] = [Object.keys(a), Object.keys(b)]
  if (names.length !== others.length) return names.length - others.length
  for (const name of [...new Set([...names, ...others])].sort()) {
    const [value, other] = [a[name], b[name]]
    if (value === undefined) return -1
    if (other === undefined) return 1
    if (value !== other) return value < other ? -1 : 1
  }
  return 0
}

// By job, then by instance; those that have none come last.
export function compareAlerts({ alert: a }: AlertView, { alert: b }: AlertView): number {
  for (const name of ['job', 'instance']) {
    const [value, other] = [a.labels[name], b.labels[name]]
    if (value === other) continue
    if (value === undefined) return 1
    if (other === undefined) return -1
    return value < other ? -1 : 1
  }
  return compareLabels(a.labels, b.labels)
}
