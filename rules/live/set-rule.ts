// A rule whose results are each of series that agree in some labels: when one of them changes, those that belong to it
// are evaluated again, and no others. Opened by live-rules.ts.
import { keyOf } from '#core/labels.ts'
import type { Expr } from '#promql/ast.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { samplesOf } from '../results.ts'
import { Collision, type Effect } from './effects.ts'
import type { Sets } from './sets.ts'
import type { LiveRule, Round } from './site.ts'

export type SetParts = Readonly<{ expr: Expr; sets: Sets; effect: Effect }>

export class SetRule implements LiveRule {
  readonly #parts: SetParts

  constructor(parts: SetParts) {
    this.#parts = parts
  }

  all(round: Round): void {
    this.#evaluate(this.#parts.sets.everyone(), round)
  }

  changed(round: Round): void {
    this.#evaluate(this.#parts.sets.changed(), round)
  }

  woken(keys: readonly string[], round: Round): void {
    const { effect } = this.#parts
    const places = new Set<number>()
    for (const key of keys) {
      const place = effect.placeOf(key)
      if (place !== undefined) places.add(place)
      else if (!round.isRefresh) effect.lapsed(key, round.nowMs)
    }
    this.#evaluate(places, round)
  }

  #evaluate(places: ReadonlySet<number>, round: Round): void {
    if (places.size === 0) return
    const { expr, sets, effect } = this.#parts
    const { nowMs, world } = round
    const source = sets.source(places, nowMs)
    const results = samplesOf(evaluateNow(expr, source, { atMs: nowMs }, world.options))
    const found = new Set<string>()
    const claims = results.map(result => effect.claim(result, sets.placeOf(result.series), world))
    for (const { key } of claims) {
      if (found.has(key)) throw new Collision()
      found.add(key)
    }
    for (const claim of claims) effect.found(claim, round)
    if (effect.isIdle) return
    for (const place of places) {
      for (const key of effect.keysAt(place)) {
        if (!found.has(key)) effect.missed(key, nowMs, sets.isSilent(place, nowMs))
      }
    }
    if (effect.orphans.size > 0) this.#missOrphans(places, found, round)
  }

  // Alerts of an earlier run whose series are back without the condition. Which they are is known only for results
  // that have the labels of a series.
  #missOrphans(places: ReadonlySet<number>, found: ReadonlySet<string>, { nowMs, world }: Round): void {
    const { sets, effect } = this.#parts
    const seen = new Set<string>()
    for (const place of places) {
      for (const series of sets.seriesAt(place)) {
        for (const each of [{ ...series, name: '' }, sets.labelsOf(place)]) {
          const text = keyOf(each)
          if (seen.has(text)) continue
          seen.add(text)
          const key = effect.keyFor(each, world)
          if (found.has(key) || !effect.orphans.has(key)) continue
          effect.adopt(key, place)
          effect.missed(key, nowMs, sets.isSilent(place, nowMs))
        }
      }
    }
  }
}
