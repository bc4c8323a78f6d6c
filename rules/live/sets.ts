// Which series belong together for an expression: those that agree in the labels of its signature. Each set has a
// number, kept as long as it has series or something is found there. Called by set-rule.ts.
import { labelsOf, metricName } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { Signature } from '#promql/classify/signature.ts'
import type { Source } from '#promql/source.ts'
import type { Head } from '../head.ts'
import { matchersKey } from '../matchers-key.ts'
import { type Absence, absenceOf } from './absence.ts'

export type SetsOptions = Readonly<{
  head: Head
  table: SeriesTable
  signature: Signature
  // Numbers of watches, by the text of their matchers.
  watches: ReadonlyMap<string, number>
}>

// Of a watch: the slots at each place, in the order of their series; and the place of each slot.
type Members = { slots: number[][]; placeOf: Int32Array }

export class Sets {
  readonly #options: SetsOptions
  readonly #places = new Map<string, number>()
  readonly #labels: (Labels | undefined)[] = []
  readonly #holds: number[] = []
  readonly #free: number[] = []
  // Places that may be free.
  #left: number[] = []
  readonly #members = new Map<number, Members>()
  #isFollowing = false

  constructor(options: SetsOptions) {
    this.#options = options
    for (const watch of options.watches.values()) {
      this.#members.set(watch, { slots: [], placeOf: new Int32Array(0) })
    }
  }

  everyone(): Set<number> {
    this.#follow()
    return new Set(this.#places.values())
  }

  changed(): Set<number> {
    this.#follow()
    const places = new Set<number>()
    for (const [watch, members] of this.#members) {
      const slots = this.#options.head.changed(watch)
      for (const slot of slots) places.add(members.placeOf[slot]!)
    }
    return places
  }

  // Of a result: it has the labels of its signature as the series had them.
  placeOf({ labels }: Series): number {
    const kept = this.#kept(labels)
    const key = JSON.stringify(kept)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#free.pop() ?? this.#labels.length
    this.#labels[place] = labelsOf(kept)
    this.#holds[place] = 0
    this.#places.set(key, place)
    return place
  }

  // Something was found there.
  hold(place: number): void {
    this.#holds[place]!++
  }

  letGo(place: number): void {
    this.#holds[place]!--
    if (this.#isEmpty(place)) this.#left.push(place)
  }

  // The same for places that agree in all labels but some.
  keyOf(labels: Labels, but: ReadonlySet<string>): string {
    return JSON.stringify(this.#kept(labels).filter(([name]) => !but.has(name)))
  }

  labelsOf(place: number): Series {
    return { name: '', labels: this.#labels[place]! }
  }

  // Why nothing is found there by a rule that looks through these windows.
  absence(place: number, windows: ReadonlyMap<number, number>, nowMs: number): Absence {
    const reads = [...this.#members].map(([watch, { slots }]) => ({
      slots: slots[place] ?? [],
      windowMs: windows.get(watch) ?? 0,
    }))
    return absenceOf(this.#options.head, reads, nowMs)
  }

  // Of these sets only.
  source(places: ReadonlySet<number>, nowMs: number): Source {
    const { head, watches } = this.#options
    const whole = head.source(nowMs)
    return {
      select: (matchers, range) => {
        const watch = watches.get(matchersKey(matchers))
        const members = watch === undefined ? undefined : this.#members.get(watch)
        if (members === undefined) return whole.select(matchers, range)
        const found: SeriesSamples[] = []
        for (const place of places) {
          for (const slot of members.slots[place] ?? []) {
            const samples = head.samples(slot, range, nowMs)
            if (samples !== undefined) found.push(samples)
          }
        }
        return found
      },
    }
  }

  // Takes in who is there and, from then on, who joins.
  #follow(): void {
    if (this.#isFollowing) return
    this.#isFollowing = true
    const { head } = this.#options
    for (const [watch, members] of this.#members) {
      for (const slot of head.members(watch)) this.#take(members, slot)
      head.follow(watch, {
        joined: slot => this.#take(members, slot),
        left: slot => this.#forget(members, slot),
      })
    }
  }

  #take(members: Members, slot: number): void {
    const { head, table } = this.#options
    const place = this.placeOf(table.get(head.seriesOf(slot)))
    if (slot >= members.placeOf.length) members.placeOf = widened(members.placeOf, slot)
    members.placeOf[slot] = place
    const there = members.slots[place] ?? []
    members.slots[place] = there
    there.splice(this.#standing(there, slot), 0, slot)
  }

  // Only while nothing is evaluated, so that no place becomes another in between.
  #forget({ slots, placeOf }: Members, slot: number): void {
    const place = placeOf[slot]!
    const there = slots[place]!
    there.splice(this.#standing(there, slot), 1)
    if (there.length === 0) this.#left.push(place)
    for (const each of this.#left.splice(0))
      if (this.#holds[each] === 0 && this.#isEmpty(each)) this.#close(each)
  }

  // Where it stands, or would: who joins or leaves moves nobody else, and of equals `topk` takes the first.
  #standing(there: readonly number[], slot: number): number {
    const { head } = this.#options
    const series = head.seriesOf(slot)
    let [from, to] = [0, there.length]
    // Mostly new ones come last.
    if (to === 0 || head.seriesOf(there[to - 1]!) < series) return to
    while (from < to) {
      const middle = (from + to) >> 1
      if (head.seriesOf(there[middle]!) < series) from = middle + 1
      else to = middle
    }
    return from
  }

  #isEmpty(place: number): boolean {
    for (const { slots } of this.#members.values()) if ((slots[place]?.length ?? 0) > 0) return false
    return true
  }

  #close(place: number): void {
    const labels = this.#labels[place]
    if (labels === undefined) return
    this.#places.delete(JSON.stringify(this.#kept(labels)))
    this.#labels[place] = undefined
    this.#free.push(place)
  }

  #kept(labels: Labels): [string, string][] {
    const { kind, labels: named } = this.#options.signature
    return Object.entries(labels).filter(
      ([name]) => name !== metricName && named.includes(name) === (kind === 'by'),
    )
  }
}

function widened(column: Int32Array, at: number): Int32Array {
  const wider = new Int32Array(Math.max(at + 1, column.length * 2, 64))
  wider.set(column)
  return wider
}
