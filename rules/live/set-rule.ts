// A rule whose results are each of series that agree in some labels: when one of them changes, those that belong to it
// are evaluated again, and no others. Opened by seats.ts.
import { evaluateNow } from '#promql/evaluate.ts'
import { finish, type Pieces } from '../ask.ts'
import { samplesOf } from '../results.ts'
import type { Rule } from '../rule.ts'
import { type Claim, Collision, type Effect } from './effects.ts'
import type { Sets } from './sets.ts'
import { type LiveRule, portion, type Round } from './site.ts'

export type SetParts = Readonly<{
  rule: Rule
  sets: Sets
  // The shortest of its windows, by the number of the watch.
  windows: ReadonlyMap<number, number>
  effect: Effect
}>

export class SetRule implements LiveRule {
  readonly #parts: SetParts
  // Keys of alerts of an earlier run by the place where their series are, once these are back.
  #orphans: ReadonlyMap<string, readonly string[]> | undefined

  constructor(parts: SetParts) {
    this.#parts = parts
  }

  all(round: Round): Pieces | undefined {
    return this.#evaluate(this.#parts.sets.everyone(), round)
  }

  changed(round: Round): Pieces | undefined {
    return this.#evaluate(this.#parts.sets.changed(), round)
  }

  woken(keys: readonly string[], round: Round): Pieces | undefined {
    const { effect } = this.#parts
    const places = new Set<number>()
    for (const key of keys) {
      const place = effect.placeOf(key)
      if (place !== undefined) places.add(place)
      else if (!round.isRefresh) effect.lapsed(key, round.nowMs)
    }
    return this.#evaluate(places, round)
  }

  #evaluate(places: ReadonlySet<number>, round: Round): Pieces | undefined {
    if (places.size === 0) return undefined
    const work = this.#settle(places, round)
    if (places.size > portion) return work
    finish(work)
    return undefined
  }

  *#settle(places: ReadonlySet<number>, round: Round): Pieces {
    const { effect } = this.#parts
    const claims = places.size > portion ? yield* this.#claims(places, round) : this.#claim(places, round)
    const found = new Set<string>()
    for (const { key } of claims) {
      if (found.has(key)) throw new Collision()
      found.add(key)
    }
    for (let next = 0; next < claims.length; next++) {
      effect.found(claims[next]!, round)
      if (next % portion === portion - 1) yield
    }
    if (effect.isIdle) return
    const orphans = effect.orphans.size > 0
    let seen = 0
    for (const place of places) {
      if (orphans) this.#adoptOrphans(place)
      this.#miss(place, found, round.nowMs)
      if (++seen % portion === 0) yield
    }
  }

  // What was found there and is not.
  #miss(place: number, found: ReadonlySet<string>, nowMs: number): void {
    const { sets, windows, effect } = this.#parts
    const missed = effect.keysAt(place).filter(key => !found.has(key))
    if (missed.length === 0) return
    const absence = sets.absence(place, windows, nowMs)
    for (const key of missed) effect.missed(key, nowMs, absence)
  }

  // Some places at a time: they have nothing to do with each other.
  *#claims(places: ReadonlySet<number>, round: Round): Pieces<Claim[]> {
    const claims: Claim[] = []
    let some = new Set<number>()
    for (const place of places) {
      some.add(place)
      if (some.size < portion) continue
      for (const each of this.#claim(some, round)) claims.push(each)
      some = new Set()
      yield
    }
    if (some.size > 0) for (const each of this.#claim(some, round)) claims.push(each)
    return claims
  }

  #claim(places: ReadonlySet<number>, { nowMs, world }: Round): Claim[] {
    const { rule, sets, effect } = this.#parts
    const source = sets.source(places, nowMs)
    const answer = evaluateNow(rule.expr, source, { atMs: nowMs }, { ...world.options, isPart: true })
    return samplesOf(answer).map(result => effect.claim(result, sets.placeOf(result.series), world))
  }

  // Alerts of an earlier run whose series are back.
  #adoptOrphans(place: number): void {
    const { sets, effect } = this.#parts
    const overridden = this.#overridden()
    this.#orphans ??= this.#orphansBy(overridden)
    for (const key of this.#orphans.get(sets.keyOf(sets.labelsOf(place).labels, overridden)) ?? []) {
      if (effect.orphans.has(key)) effect.adopt(key, place)
    }
  }

  // An alert has the labels of the signature, but for those that the rule has set. So where the rule sets one of them,
  // two places may be told apart no more; whoever of them is back first says what is.
  #orphansBy(overridden: ReadonlySet<string>): Map<string, string[]> {
    const { sets, effect } = this.#parts
    return Map.groupBy(effect.orphans, key => sets.keyOf(effect.labelsOf(key), overridden))
  }

  #overridden(): ReadonlySet<string> {
    return new Set([...this.#parts.rule.labels.keys(), 'alertname'])
  }
}
