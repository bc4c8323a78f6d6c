// What comes before all others, among many that come and go: a binary heap. Called by whoever has timers or a queue of
// his own in the rules and in the alerter.

export class Heap<T> {
  readonly #isBefore: (one: T, other: T) => boolean
  // None comes before the one at (its place − 1) >> 1.
  #items: T[] = []

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#isBefore(item, items[above]!)) break
      items[at] = items[above]!
      at = above
    }
    items[at] = item
  }

  // The first one leaves.
  drop(): void {
    const items = this.#items
    const last = items.pop()
    if (last === undefined || items.length === 0) return
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below >= items.length) break
      if (below + 1 < items.length && this.#isBefore(items[below + 1]!, items[below]!)) below++
      if (!this.#isBefore(items[below]!, last)) break
      items[at] = items[below]!
      at = below
    }
    items[at] = last
  }

  // The others leave.
  keep(isKept: (item: T) => boolean): void {
    const kept = this.#items.filter(isKept)
    this.clear()
    for (const each of kept) this.add(each)
  }

  clear(): void {
    this.#items = []
  }
}
