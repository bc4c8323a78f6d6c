// The alerts of one rule: each is taken a step on when it was looked at, and what came of that is noted for saving,
// telling and recording. Called by the live rules.

import { keyOf } from '#core/labels.ts'
import type { Alert } from '#core/model.ts'
import { seriesOf } from '../alert-series.ts'
import type { Pieces } from '../ask.ts'
import type { Entry } from '../book.ts'
import type { RuleStep } from '../evaluate-rule.ts'
import { published } from '../published.ts'
import type { AlertRule, RuleGroup } from '../rule.ts'
import {
  type Alerts,
  advance,
  changesAtMs,
  type Instance,
  isEarly,
  type Tracked,
  type Transition,
} from '../state.ts'
import type { Absence } from './absence.ts'
import type { Awaited } from './awaited.ts'
import type { Pen } from './pen.ts'
import { portion, type Site } from './site.ts'

export type Seat = Readonly<{ rule: AlertRule; group: RuleGroup; number: number; site: Site; nowMs: number }>

export class Keeper {
  readonly #seat: Seat
  readonly #pen: Pen
  readonly #rule: Alert['rule']
  #alerts: Map<string, Tracked>
  readonly #awaited: Awaited
  // When each is looked at next, at the latest: one that comes and goes is not waited for many times. Resolved ones
  // are for themselves, as theirs is far away.
  readonly #soon = new Map<string, number>()
  readonly #late = new Map<string, number>()

  constructor(seat: Seat, saved: Alerts) {
    this.#seat = seat
    this.#pen = seat.site.pen(seat.rule)
    this.#rule = ruleOf(seat)
    this.#alerts = new Map(saved)
    this.#awaited = seat.site.awaited(seat.rule, saved)
    for (const [key, alert] of saved) {
      this.#wake(key, alert)
      this.#record(undefined, alert, seat.nowMs)
    }
  }

  get alerts(): Alerts {
    return this.#alerts
  }

  get awaited(): Awaited {
    return this.#awaited
  }

  // Until when one that has no series waits for them; 0 when it does not.
  waitsUntilMs(key: string): number {
    return this.#awaited.isMissing(key) ? this.#seat.site.patience.untilMs : 0
  }

  get(key: string): Tracked | undefined {
    return this.#alerts.get(key)
  }

