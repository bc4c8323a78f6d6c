// When does a series change by itself? A sample leaves a window (noted at the next full second), or the newest one the
// lookback (to the millisecond). Each slot has one time at which it is looked at again; it is not moved when samples
// arrive, so an arrival costs one comparison. Called by head.ts.
import { isStale } from '#core/stale.ts'
import { minSamples } from './arena.ts'
import { Calendar } from './calendar.ts'
import type { Changes } from './changes.ts'
import { widened } from './column.ts'
import type { Interest } from './interests.ts'
import { type SampleStrips, slackMs } from './strips.ts'

type Parts = Readonly<{ strips: SampleStrips; changes: Changes; lookbackMs: number }>

export class Dues {
  // A sample with an earlier time may be due before its slot is looked at: arm() again.
  armBeforeMs = new Float64Array(0)
  #lookMs = new Float64Array(0)
  #interests: readonly Interest[] = []
  readonly #strips: SampleStrips
  readonly #changes: Changes
  readonly #lookbackMs: number
  // By the time of their look; a slot whose time is another now is passed over.
  readonly #calendar = new Calendar((): number[] => [])

  constructor({ strips, changes, lookbackMs }: Parts) {
    this.#strips = strips
    this.#changes = changes
    this.#lookbackMs = lookbackMs
  }

  get nextMs(): number {
    return this.#calendar.nextMs
  }

  // Nothing is armed from now on.
  begin(interests: readonly Interest[]): void {
    this.#interests = interests
    this.#calendar.clear()
  }

  open(slot: number, length: number): void {
    if (slot >= this.#lookMs.length) {
      this.armBeforeMs = widened(this.armBeforeMs, length)
      this.#lookMs = widened(this.#lookMs, length)
    }
    this.leave(slot)
  }

  // It is not looked at.
  leave(slot: number): void {
    this.#lookMs[slot] = Number.POSITIVE_INFINITY
    this.armBeforeMs[slot] = Number.POSITIVE_INFINITY
  }

  // Samples have come to the slot.
  arm(slot: number, nowMs: number): void {
    const dueMs = this.#dueMs(slot)
    if (dueMs === Number.POSITIVE_INFINITY) {
      this.#armFading(slot, nowMs)
      return
    }
    const { shortestMs } = this.#interestOf(slot)
    // Most series go on, so the last second before an end is early enough to see that this one does not.
    const atMs = dueMs - nowMs > 1_000 ? Math.floor(dueMs / 1_000) * 1_000 : dueMs
    // Not later, or each arrival might have to arm anew, and the calendar would fill with times that mean nothing.
    const latestMs = fullSecond(Math.max(nowMs, this.#strips.newestMs[slot]!) + shortestMs)
    this.#put(slot, Math.min(atMs, latestMs), shortestMs)
  }

  // Notes what is due by now.
  run(nowMs: number): void {
    for (let tMs = this.nextMs; tMs <= nowMs; tMs = this.nextMs) {
      for (const slot of this.#calendar.takeNext()) {
        if (this.#lookMs[slot] !== tMs) continue
        this.leave(slot)
        const dueMs = this.#dueMs(slot)
        if (dueMs <= nowMs) {
          this.#changes.note(slot, nowMs)
          // Also where it is noted already: whoever evaluates it does so now or later.
          this.#changes.notedMs[slot] = nowMs
        } else if (dueMs === Number.POSITIVE_INFINITY && this.#fadesMs(slot) <= nowMs) {
          this.#strips.shrink(slot)
        }
        this.arm(slot, nowMs)
      }
    }
  }

  // The first time after the one of the last evaluation at which the series is another; as a window sees it, that is
  // the time of the newest sample where that is ahead.
  #dueMs(slot: number): number {
    const strips = this.#strips
    const { windowsMs, ends } = this.#interestOf(slot)
    const newestMs = strips.newestMs[slot]!
    const end = strips.ends[slot]!
    const sinceMs = Math.max(this.#changes.notedMs[slot]!, newestMs)
    let dueMs = Number.POSITIVE_INFINITY
    for (const windowMs of windowsMs) {
      const first = strips.firstAfter(slot, sinceMs - windowMs)
      if (first < end) dueMs = Math.min(dueMs, fullSecond(strips.tMs[first]! + windowMs))
    }
    const endMs = newestMs + this.#lookbackMs
    if (ends && endMs > sinceMs && endMs < dueMs && !isStale(strips.values, end - 1)) return endMs
    return dueMs
  }

  // A series that changes no more gives back its memory when nobody looks that far back: in run() only, because samples
  // must not move while others are being written.
  #armFading(slot: number, nowMs: number): void {
    const atMs = Math.max(this.#fadesMs(slot), fullSecond(nowMs + 1))
    if (this.#strips.capacity(slot) === minSamples) this.leave(slot)
    else this.#put(slot, atMs, this.#interestOf(slot).shortestMs)
  }

  #fadesMs(slot: number): number {
    return fullSecond(this.#strips.newestMs[slot]! + this.#interestOf(slot).keepMs + slackMs)
  }

  #put(slot: number, atMs: number, shortestMs: number): void {
    this.armBeforeMs[slot] = atMs - shortestMs
    if (atMs === this.#lookMs[slot]) return
    this.#lookMs[slot] = atMs
    this.#calendar.page(atMs).push(slot)
  }

  #interestOf(slot: number): Interest {
    return this.#interests[this.#changes.interests[slot]!]!
  }
}

const fullSecond = (tMs: number): number => Math.ceil(tMs / 1_000) * 1_000
