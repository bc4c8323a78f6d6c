// What has one Alertmanager to hear now? Kept in memory: whoever starts anew says everything again, as Prometheus does.
// Pure. Called by target.ts.
import { type Sendable, toSend } from '../resend.ts'
import type { AlertRule, RuleGroup } from '../rule.ts'
import type { Alerts, Tracked } from '../state.ts'

// The alerts of a rule.
export type Current = Readonly<{ rule: AlertRule; group: RuleGroup; alerts: Alerts }>

export type Due = Sendable & Readonly<{ rule: AlertRule }>

// What was said of an alert, and when.
type Said = Readonly<{ firedAtMs: number | undefined; resolvedAtMs: number | undefined; atMs: number }>

export const resendMs = 60_000

export class Memory {
  // By rule and fingerprint.
  #said = new Map<string, Map<string, Said>>()
  readonly #openedAtMs: number

  constructor(openedAtMs: number) {
    this.#openedAtMs = openedAtMs
  }

  // Forgets those that are no more.
  due(current: Iterable<Current>, nowMs: number): Due[] {
    const said = new Map<string, Map<string, Said>>()
    const due: Due[] = []
    for (const { rule, group, alerts } of current) {
      const before = this.#said.get(rule.id)
      const kept = new Map<string, Said>()
      const candidates = new Map<string, Tracked>()
      for (const [fingerprint, alert] of alerts) {
        if (alert.phase === 'pending') continue
        const last = before?.get(fingerprint)
        if (last !== undefined) kept.set(fingerprint, last)
        if (this.#isWorthSaying(alert, last)) candidates.set(fingerprint, withSent(alert, last))
      }
      said.set(rule.id, kept)
      const intervalMs = group.intervalMs ?? 0
      const { sendable } = toSend(candidates, { nowMs, resendMs, intervalMs })
      for (const each of sendable) due.push({ ...each, rule })
    }
    this.#said = said
    return due
  }

  said(sent: readonly Due[], atMs: number): void {
    for (const { rule, fingerprint, alert } of sent) {
      const { firedAtMs, resolvedAtMs } = alert
      this.#said.get(rule.id)?.set(fingerprint, { firedAtMs, resolvedAtMs, atMs })
    }
  }

  // Nobody needs the end of what he never heard of, but perhaps he did in our last life.
  #isWorthSaying({ phase, firedAtMs = 0 }: Tracked, last: Said | undefined): boolean {
    return phase === 'firing' || last?.firedAtMs === firedAtMs || firedAtMs < this.#openedAtMs
  }
}

// Of what has another state by now, nothing is said yet. Times do not tell: those of alerts are of samples, and may be
// behind those of sending.
function withSent(alert: Tracked, last: Said | undefined): Tracked {
  const { lastSentAtMs: _, ...rest } = alert
  const isSaid = last?.firedAtMs === alert.firedAtMs && last?.resolvedAtMs === alert.resolvedAtMs
  return last !== undefined && isSaid ? { ...rest, lastSentAtMs: last.atMs } : rest
}
