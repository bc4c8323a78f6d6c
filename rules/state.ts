// When does a condition become an alert, and when is it over? Here, and only here, as Prometheus decides it. Pure: the
// clock is an argument and what changed is the answer. Called for each evaluation of an alerting rule.
import type { Labels } from '#core/model.ts'
import type { AlertRule } from './rule.ts'

// What an expression finds, with the rule's labels and annotations filled in.
export type Instance = Readonly<{ labels: Labels; annotations: Labels; value: number }>

// An alert from its first sight on; resolved ones are remembered for a while.
export type Tracked = Instance &
  Readonly<{
    phase: 'pending' | 'firing' | 'resolved'
    activeAtMs: number
    firedAtMs?: number
    resolvedAtMs?: number
    // Since when it fires without being found any more.
    keepFiringSinceMs?: number
    // To external Alertmanagers; filled in by resend.ts.
    lastSentAtMs?: number
    // How often it came back within one millisecond.
    turn?: number
  }>

// By fingerprint of the labels.
export type Alerts = ReadonlyMap<string, Tracked>

export type Transition = Readonly<{
  // The same whenever the same input is replayed.
  id: string
  rule: string
  fingerprint: string
  state: 'firing' | 'resolved'
  sinceMs: number
  alert: Tracked
  // Where it is not that the condition came or went.
  reason?: string
}>

export type Step = Readonly<{
  next: Alerts
  transitions: readonly Transition[]
  // Whose state is another one now, or gone; a new value or annotation is no new state.
  changed: readonly string[]
  // Pending and firing.
  active: number
}>

// Alertmanagers may be away for a while, and must hear of the end.
export const resolvedKeptMs = 15 * 60_000

// `results` are all that the expression finds now, by fingerprint.
export function step(
  rule: AlertRule,
  before: Alerts,
  results: ReadonlyMap<string, Instance>,
  nowMs: number,
): Step {
  const next = new Map<string, Tracked>()
  const transitions: Transition[] = []
  const changed: string[] = []
  let active = 0
  const take = (key: string, was: Tracked | undefined): void => {
    const { is, isChanged, transition } = advance({ rule, key, nowMs }, was, results.get(key))
    if (is !== undefined) next.set(key, is)
    if (is !== undefined && is.phase !== 'resolved') active += 1
    if (isChanged) changed.push(key)
    if (transition !== undefined) transitions.push(transition)
  }
  for (const [key, was] of before) take(key, was)
  for (const key of results.keys()) if (!before.has(key)) take(key, undefined)
  return { next, transitions, changed, active }
}

export type Moment = Readonly<{ rule: AlertRule; key: string; nowMs: number }>
// `is` is nothing when there is no alert, or none any more.
export type Advance = Readonly<{
  is: Tracked | undefined
  isChanged: boolean
  transition: Transition | undefined
}>

// One alert, whatever the others of its rule do.
export function advance(moment: Moment, was: Tracked | undefined, found: Instance | undefined): Advance {
  const { rule, nowMs } = moment
  let is = found === undefined ? missed(rule, was, nowMs) : seen(was, found, nowMs)
  if (is?.phase === 'pending' && nowMs - is.activeAtMs >= rule.forMs) {
    is = { ...is, phase: 'firing', firedAtMs: nowMs }
  }
  if (is?.phase === 'firing' && isEarly(rule, is, nowMs)) is = pendingAgain(is)
  const isChanged =
    was?.phase !== is?.phase ||
    was?.activeAtMs !== is?.activeAtMs ||
    was?.keepFiringSinceMs !== is?.keepFiringSinceMs
  return { is, isChanged, transition: told(moment, was, is) }
}

function seen(was: Tracked | undefined, found: Instance, nowMs: number): Tracked {
  if (was === undefined) return { ...found, phase: 'pending', activeAtMs: nowMs }
  if (was.phase === 'resolved') {
    const turn = was.resolvedAtMs === nowMs ? { turn: (was.turn ?? 0) + 1 } : {}
    return { ...found, phase: 'pending', activeAtMs: nowMs, ...turn }
  }
  const { keepFiringSinceMs: _, ...rest } = was
  return { ...rest, annotations: found.annotations, value: found.value }
}

function missed(rule: AlertRule, was: Tracked | undefined, nowMs: number): Tracked | undefined {
  // A pending condition that goes away was never announced, so it leaves without a word.
  if (was === undefined || was.phase === 'pending') return undefined
  if (was.phase === 'resolved') return nowMs - (was.resolvedAtMs ?? 0) > resolvedKeptMs ? undefined : was
  const sinceMs = was.keepFiringSinceMs ?? nowMs
  if (nowMs - sinceMs < rule.keepFiringMs) return { ...was, keepFiringSinceMs: sinceMs }
  return { ...was, phase: 'resolved', resolvedAtMs: nowMs }
}

// It fired under a shorter `for` than the rule has since its last reload. A clock that went back is no such reason.
export const isEarly = (
  { forMs }: AlertRule,
  { activeAtMs, firedAtMs = 0 }: Tracked,
  nowMs: number,
): boolean => nowMs - activeAtMs < forMs && firedAtMs - activeAtMs < forMs

function pendingAgain(was: Tracked): Tracked {
  const { firedAtMs: _, lastSentAtMs: _sent, keepFiringSinceMs: _kept, ...rest } = was
  return { ...rest, phase: 'pending' }
}

// Who was told that it fires is told that it does not any more, whatever the reason.
function told(moment: Moment, was: Tracked | undefined, is: Tracked | undefined): Transition | undefined {
  const fires = is?.phase === 'firing'
  if (was?.phase !== 'firing') return fires ? transitionOf(moment, 'firing', is) : undefined
  if (fires) return undefined
  if (is?.phase === 'resolved') return transitionOf(moment, 'resolved', is)
  return { ...transitionOf(moment, 'resolved', was), reason: '`for` of the rule was made longer' }
}

function transitionOf({ rule, key, nowMs }: Moment, state: Transition['state'], alert: Tracked): Transition {
  const turn = alert.turn === undefined ? '' : `/${alert.turn}`
  const id = `${rule.id}/${key}/${state}/${nowMs}${turn}`
  return { id, rule: rule.id, fingerprint: key, state, sinceMs: nowMs, alert }
}

// When time alone will change it: `for` or `keep_firing_for` running out, or being forgotten.
export function changesAtMs(rule: AlertRule, alert: Tracked): number | undefined {
  if (alert.phase === 'pending') return alert.activeAtMs + rule.forMs
  if (alert.phase === 'resolved') return (alert.resolvedAtMs ?? 0) + resolvedKeptMs + 1
  return alert.keepFiringSinceMs === undefined ? undefined : alert.keepFiringSinceMs + rule.keepFiringMs
}
