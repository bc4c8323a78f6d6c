// Which slots have changed since somebody last looked? Noting one that is noted already is one comparison, a new one
// is one push: it is asked for every sample of a watched series. Called by head.ts and dues.ts.
import { widened } from './column.ts'
import type { Interest, Interests } from './interests.ts'
import { joinedLists } from './slot-list.ts'

export class Changes {
  // The interest of each slot.
  interests = new Uint32Array(0)
  // When each was last noted.
  notedMs = new Float64Array(0)
  #stamps = new Uint32Array(0)
  #stamp = 1
  #all: Interest[] = []
  // With changes, in the order in which they came, and by watch.
  #begun: Interest[] = []
  #byWatch: Interest[][] = []
  #touched: number[] = []

  // Slots and interests mean something else from now on, and nothing has changed.
  begin({ all, byWatch }: Interests): void {
    this.clear()
    this.#all = all
    this.#byWatch = byWatch.map(() => [])
  }

  open(slot: number, interest: number, length: number): void {
    if (slot >= this.interests.length) {
      this.interests = widened(this.interests, length)
      this.notedMs = widened(this.notedMs, length)
      this.#stamps = widened(this.#stamps, length)
    }
    this.interests[slot] = interest
    this.notedMs[slot] = Number.NEGATIVE_INFINITY
    this.#stamps[slot] = 0
  }

  move(from: number, to: number, interest: number): void {
    this.notedMs[to] = this.notedMs[from]!
    this.#stamps[to] = 0
    this.interests[to] = interest
  }

  isNoted(slot: number): boolean {
    return this.#stamps[slot] === this.#stamp
  }

  note(slot: number, nowMs: number): void {
    if (this.#stamps[slot] === this.#stamp) return
    this.#stamps[slot] = this.#stamp
    this.notedMs[slot] = nowMs
    const interest = this.#all[this.interests[slot]!]!
    if (interest.changed.count === 0) this.#begin(interest)
    interest.changed.push(slot)
  }

  get any(): boolean {
    return this.#begun.length > 0
  }

  // Watches of which something has changed.
  get touched(): readonly number[] {
    return this.#touched
  }

  of(watch: number): Uint32Array {
    const begun = this.#byWatch[watch]!
    // Asked ten thousand times in a round, where there are as many watches.
    if (begun.length === 1) return begun[0]!.changed.view()
    return joinedLists(begun.map(({ changed }) => changed))
  }

  // How many there are, without a list of them.
  countOf(watch: number): number {
    const begun = this.#byWatch[watch]!
    if (begun.length === 1) return begun[0]!.changed.count
    return begun.reduce((sum, { changed }) => sum + changed.count, 0)
  }

  clear(): void {
    for (const { changed } of this.#begun) changed.count = 0
    for (const watch of this.#touched) this.#byWatch[watch]!.length = 0
    this.#begun.length = 0
    this.#touched.length = 0
    this.#stamp = (this.#stamp + 1) >>> 0
    if (this.#stamp !== 0) return
    // Once in four thousand million times, old stamps would look like new ones.
    this.#stamps.fill(0)
    this.#stamp = 1
  }

  #begin(interest: Interest): void {
    this.#begun.push(interest)
    for (const watch of interest.watches) {
      const begun = this.#byWatch[watch]!
      if (begun.length === 0) this.#touched.push(watch)
      begun.push(interest)
    }
  }
}
