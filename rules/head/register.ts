// Which slot does a series have, and who watches it? A series gets one with its first sample, if anybody watches it and
// there is room, and gives it back when nobody sees it any more. Called by intake.ts for series that it does not know, by
// leavings.ts and by head.ts.
import type { SeriesTable } from '#core/series.ts'
import type { Changes } from './changes.ts'
import { widened } from './column.ts'
import type { Dues } from './dues.ts'
import { type Interest, Interests, type Watch } from './interests.ts'
import type { Memory } from './memory.ts'
import { joinedLists } from './slot-list.ts'
import type { SampleStrips } from './strips.ts'

// What `places` says of a series; above these it is its slot + 2.
const unknown = 0
export const unwatched = 1

// Hears of each slot of a watch that begins or goes.
export type Follower = Readonly<{ joined(slot: number): void; left(slot: number): void }>

// Of a slot that is free.
const nobody = 0xffff_ffff

type Parts = Readonly<{
  table: SeriesTable
  memory: Memory
  strips: SampleStrips
  changes: Changes
  dues: Dues
  lookbackMs: number
}>

type Members = Readonly<{ turnover: number; slots: Uint32Array }>

export class Register {
  // By the number of the series.
  places = new Uint32Array(0)
  // Series that somebody watches and that got no slot.
  refused = 0
  readonly #parts: Parts
  // By slot: its series, where it stands among the members of its interest, and how many alerts are there.
  #series = new Uint32Array(0)
  #standings = new Uint32Array(0)
  #holds = new Uint32Array(0)
  #fresh: number[] = []
  #turnedAway: number[] = []
  #interests = new Interests([], 0)
  // By watch.
  #turnovers = new Uint32Array(0)
  #members: Members[] = []
  #followers: Follower[][] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  // Slots are numbered anew, in their order.
  watch(watches: readonly Watch[], nowMs: number): void {
    const { table, strips, changes, dues, lookbackMs } = this.#parts
    this.#interests = new Interests(watches, lookbackMs)
    this.#turnovers = new Uint32Array(watches.length)
    this.#members = []
    this.#followers = watches.map(() => [])
    changes.begin(this.#interests)
    dues.begin(this.#interests.all)
    this.places.fill(unknown)
    this.#holds.fill(0)
    this.#fresh = []
    this.#turnedAway = []
    const { count } = strips
    strips.renumber()
    for (let old = 0; old < count; old++) {
      const series = this.#series[old]!
      if (series === nobody) continue
      const interest = this.#interests.of(table.get(series))
      if (interest < 0) {
        strips.free(old)
        continue
      }
      const slot = strips.count++
      strips.move(old, slot)
      changes.move(old, slot, interest)
      this.#join(slot, series, interest)
      dues.arm(slot, nowMs)
    }
  }

  // Every series of the table has a place from now on.
  cover(): void {
    const { table, memory } = this.#parts
    const { length } = this.places
    if (table.size <= length) return
    const longer = Math.max(table.size, Math.floor(length * 1.25), 1_024)
    memory.takeAnyway((longer - length) * this.places.BYTES_PER_ELEMENT)
    this.places = widened(this.places, longer)
  }

  // -1 when nobody watches it, or when it was refused.
  interestOf(series: number): number {
    const place = this.places[series]!
    if (place === unwatched) return -1
    if (place !== unknown) return this.#parts.changes.interests[place - 2]!
    const interest = this.#interests.of(this.#parts.table.get(series))
    if (interest < 0) this.places[series] = unwatched
    return interest
  }

  interest(at: number): Interest {
    return this.#interests.all[at]!
  }

  // The slot of a series that has this interest; one without samples when it is new, -1 when there is no room.
  slotFor(series: number, interest: number): number {
    const known = this.slotOf(series)
    if (known >= 0) return known
    const { strips, changes } = this.#parts
    const slot = strips.open()
    if (slot < 0) {
      this.places[series] = unwatched
      this.#turnedAway.push(series)
      this.refused++
      return -1
    }
    changes.open(slot, interest, strips.begins.length)
    this.#join(slot, series, interest)
    return slot
  }

  // Whether it could go: not while an alert is at it.
  leave(slot: number): boolean {
    if (this.#holds[slot]! > 0) return false
    const { strips, changes, dues } = this.#parts
    const { members, watches } = this.interest(changes.interests[slot]!)
    for (const watch of watches) {
      this.#turnovers[watch]!++
      for (const follower of this.#followers[watch]!) follower.left(slot)
    }
    const place = this.#standings[slot]!
    this.#standings[members.remove(place)] = place
    this.places[this.#series[slot]!] = unknown
    this.#series[slot] = nobody
    dues.leave(slot)
    strips.close(slot)
    // There may be room for them now.
    for (const series of this.#turnedAway) this.places[series] = unknown
    this.#turnedAway = []
    return true
  }

  // An alert was found at it, and its place is wanted until letGo().
  hold(slot: number): void {
    this.#holds[slot]!++
  }

  letGo(slot: number): void {
    this.#holds[slot]!--
  }

  get isShort(): boolean {
    return this.#turnedAway.length > 0
  }

  // Slots that have joined since they were last taken.
  takeFresh(): readonly number[] {
    const fresh = this.#fresh
    this.#fresh = []
    return fresh
  }

  slotOf(series: number): number {
    const place = this.places[series] ?? unknown
    return place > unwatched ? place - 2 : -1
  }

  seriesOf(slot: number): number {
    return this.#series[slot]!
  }

  // Until watch().
  follow(watch: number, follower: Follower): void {
    this.#followers[watch]!.push(follower)
  }

  turnover(watch: number): number {
    return this.#turnovers[watch]!
  }

  // In their order, valid until a series joins or leaves.
  members(watch: number): Uint32Array {
    const turnover = this.#turnovers[watch]!
    const known = this.#members[watch]
    if (known?.turnover === turnover) return known.slots
    const slots = this.#inOrder(joinedLists(this.#interests.byWatch[watch]!.map(({ members }) => members)))
    this.#members[watch] = { turnover, slots }
    return slots
  }

  // That of the numbers of their series, as the store gives them: who joins or leaves moves nobody else, and of equals
  // `topk` takes the first.
  #inOrder(slots: Uint32Array): Uint32Array {
    const series = this.#series
    let at = 1
    while (at < slots.length && series[slots[at - 1]!]! < series[slots[at]!]!) at++
    if (at >= slots.length) return slots
    const ordered = slots.map(slot => series[slot]!).sort()
    return ordered.map(each => this.slotOf(each))
  }

  #join(slot: number, series: number, at: number): void {
    const { length } = this.#parts.strips.begins
    if (slot >= this.#series.length) {
      this.#series = widened(this.#series, length)
      this.#standings = widened(this.#standings, length)
      this.#holds = widened(this.#holds, length)
    }
    this.#series[slot] = series
    this.#fresh.push(slot)
    this.places[series] = slot + 2
    this.#parts.dues.open(slot, length)
    const { members, watches } = this.interest(at)
    this.#standings[slot] = members.count
    members.push(slot)
    for (const watch of watches) {
      this.#turnovers[watch]!++
      for (const follower of this.#followers[watch]!) follower.joined(slot)
    }
  }
}
