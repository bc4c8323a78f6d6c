// Who wants to be looked at when: a heap of times, earliest first. What is no longer wanted is noticed by whoever is
// woken. Called by live-rules.ts.

export type Wake = Readonly<{ atMs: number; rule: number; key: string }>

export class Wakes {
  readonly #heap: Wake[] = []

  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY
  }

  get size(): number {
    return this.#heap.length
  }

  add(wake: Wake): void {
    const heap = this.#heap
    let at = heap.push(wake) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      if (heap[up]!.atMs <= wake.atMs) break
      heap[at] = heap[up]!
      at = up
    }
    heap[at] = wake
  }

  // The earliest one that is due by then.
  take(nowMs: number): Wake | undefined {
    const heap = this.#heap
    const [first] = heap
    if (first === undefined || first.atMs > nowMs) return undefined
    const last = heap.pop()!
    if (heap.length > 0) this.#sink(last)
    return first
  }

  #sink(wake: Wake): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let down = at * 2 + 1
      if (down >= heap.length) break
      if (down + 1 < heap.length && heap[down + 1]!.atMs < heap[down]!.atMs) down++
      if (heap[down]!.atMs >= wake.atMs) break
      heap[at] = heap[down]!
      at = down
    }
    heap[at] = wake
  }
}