  // Its time has come: whether it was put off meanwhile is seen only now.
  awake(key: string, nowMs: number): void {
    for (const planned of [this.#soon, this.#late]) {
      if ((planned.get(key) ?? Number.POSITIVE_INFINITY) <= nowMs) planned.delete(key)
    }
    const is = this.#alerts.get(key)
    if (is !== undefined && (changesAtMs(this.#seat.rule, is) ?? 0) > nowMs) this.#wake(key, is)
  }

  // It was found. Whether it stays what it is: nothing has to be made of it.
  isSettled(key: string, nowMs: number): boolean {
    const was = this.#alerts.get(key)
    if (was === undefined) return false
    const { rule, site } = this.#seat
    if (nowMs < site.patience.untilMs) this.#awaited.found(key)
    if (was.phase === 'firing') return was.keepFiringSinceMs === undefined && !isEarly(rule, was, nowMs)
    return was.phase === 'pending' && nowMs - was.activeAtMs < rule.forMs
  }

  // `absence`: why it is not found.
  settle(
    key: string,
    found: Instance | undefined,
    nowMs: number,
    absence: Absence = 'untrue',
  ): Tracked | undefined {
    const { rule } = this.#seat
    const was = this.#alerts.get(key)
    const heldUntilMs = this.#heldUntilMs(key, absence)
    if (found !== undefined) this.#awaited.found(key)
    else if (nowMs < heldUntilMs) {
      this.#awaited.missed(key)
      this.#plan(key, heldUntilMs, this.#soon)
      return was
    }
    const { is, isChanged, transition } = advance({ rule, key, nowMs }, was, found)
    if (is === undefined) this.#alerts.delete(key)
    else this.#alerts.set(key, is)
    if (!isChanged) return is
    if (isOver(is)) this.#awaited.ended(key)
    this.#note(key, is)
    this.#record(was, is, nowMs)
    if (transition !== undefined) this.#tell(transition, absence === 'silent' || absence === 'ended')
    if (is !== undefined) this.#wake(key, is)
    return is
  }

  // Until when one that is not found goes on all the same; 0 when it does not. What there is not enough of to say is
  // computed from many.
  #heldUntilMs(key: string, absence: Absence): number {
    const { untilMs, wholeUntilMs } = this.#seat.site.patience
    if (absence === 'silent') return this.#awaited.has(key) ? untilMs : 0
    return absence === 'unsure' && this.#awaited.isMissing(key) ? wholeUntilMs : 0
  }

  // What an evaluation as a whole has made of them.
  *adopt({ state, transitions, changed }: RuleStep, nowMs: number): Pieces {
    const before = this.#alerts
    this.#alerts = new Map(state.alerts)
    const early: ReadonlySet<string> =
      state.health === 'ok' ? this.#tooEarly(changed, before, nowMs) : new Set()
    // Whoever is told of is among those that have changed, in the same order.
    let told = 0
    for (const [at, key] of changed.entries()) {
      if (at % portion === portion - 1) yield
      const transition = transitions[told]?.fingerprint === key ? transitions[told++] : undefined
      if (early.has(key)) continue
      const is = this.#alerts.get(key)
      if (isOver(is)) this.#awaited.ended(key)
      this.#note(key, is)
      this.#record(before.get(key), is, nowMs)
      if (transition !== undefined) this.#tell(transition, false)
      if (is !== undefined) this.#wake(key, is)
    }
  }

  // Ends that may come only of series that have not come back yet after a start: these go on for a while. Who was found
  // once since then ends like any other.
  #tooEarly(changed: readonly string[], before: Alerts, nowMs: number): ReadonlySet<string> {
    const { wholeUntilMs } = this.#seat.site.patience
    const awaited = this.#awaited
    const early = new Set<string>()
    if (nowMs >= wholeUntilMs) awaited.clear()
    if (awaited.missing.size === 0) return early
    for (const key of changed) {
      const was = before.get(key)
      if (was === undefined || !awaited.isMissing(key) || !isOver(this.#alerts.get(key))) continue
      early.add(key)
      this.#alerts.set(key, was)
      this.#plan(key, wholeUntilMs, this.#soon)
    }
    for (const key of awaited.missing.keys()) {
      const isKept = this.#alerts.get(key)?.keepFiringSinceMs !== undefined
      if (!early.has(key) && !isKept) awaited.found(key)
    }
    return early
  }

  // Values and words of what has not changed may have moved on.
  refresh(key: string, { annotations, value }: Instance): void {
    const was = this.#alerts.get(key)
    if (was !== undefined && was.phase !== 'resolved') this.#alerts.set(key, { ...was, annotations, value })
  }

  #note(fingerprint: string, alert: Tracked | undefined): void {
    const { rule, site } = this.#seat
    const { entries } = site.outcome
    const known = entries.get(rule.id) ?? new Map<string, Entry>()
    if (known.size === 0) entries.set(rule.id, known)
    known.set(fingerprint, { rule: rule.id, fingerprint, alert })
  }

  #record(was: Tracked | undefined, is: Tracked | undefined, nowMs: number): void {
    const { rule } = this.#seat
    const before = was === undefined ? [] : seriesOf(rule, was)
    const now = is === undefined ? [] : seriesOf(rule, is)
    // Most begin or end, and have nothing to be compared with.
    const kept = new Set(before.length === 0 ? [] : now.map(({ series }) => keyOf(series)))
    for (const { series } of before) {
      if (kept.size === 0 || !kept.has(keyOf(series))) this.#pen.endSeries(series, nowMs)
    }
    for (const { series, value } of now) this.#pen.put(series, value, nowMs)
  }

  #tell(transition: Transition, isStale: boolean): void {
    this.#seat.site.outcome.transitions.push(published({ ...transition, isStale }, this.#rule))
  }

  #wake(key: string, alert: Tracked): void {
    const atMs = changesAtMs(this.#seat.rule, alert)
    if (atMs !== undefined) this.#plan(key, atMs, alert.phase === 'resolved' ? this.#late : this.#soon)
  }

  #plan(key: string, atMs: number, planned: Map<string, number>): void {
    const { site, number } = this.#seat
    if (number < 0 || (planned.get(key) ?? Number.POSITIVE_INFINITY) <= atMs) return
    planned.set(key, atMs)
    site.wakes.add({ atMs, rule: number, key })
  }
}

const isOver = (alert: Tracked | undefined): boolean => alert === undefined || alert.phase === 'resolved'

const ruleOf = ({ rule, group }: Seat): Alert['rule'] => ({
  id: rule.id,
  group: group.name,
  name: rule.alert,
  expr: rule.text,
})
