// What is due when: one time for each name, the earliest first, equal ones by name so that a rebuilt timeline has the
// same order. Called by timeline.ts for groups, and by seating.ts for alerts that are to be forgotten.

type Entry = Readonly<{ atMs: number; name: string }>

const isBefore = (one: Entry, other: Entry): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.name < other.name)

export class Dues {
  readonly #times = new Map<string, number>()
  // Above the one at `at` is the one at (at − 1) >> 1, which is not later. Those whose time is another one by now are
  // left out when they come up.
  #heap: Entry[] = []

  set(name: string, atMs: number): void {
    if (this.#times.get(name) === atMs) return
    this.#times.set(name, atMs)
    if (this.#heap.length > 2 * this.#times.size + 16) this.#rebuild()
    else this.#rise({ atMs, name })
  }

  delete(name: string): void {
    this.#times.delete(name)
  }

  get nextMs(): number {
    for (;;) {
      const [first] = this.#heap
      if (first === undefined) return Number.POSITIVE_INFINITY
      if (this.#times.get(first.name) === first.atMs) return first.atMs
      this.#drop()
    }
  }

  // The earliest one that is due by then; it is not due any more.
  take(nowMs: number): string | undefined {
    if (this.nextMs > nowMs) return undefined
    const { name } = this.#heap[0]!
    this.#drop()
    this.#times.delete(name)
    return name
  }

  #rebuild(): void {
    this.#heap = []
    for (const [name, atMs] of this.#times) this.#rise({ atMs, name })
  }

  #rise(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(entry, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = entry
  }

  #drop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (!isBefore(heap[below]!, last)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last
  }
}
