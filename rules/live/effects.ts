// What becomes of a result that was found at a place (a series, or series that belong together), and of one that is not
// found there any more: an alert goes a step on, or a recorded series is written. Called by kernel-rule.ts and
// set-rule.ts.
import { Failure } from '#core/errors.ts'
import { fingerprint, keyOf, noLabels } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import { atOnce } from '../ask.ts'
import { type Found, recorded, type World } from '../results.ts'
import type { AlertRule, RecordRule } from '../rule.ts'
import { alertLabels, annotationsAtOnce, annotationsOf, labelsAtOnce } from '../wording.ts'
import type { Absence } from './absence.ts'
import type { Keeper } from './keeper.ts'
import type { Pen } from './pen.ts'
import { type Holder, Places } from './places.ts'
import type { Round } from './site.ts'

// Two results would be one. The rule has to be evaluated as a whole to say which, as Prometheus does.
export class Collision extends Failure {
  constructor() {
    super('rule_failed', 'two results would be one')
  }
}

// What a result is going to be, once all of them are known not to be in each other's way.
export type Claim = Readonly<{ key: string; place: number; result: Found; series: Series }>

export interface Effect {
  // Whether anything has been found, or is still to be missed.
  readonly isIdle: boolean
  // At a place that has one result at most: whether it was there before, so that nothing has to be made of it.
  again(place: number, value: number, round: Round): boolean
  // Throws a Collision where another place has what it would be. Nothing is made of it yet.
  claim(result: Found, place: number, world: World): Claim
  found(claim: Claim, round: Round): void
  missed(key: string, nowMs: number, absence: Absence): void
  // Its time has come, and it has no place.
  lapsed(key: string, nowMs: number): void
  // Where it was found last; nothing when it is over.
  placeOf(key: string): number | undefined
  keysAt(place: number): readonly string[]
  // Known from before and not found at any place yet.
  readonly orphans: ReadonlySet<string>
  // Which one a result without value would be.
  keyFor(series: Found['series'], world: World): string
  adopt(key: string, place: number): void
  labelsOf(key: string): Labels
  // Nobody uses it any more.
  close(): void
}

export class AlertEffect implements Effect {
  readonly #rule: AlertRule
  readonly #keeper: Keeper
  readonly #places: Places
  readonly orphans: Set<string>

  constructor(rule: AlertRule, keeper: Keeper, holder: Holder) {
    this.#rule = rule
    this.#keeper = keeper
    this.#places = new Places(holder)
    this.orphans = new Set(
      [...keeper.alerts].flatMap(([key, { phase }]) => (phase === 'resolved' ? [] : key)),
    )
  }

  get isIdle(): boolean {
    return this.#places.size === 0 && this.orphans.size === 0
  }

  claim(result: Found, place: number, world: World): Claim {
    const labels = labelsAtOnce(this.#rule, result) ?? atOnce(alertLabels(this.#rule, result, world))
    const key = fingerprint(labels)
    const owner = this.#places.placeOf(key)
    if (owner !== undefined && owner !== place) throw new Collision()
    this.adopt(key, place)
    return { key, place, result, series: { name: '', labels } }
  }

  found({ key, result, series }: Claim, { world, nowMs, isRefresh }: Round): void {
    const isSettled = this.#keeper.isSettled(key, nowMs)
    if (isSettled && !isRefresh) return
    const instance = {
      labels: series.labels,
      annotations:
        annotationsAtOnce(this.#rule, result, world) ?? atOnce(annotationsOf(this.#rule, result, world)),
      value: result.value,
    }
    if (isSettled) this.#keeper.refresh(key, instance)
    else this.#keeper.settle(key, instance, nowMs)
  }

  again(place: number, _value: number, { nowMs, isRefresh }: Round): boolean {
    const key = isRefresh ? undefined : this.#places.keyAt(place)
    return key !== undefined && this.#keeper.isSettled(key, nowMs)
  }

  missed(key: string, nowMs: number, absence: Absence): void {
    const is = this.#keeper.settle(key, undefined, nowMs, absence)
    if (is !== undefined && is.phase !== 'resolved') return
    this.#places.delete(key)
    this.orphans.delete(key)
  }

  lapsed(key: string, nowMs: number): void {
    this.missed(key, nowMs, this.#keeper.waitsUntilMs(key) > 0 ? 'silent' : 'untrue')
  }

  placeOf(key: string): number | undefined {
    return this.#places.placeOf(key)
  }

  keysAt(place: number): readonly string[] {
    return this.#places.keysAt(place)
  }

  keyFor(series: Found['series'], world: World): string {
    const result = { series, value: Number.NaN }
    return fingerprint(labelsAtOnce(this.#rule, result) ?? atOnce(alertLabels(this.#rule, result, world)))
  }

  adopt(key: string, place: number): void {
    this.#places.set(key, place)
    this.orphans.delete(key)
  }

  labelsOf(key: string): Labels {
    return this.#keeper.get(key)?.labels ?? noLabels
  }

  close(): void {
    this.#places.clear()
  }
}

const noOrphans: ReadonlySet<string> = new Set()

export class RecordEffect implements Effect {
  readonly #rule: RecordRule
  readonly #pen: Pen
  readonly #places: Places
  readonly #numbers = new Map<string, number>()
  readonly orphans = noOrphans

  constructor(rule: RecordRule, pen: Pen, holder: Holder) {
    this.#rule = rule
    this.#pen = pen
    this.#places = new Places(holder)
  }

  get isIdle(): boolean {
    return this.#places.size === 0
  }

  claim(result: Found, place: number): Claim {
    const { series } = recorded(this.#rule, [result])[0]!
    const key = keyOf(series)
    const owner = this.#places.placeOf(key)
    if (owner !== undefined && owner !== place) throw new Collision()
    this.#places.set(key, place)
    return { key, place, result, series }
  }

  found({ key, result, series }: Claim, { nowMs }: Round): void {
    const number = this.#numbers.get(key)
    if (number !== undefined) {
      this.#pen.putAgain(number, result.value, nowMs)
      return
    }
    const made = this.#pen.put(series, result.value, nowMs)
    if (made !== undefined) this.#numbers.set(key, made)
  }

  again(place: number, value: number, { nowMs }: Round): boolean {
    const key = this.#places.keyAt(place)
    const number = key === undefined ? undefined : this.#numbers.get(key)
    if (number === undefined) return false
    this.#pen.putAgain(number, value, nowMs)
    return true
  }

  missed(key: string, nowMs: number): void {
    const number = this.#numbers.get(key)
    this.#places.delete(key)
    this.#numbers.delete(key)
    if (number !== undefined) this.#pen.end(number, nowMs)
  }

  lapsed(key: string, nowMs: number): void {
    this.missed(key, nowMs)
  }

  // By key.
  get written(): ReadonlyMap<string, Series> {
    return new Map([...this.#numbers].map(([key, number]) => [key, this.#pen.seriesOf(number)]))
  }

  placeOf(key: string): number | undefined {
    return this.#places.placeOf(key)
  }

  keysAt(place: number): readonly string[] {
    return this.#places.keysAt(place)
  }

  keyFor(series: Found['series']): string {
    return keyOf(recorded(this.#rule, [{ series, value: 0 }])[0]!.series)
  }

  adopt(): void {
    throw new Error('recorded series have no life before they are found')
  }

  labelsOf(): Labels {
    return noLabels
  }

  close(): void {
    this.#places.clear()
  }
}
