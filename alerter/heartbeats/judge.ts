// Who was not heard of in time, or has said that he failed? Pure: beats and times in, what began and ended out. The same
// event has the same id, however often it is looked at. Called by heartbeats.ts.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Alert, AlertTransition } from '#core/model.ts'
import type { Beats } from './beats.ts'
import type { Heartbeat } from './settings.ts'
import { type Speech, summaryOf } from './words.ts'

export type Moment = Readonly<{
  nowMs: number
  // Who could not be heard of because nobody listened, before a start or while this machine slept, has so long from here.
  listenedMs: number
  speech: Speech
}>

// At least, from there: most beats are sent each minute.
const graceLeastMs = 60_000

// From when on it is missing.
export const overdueMs = ({ everyMs, graceMs }: Heartbeat, { beatMs, sinceMs }: Beats): number =>
  (beatMs ?? sinceMs) + everyMs + graceMs

// In order: an end comes before the next beginning. `alert` is what fires then.
export type Judged = Readonly<{ transitions: readonly AlertTransition[]; alert: Alert | null }>

// Nothing: it is not waited for any more.
export function judge(heartbeat: Heartbeat | undefined, beats: Beats, moment: Moment): Judged {
  const due = heartbeat === undefined ? undefined : dueAlert(heartbeat, beats, moment)
  const { alert } = beats
  if (alert !== null && due !== undefined && isSame(alert, due)) return { transitions: [], alert }
  const reason = heartbeat === undefined ? 'the heartbeat is not configured any more' : null
  const endMs = heartbeat === undefined ? moment.nowMs : (beats.failed?.atMs ?? beats.beatMs ?? moment.nowMs)
  return {
    transitions: [
      ...(alert === null ? [] : [endOf(alert, Math.max(endMs, alert.startsAtMs), reason)]),
      ...(due === undefined ? [] : [transitionOf(due, due.startsAtMs, null)]),
    ],
    alert: due ?? null,
  }
}

const isSame = (one: Alert, other: Alert): boolean =>
  one.fingerprint === other.fingerprint && one.startsAtMs === other.startsAtMs

function dueAlert(
  heartbeat: Heartbeat,
  beats: Beats,
  { nowMs, listenedMs, speech }: Moment,
): Alert | undefined {
  const { failed, alert } = beats
  // Until the next beat it fires as it began, whatever the configuration says by now.
  const standing = (name: string): Alert | undefined => (alert?.rule.name === name ? alert : undefined)
  if (failed !== null) {
    const known = standing('HeartbeatFailed')
    return known ?? alertOf('HeartbeatFailed', heartbeat, { startsAtMs: failed.atMs, beats, speech })
  }
  const fromMs = overdueMs(heartbeat, beats)
  const known = standing('HeartbeatMissing')
  if (known !== undefined && (beats.beatMs ?? 0) < known.startsAtMs && nowMs >= fromMs) return known
  if (nowMs < Math.max(fromMs, listenedMs + Math.max(heartbeat.graceMs, graceLeastMs))) return undefined
  return alertOf('HeartbeatMissing', heartbeat, { startsAtMs: fromMs, beats, speech })
}

type Of = Readonly<{ startsAtMs: number; beats: Beats; speech: Speech }>

function alertOf(alertname: 'HeartbeatFailed' | 'HeartbeatMissing', heartbeat: Heartbeat, of: Of): Alert {
  const { name, labels: more, severity, summary } = heartbeat
  const { startsAtMs, beats, speech } = of
  const labels = labelsOf(Object.entries({ ...more, severity, alertname, heartbeat: name }))
  const text = alertname === 'HeartbeatFailed' ? (beats.failed?.text ?? '') : ''
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: labelsOf([
      ['summary', summary ?? summaryOf(alertname, { heartbeat, beats, nowMs: startsAtMs }, speech)],
      ...(text === '' ? [] : [['description', text] as const]),
    ]),
    state: 'firing',
    stale: false,
    startsAtMs,
    endsAtMs: null,
    value: '',
    rule: { id: 'heartbeats', group: 'heartbeats', name: alertname, expr: '' },
  }
}

const endOf = (alert: Alert, endsAtMs: number, reason: string | null): AlertTransition =>
  transitionOf({ ...alert, state: 'resolved', endsAtMs }, endsAtMs, reason)

const transitionOf = (alert: Alert, atMs: number, reason: string | null): AlertTransition => ({
  v: 1,
  id: `heartbeat/${alert.fingerprint}/${alert.state}/${alert.startsAtMs}`,
  atMs,
  alert,
  reason,
})
