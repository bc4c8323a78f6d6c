// Only the newest sample of each series within a range, as an expression at one time wants it: what is recent first,
// then the segments from the latest back, each only for series that may have something newer there. A tenth of what
// reading all of the last five minutes takes (bench/promql-peers.ts). Called by read.ts; hot, so the loops are plain.
import { Breath } from '../../breath.ts'
import type { Catalogue, Segment } from './catalogue.ts'
import { advance } from './cursor.ts'
import type { Found, Wanted } from './found.ts'
import type { Recent } from './recent.ts'
import { Room } from './sort.ts'
import { isStopped, stopped } from './stop.ts'

export async function readNewest(
  wanted: Wanted,
  catalogue: Catalogue,
  recents: readonly Recent[],
): Promise<Found> {
  const newest = new Newest(wanted)
  // In the order of writing, before the segments: a flush that ends meanwhile is then seen twice, never missed.
  for (const recent of recents) newest.recent(recent)
  const segments = [...catalogue.within(wanted.fromMs, wanted.toMs)]
  const ranked = segments.map((segment, rank) => ({ segment, rank }))
  ranked.sort((a, b) => b.segment.reader.footer.maxMs - a.segment.reader.footer.maxMs)
  for (const segment of segments) segment.users++
  try {
    for (const { segment, rank } of ranked) await newest.segment(segment, rank)
    return newest.found()
  } finally {
    for (const segment of segments) catalogue.release(segment)
  }
}

// Of what is not in a segment yet, which was written later than any of them.
const recentRank = 2 ** 31 - 1

class Newest {
  readonly #wanted: Wanted
  // By the place among the wanted.
  readonly #tMs: Float64Array
  readonly #values: Float64Array
  readonly #ranks: Int32Array
  readonly #room = new Room()
  readonly #breath = new Breath()

  constructor(wanted: Wanted) {
    const count = wanted.ids.length
    this.#wanted = wanted
    this.#tMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
    this.#values = new Float64Array(count)
    this.#ranks = new Int32Array(count)
  }

  recent(recent: Recent): void {
    const { ids, fromMs, toMs } = this.#wanted
    const { series, tMs, values } = recent.rows()
    // Place among the wanted plus one, by series.
    const places = new Uint32Array((ids.at(-1) ?? 0) + 1)
    for (let place = 0; place < ids.length; place++) places[ids[place]!] = place + 1
    for (const { from, to } of recent.stretches(fromMs, toMs)) {
      for (let at = from; at < to; at++) {
        const id = series[at]!
        const t = tMs[at]!
        if (id >= places.length || places[id] === 0 || t < fromMs || t > toMs) continue
        const place = places[id]! - 1
        if (t < this.#tMs[place]!) continue
        this.#tMs[place] = t
        this.#values[place] = values[at]!
        this.#ranks[place] = recentRank
      }
    }
  }

  async segment(segment: Segment, rank: number): Promise<void> {
    const { ids } = this.#wanted
    const { maxMs } = segment.reader.footer
    const cursor = { segment, place: 0 }
    if (isStopped(this.#wanted)) throw stopped()
    for (let place = 0; place < ids.length; place++) {
      const knownMs = this.#tMs[place]!
      if (knownMs > maxMs || (knownMs === maxMs && this.#ranks[place]! > rank)) continue
      const entry = advance(cursor, ids[place]!, 'samples')
      if (entry === undefined) continue
      segment.reader.samples(entry, this.#room.of(entry.count), 0)
      this.#take(place, entry.count, rank)
      // Reading the clock costs as much as reading a short block.
      if (place % 32 !== 31 || !this.#breath.isDue) continue
      await this.#breath.taken()
      if (isStopped(this.#wanted)) throw stopped()
    }
  }

  // The last of the block that lies within the range.
  #take(place: number, count: number, rank: number): void {
    const { fromMs, toMs } = this.#wanted
    const { tMs, values } = this.#room
    let at = count - 1
    while (at >= 0 && tMs[at]! > toMs) at--
    if (at < 0 || tMs[at]! < fromMs || tMs[at]! < this.#tMs[place]!) return
    if (tMs[at] === this.#tMs[place] && this.#ranks[place]! > rank) return
    this.#tMs[place] = tMs[at]!
    this.#values[place] = values[at]!
    this.#ranks[place] = rank
  }

  found(): Found {
    const { ids } = this.#wanted
    const found = new Uint32Array(ids.length)
    let count = 0
    for (let place = 0; place < ids.length; place++) {
      if (this.#tMs[place] === Number.NEGATIVE_INFINITY) continue
      found[count] = ids[place]!
      this.#tMs[count] = this.#tMs[place]!
      this.#values[count++] = this.#values[place]!
    }
    const starts = Uint32Array.from({ length: count + 1 }, (_, at) => at)
    return {
      ids: found.slice(0, count),
      starts,
      tMs: this.#tMs.slice(0, count),
      values: this.#values.slice(0, count),
    }
  }
}
