// A rule whose every result is of one series: only the series that changed are looked at, many at a time (../kernel.ts).
// A quiet one costs nanoseconds per series, which is what the whole engine is made for (bench/rules.ts). Opened by
// live-rules.ts.

import { labelsOf } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'
import type { Head } from '../head.ts'
import { type Hits, type Kernel, openHits, type Sheet } from '../kernel.ts'
import type { Claim, Effect } from './effects.ts'
import type { LiveRule, Round } from './site.ts'

export type KernelParts = Readonly<{
  kernel: Kernel
  watch: number
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

  all(round: Round): void {
    this.#evaluate(round.sheet(this.#parts.head.members(this.#parts.watch)), round)
  }

  changed(round: Round): void {
    this.#evaluate(round.changed(this.#parts.watch), round)
  }

  woken(keys: readonly string[], round: Round): void {
    const { effect } = this.#parts
    const slots: number[] = []
    for (const key of keys) {
      const slot = effect.placeOf(key)
      if (slot !== undefined) slots.push(slot)
      else if (!round.isRefresh) effect.lapsed(key, round.nowMs)
    }
    if (slots.length > 0) this.#evaluate(round.sheet(Uint32Array.from(slots)), round)
  }

  #evaluate(sheet: Sheet, round: Round): void {
    const { kernel, effect } = this.#parts
    const { slots } = sheet
    kernel.find(sheet, hits)
    if (hits.count === 0 && effect.isIdle) return
    const { at, values, count } = hits
    const claims: Claim[] = []
    for (let next = 0; next < count; next++) {
      const slot = slots[at[next]!]!
      const value = values[next]!
      if (!effect.again(slot, value, round)) {
        claims.push(effect.claim({ series: this.#named(slot), value }, slot, round.world))
      }
    }
    for (const claim of claims) effect.found(claim, round)
    if (count === slots.length || effect.isIdle) return
    let next = 0
    for (let position = 0; position < slots.length; position++) {
      if (next < count && at[next] === position) next++
      else this.#missed(slots[position]!, round)
    }
  }

  #missed(slot: number, { nowMs, world }: Round): void {
    const { effect } = this.#parts
    const keys = effect.keysAt(slot)
    if (keys.length > 0) effect.missed(keys[0]!, nowMs, this.#parts.head.isSilent(slot, nowMs))
    else if (effect.orphans.size > 0) {
      const key = effect.keyFor(this.#named(slot), world)
      if (!effect.orphans.has(key)) return
      effect.adopt(key, slot)
      effect.missed(key, nowMs, this.#parts.head.isSilent(slot, nowMs))
    }
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
