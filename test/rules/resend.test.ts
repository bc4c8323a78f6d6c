import { expect, test } from 'vitest'
import { fingerprint, labelsOf, noLabels } from '#core/labels.ts'
import { toSend } from '../../rules/resend.ts'
import { type Alerts, step } from '../../rules/state.ts'
import { alertRule } from './rules-of.ts'

const minute = 60_000
const labels = labelsOf([['alertname', 'A']])
const found = new Map([[fingerprint(labels), { labels, annotations: noLabels, value: 1 }]])

// As `compliance` of Prometheus' alert generator: every minute while it fires, `endsAt` four minutes ahead, and the
// end for fifteen minutes.
test('an alert is sent at once, again each minute, and its end for a quarter of an hour', () => {
  const rule = alertRule({ forMs: minute })
  const sent: string[] = []
  let alerts: Alerts = new Map()
  for (let nowMs = 0; nowMs <= 25 * minute; nowMs += minute / 2) {
    alerts = step(rule, alerts, nowMs <= 4 * minute ? found : new Map(), nowMs).next
    const { next, sendable } = toSend(alerts, { nowMs, resendMs: minute, intervalMs: minute / 2 })
    alerts = next
    for (const { startsAtMs, endsAtMs } of sendable)
      sent.push(`${nowMs / minute}: ${startsAtMs / minute} to ${endsAtMs / minute}`)
  }
  expect(sent.slice(0, 4)).toEqual(['1: 1 to 5', '2.5: 1 to 6.5', '4: 1 to 8', '4.5: 1 to 4.5'])
  expect(sent.at(-1)).toBe('19.5: 1 to 4.5')
  expect(sent).toHaveLength(14)
})
