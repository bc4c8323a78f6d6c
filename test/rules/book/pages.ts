// Alerts and what is said of them, as an evaluation leaves them behind. Called by the tests of the book and the scribe.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { AlertTransition } from '#core/model.ts'
import type { Entry, Page } from '../../../rules/book.ts'
import type { Tracked } from '../../../rules/state.ts'

export const rule = 'a1b2c3d4e5f60718'

export function trackedOf(host: string, more: Partial<Tracked> = {}): Tracked {
  const labels = labelsOf([
    ['alertname', 'HostDown'],
    ['host', host],
  ])
  const annotations = { summary: `${host} does not answer` }
  return { labels, annotations, value: 0, phase: 'firing', activeAtMs: 1_000, firedAtMs: 2_000, ...more }
}

export const entryOf = (alert: Tracked, more: Partial<Entry> = {}): Entry => ({
  rule,
  fingerprint: fingerprint(alert.labels),
  alert,
  ...more,
})

export function transitionOf(alert: Tracked, atMs = 2_000): AlertTransition {
  const { labels, annotations, phase, activeAtMs, resolvedAtMs = null } = alert
  const key = fingerprint(labels)
  return {
    v: 1,
    id: `${rule}/${key}/${phase}/${atMs}`,
    atMs,
    alert: {
      fingerprint: key,
      labels,
      annotations,
      state: phase,
      stale: false,
      startsAtMs: activeAtMs,
      endsAtMs: resolvedAtMs,
      value: String(alert.value),
      rule: { id: rule, group: 'hosts', name: 'HostDown', expr: 'up == 0' },
    },
    reason: null,
  }
}

export const pageOf = (alerts: readonly Tracked[], more: Partial<Page> = {}): Page => ({
  part: 'all',
  entries: alerts.map(each => entryOf(each)),
  transitions: alerts.map(each => transitionOf(each)),
  ...more,
})
