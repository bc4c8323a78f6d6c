// A rule whose every result is of one series: only the series that changed are looked at, many at a time (../kernel.ts).
// A quiet one costs nanoseconds per series, which is what the whole engine is made for (bench/rules.ts). Opened by
// live-rules.ts.

import { labelsOf } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'
import { finish, type Pieces } from '../ask.ts'
import type { Head } from '../head.ts'
import { type Hits, type Kernel, openHits, type Sheet } from '../kernel.ts'
import { type Absence, absenceOf } from './absence.ts'
import type { Claim, Effect } from './effects.ts'
import { type LiveRule, portion, type Round } from './site.ts'

export type KernelParts = Readonly<{
  kernel: Kernel
  watch: number
  // The shortest of its windows; 0 when it has none.
  windowMs: number
  effect: Effect
  head: Head
  table: SeriesTable
}>

// One rule after the other fills them.
const hits: Hits = openHits()

export class KernelRule implements LiveRule {
  readonly #parts: KernelParts

  constructor(parts: KernelParts) {
    this.#parts = parts
  }

  all(round: Round): Pieces | undefined {
    return this.#evaluate(round.sheet(this.#parts.head.members(this.#parts.watch)), round)
  }

  changed(round: Round): Pieces | undefined {
    return this.#evaluate(round.changed(this.#parts.watch), round)
  }

  woken(keys: readonly string[], round: Round): Pieces | undefined {
    const { effect } = this.#parts
    const slots: number[] = []
    for (const key of keys) {
      const slot = effect.placeOf(key)
      if (slot !== undefined) slots.push(slot)
      else if (!round.isRefresh) effect.lapsed(key, round.nowMs)
    }
    return slots.length === 0 ? undefined : this.#evaluate(round.sheet(Uint32Array.from(slots)), round)
  }

  #evaluate(sheet: Sheet, round: Round): Pieces | undefined {
    const { kernel, effect } = this.#parts
    kernel.find(sheet, hits)
    if (hits.count === 0 && effect.isIdle) return undefined
    const { slots } = sheet
    const news = this.#news(slots, round)
    const isAll = news.length === 0 && (hits.count === slots.length || effect.isIdle)
    if (isAll) return undefined
    const work = this.#settle(slots, news, round)
    if (slots.length > portion) return work
    finish(work)
    return undefined
  }

  // Which hits are not as they were before.
  #news(slots: Uint32Array, round: Round): number[] {
    const { effect } = this.#parts
    const { at, values, count } = hits
    const news: number[] = []
    for (let next = 0; next < count; next++) {
      if (!effect.again(slots[at[next]!]!, values[next]!, round)) news.push(next)
    }
    return news
  }

  *#settle(slots: Uint32Array, news: readonly number[], round: Round): Pieces {
    const { effect } = this.#parts
    const { at, values, count } = hits
    const claims: Claim[] = []
    for (const next of news) {
      const slot = slots[at[next]!]!
      claims.push(effect.claim({ series: this.#named(slot), value: values[next]! }, slot, round.world))
      if (claims.length % portion === 0) yield
    }
    for (let next = 0; next < claims.length; next++) {
      effect.found(claims[next]!, round)
      if (next % portion === portion - 1) yield
    }
    if (count === slots.length || effect.isIdle) return
    let next = 0
    for (let from = 0; from < slots.length; from += portion) {
      if (from > 0) yield
      next = this.#missSome(slots, from, next, round)
    }
  }

  // Those from here that are no hits; `next` is the first hit that may be among them.
  #missSome(slots: Uint32Array, from: number, next: number, round: Round): number {
    const { at, count } = hits
    const until = Math.min(from + portion, slots.length)
    let hit = next
    for (let position = from; position < until; position++) {
      if (hit < count && at[hit] === position) hit++
      else this.#missed(slots[position]!, round)
    }
    return hit
  }

  #missed(slot: number, { nowMs, world }: Round): void {
    const { effect } = this.#parts
    const keys = effect.keysAt(slot)
    if (keys.length > 0) effect.missed(keys[0]!, nowMs, this.#absence(slot, nowMs))
    else if (effect.orphans.size > 0) {
      const key = effect.keyFor(this.#named(slot), world)
      if (!effect.orphans.has(key)) return
      effect.adopt(key, slot)
      effect.missed(key, nowMs, this.#absence(slot, nowMs))
    }
  }

  #absence(slot: number, nowMs: number): Absence {
    const { head, windowMs } = this.#parts
    return absenceOf(head, [{ slots: [slot], windowMs }], nowMs)
  }

  #named(slot: number): Series {
    const { kernel, head, table } = this.#parts
    const series = table.get(head.seriesOf(slot))
    return kernel.keepsName ? series : { name: '', labels: bare(series.labels) }
  }
}

// What says of which kind and unit a metric is goes together with its name.
function bare(labels: Labels): Labels {
  const { __type__: type, __unit__: unit } = labels
  if (type === undefined && unit === undefined) return labels
  return labelsOf(Object.entries(labels).filter(([name]) => name !== '__type__' && name !== '__unit__'))
}
