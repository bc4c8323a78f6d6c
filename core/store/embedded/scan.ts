// The rows of some series within a range, out of what is not flushed yet. It lies there as it came, so this looks
// at every row of the stretches in question: about 1 ns each. Called by read.ts; hot, so the loops are plain ones.
import type { Rows } from '../../batch.ts'
import type { Range } from '../../store.ts'
import type { Recent, Stretch } from './recent.ts'
import type { Stop } from './stop.ts'

export type Wanted = Stop & Range & Readonly<{ ids: Uint32Array; maxSamples: number }>

// In the order of writing. `series` is the place among the wanted ids, so that sorting costs what is found.
export function scan(recent: Recent, wanted: Wanted): Rows {
  const rows = recent.rows()
  const found = new Hits(rows, wanted)
  for (const stretch of recent.stretches(wanted.fromMs, wanted.toMs)) {
    if (wanted.ids.length === 1) found.one(stretch)
    else found.many(stretch)
  }
  return found.rows()
}

class Hits {
  readonly #rows: Rows
  readonly #wanted: Wanted
  // Place among the wanted plus one, by series.
  readonly #places: Uint32Array
  // Which rows.
  #hits = new Uint32Array(16_384)
  #count = 0

  constructor(rows: Rows, wanted: Wanted) {
    this.#rows = rows
    this.#wanted = wanted
    const { ids } = wanted
    this.#places = new Uint32Array(ids.length <= 1 ? 0 : ids.at(-1)! + 1)
    if (ids.length > 1) for (let place = 0; place < ids.length; place++) this.#places[ids[place]!] = place + 1
  }

  one({ from, to }: Stretch): void {
    const { series, tMs } = this.#rows
    const { ids, fromMs, toMs } = this.#wanted
    const id = ids[0]!
    const hits = this.#reserve(to - from)
    let count = this.#count
    for (let at = from; at < to; at++) {
      if (series[at] === id && tMs[at]! >= fromMs && tMs[at]! <= toMs) hits[count++] = at
    }
    this.#count = count
  }

  many({ from, to }: Stretch): void {
    const { series, tMs } = this.#rows
    const { fromMs, toMs } = this.#wanted
    const places = this.#places
    const hits = this.#reserve(to - from)
    let count = this.#count
    for (let at = from; at < to; at++) {
      const id = series[at]!
      if (id < places.length && places[id] !== 0 && tMs[at]! >= fromMs && tMs[at]! <= toMs) hits[count++] = at
    }
    this.#count = count
  }

  rows(): Rows {
    const count = this.#count
    const { series, tMs, values } = this.#rows
    const found = {
      series: new Uint32Array(count),
      tMs: new Float64Array(count),
      values: new Float64Array(count),
    }
    for (let at = 0; at < count; at++) {
      const hit = this.#hits[at]!
      if (this.#places.length > 0) found.series[at] = this.#places[series[hit]!]! - 1
      found.tMs[at] = tMs[hit]!
      found.values[at] = values[hit]!
    }
    return found
  }

  #reserve(more: number): Uint32Array {
    if (this.#count + more > this.#hits.length) {
      const larger = new Uint32Array(Math.max(this.#hits.length * 2, this.#count + more))
      larger.set(this.#hits.subarray(0, this.#count))
      this.#hits = larger
    }
    return this.#hits
  }
}
