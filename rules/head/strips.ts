// The samples of each series in memory, one behind the other: room is made here, and here what nobody needs any more is
// forgotten. Only slow paths, but for makeRoom(), which runs once in many samples. Called by head.ts.
import { Arena, minOrder, minSamples, sampleBytes } from './arena.ts'
import { widened } from './column.ts'
import type { Memory } from './memory.ts'
import { SlotList } from './slot-list.ts'

// Samples of slot s are tMs[begins[s]] … tMs[ends[s] − 1], ascending, one for each time. The arrays are replaced when
// they grow.
export type Strips = { tMs: Float64Array; values: Float64Array; begins: Uint32Array; ends: Uint32Array }

// What every slot takes besides its samples, in all the columns of the head, its lists and its calendars.
const slotBytes = 108

// What somebody may still ask about who evaluates a little behind.
export const slackMs = 60_000

export class SampleStrips implements Strips {
  tMs: Float64Array
  values: Float64Array
  begins = new Uint32Array(0)
  ends = new Uint32Array(0)
  limits = new Uint32Array(0)
  // The time of the last sample of each: beside each other, because every arrival asks for it.
  newestMs = new Float64Array(0)
  // Slots that there have been since they were numbered; some may be free.
  count = 0
  // Samples that somebody would still need.
  lost = 0
  readonly #free = new SlotList()
  readonly #arena: Arena
  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
    this.#arena = new Arena(memory)
    this.tMs = this.#arena.tMs
    this.values = this.#arena.values
  }

  // How many have a series.
  get taken(): number {
    return this.count - this.#free.count
  }

  // A slot without samples; -1 when there is no room for it.
  open(): number {
    const isNew = this.#free.count === 0
    if (isNew && this.count === this.begins.length && !this.#widen()) return -1
    const begin = this.#alloc(minOrder)
    if (begin < 0) return -1
    const slot = this.#free.pop() ?? this.count++
    this.#place(slot, begin, minSamples)
    this.ends[slot] = begin
    this.newestMs[slot] = Number.NEGATIVE_INFINITY
    return slot
  }

  // Gives back the samples of a slot. Its number is the caller's to use again, by move() and `count`.
  free(slot: number): void {
    this.#arena.free(this.begins[slot]!, this.#orderOf(slot))
  }

  // And its number, for the next that is opened.
  close(slot: number): void {
    this.free(slot)
    this.#place(slot, 0, 0)
    this.ends[slot] = 0
    this.newestMs[slot] = Number.NEGATIVE_INFINITY
    this.#free.push(slot)
  }

  // Slots are numbered anew, by move() and `count`.
  renumber(): void {
    this.count = 0
    this.#free.count = 0
  }

  move(from: number, to: number): void {
    for (const column of [this.begins, this.ends, this.limits, this.newestMs]) column[to] = column[from]!
  }

  capacity(slot: number): number {
    return this.limits[slot]! - this.begins[slot]!
  }

  // The first place whose time is after.
  firstAfter(slot: number, atMs: number): number {
    let [low, high] = [this.begins[slot]!, this.ends[slot]!]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.tMs[middle]! <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  // Behind the last sample; from a column, because a stale marker lives in the bits.
  append(slot: number, tMs: number, { values, at }: From): void {
    const end = this.ends[slot]!
    this.tMs[end] = tMs
    this.values[end] = values[at]!
    this.ends[slot] = end + 1
    this.newestMs[slot] = tMs
  }

  // Before `place`, where there is room.
  insert(slot: number, place: number, tMs: number, { values, at }: From): void {
    const end = this.ends[slot]!
    this.tMs.copyWithin(place + 1, place, end)
    this.values.copyWithin(place + 1, place, end)
    this.tMs[place] = tMs
    this.values[place] = values[at]!
    this.ends[slot] = end + 1
  }

  // For one more at least. What is not after `neededMs` may go, but never the last two.
  makeRoom(slot: number, neededMs: number): void {
    const capacity = this.capacity(slot)
    const begin = this.begins[slot]!
    const end = this.ends[slot]!
    const needed = Math.max(begin, Math.min(this.firstAfter(slot, neededMs), end - 2))
    // With less than this to gain, the rest would be moved too often.
    const gain = Math.max(1, capacity >> 5)
    if (end - needed <= capacity - gain) {
      this.#dropBefore(slot, needed)
      return
    }
    if (this.#moveTo(slot, needed, this.#orderOf(slot) + 1)) return
    const kept = Math.max(needed, begin + Math.max(gain, capacity >> 2))
    this.lost += kept - needed
    this.#dropBefore(slot, kept)
  }

  // What is there is replaced; ascending, at least one.
  replace(slot: number, tMs: Float64Array, values: Float64Array): void {
    const { length } = tMs
    const order = Math.max(minOrder, 32 - Math.clz32(length))
    // Emptied first: nothing of it is moved.
    if (length >= this.capacity(slot)) this.#moveTo(slot, this.ends[slot]!, order)
    const from = Math.max(0, length - this.capacity(slot) + 1)
    this.lost += from
    const begin = this.begins[slot]!
    this.tMs.set(tMs.subarray(from), begin)
    this.values.set(values.subarray(from), begin)
    this.ends[slot] = begin + length - from
    this.newestMs[slot] = tMs[length - 1]!
  }

  // Of a series that has ended: the last two samples are left.
  shrink(slot: number): void {
    const order = this.#orderOf(slot)
    const begin = this.begins[slot]!
    const place = Math.max(begin, this.ends[slot]! - 2)
    // Elsewhere, so that a whole block becomes free; in its first part, where there is no other.
    if (this.#moveTo(slot, place, minOrder)) return
    this.#dropBefore(slot, place)
    for (let half = order - 1; half >= minOrder; half--) this.#arena.free(begin + (1 << half), half)
    this.#place(slot, begin, minSamples)
  }

  #dropBefore(slot: number, place: number): void {
    const [begin, end] = [this.begins[slot]!, this.ends[slot]!]
    this.tMs.copyWithin(begin, place, end)
    this.values.copyWithin(begin, place, end)
    this.ends[slot] = begin + end - place
  }

  // Whether there was a block of that order; then the samples from `place` on are in it.
  #moveTo(slot: number, place: number, order: number): boolean {
    const to = this.#alloc(order)
    if (to < 0) return false
    const end = this.ends[slot]!
    this.tMs.copyWithin(to, place, end)
    this.values.copyWithin(to, place, end)
    this.free(slot)
    this.#place(slot, to, 1 << order)
    this.ends[slot] = to + end - place
    return true
  }

  #alloc(order: number): number {
    const start = this.#arena.alloc(order)
    this.tMs = this.#arena.tMs
    this.values = this.#arena.values
    return start
  }

  #place(slot: number, begin: number, capacity: number): void {
    this.begins[slot] = begin
    this.limits[slot] = begin + capacity
  }

  #orderOf(slot: number): number {
    return 31 - Math.clz32(this.capacity(slot))
  }

  #widen(): boolean {
    const { length } = this.begins
    // With room for samples in each of them.
    const most = length + Math.floor(this.#memory.leftBytes / (slotBytes + minSamples * sampleBytes))
    const longer = Math.min(Math.max(256, length < 1 << 20 ? length * 2 : Math.floor(length * 1.25)), most)
    if (longer === length) return false
    this.#memory.take((longer - length) * slotBytes)
    this.begins = widened(this.begins, longer)
    this.ends = widened(this.ends, longer)
    this.limits = widened(this.limits, longer)
    this.newestMs = widened(this.newestMs, longer)
    return true
  }
}

// A value as it stands in a column.
export type From = Readonly<{ values: Float64Array; at: number }>
