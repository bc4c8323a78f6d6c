// Which alerts does an external Alertmanager hear of now? As Prometheus: what fires again and again, so that it can
// end by itself when nobody says more, and its end for fifteen minutes. Called by whoever sends to them.
import type { Alerts, Tracked } from './state.ts'

export type Resend = Readonly<{ nowMs: number; resendMs: number; intervalMs: number }>
// Until when it holds unless it is said again; of a resolved one, when it ended.
export type Sendable = Readonly<{ fingerprint: string; alert: Tracked; startsAtMs: number; endsAtMs: number }>

export function toSend(
  alerts: Alerts,
  { nowMs, resendMs, intervalMs }: Resend,
): Readonly<{ next: Alerts; sendable: readonly Sendable[] }> {
  const next = new Map(alerts)
  const sendable: Sendable[] = []
  // Two sendings may fail.
  const validMs = 4 * Math.max(intervalMs, resendMs)
  for (const [fingerprint, alert] of alerts) {
    if (!isDue(alert, nowMs, resendMs)) continue
    next.set(fingerprint, { ...alert, lastSentAtMs: nowMs })
    sendable.push({
      fingerprint,
      alert,
      startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
      endsAtMs: alert.resolvedAtMs ?? nowMs + validMs,
    })
  }
  return { next, sendable }
}

function isDue({ phase, resolvedAtMs = 0, lastSentAtMs }: Tracked, nowMs: number, resendMs: number): boolean {
  if (phase === 'pending') return false
  if (lastSentAtMs === undefined || resolvedAtMs > lastSentAtMs) return true
  return lastSentAtMs + resendMs < nowMs
}
