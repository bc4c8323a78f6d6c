// What waits to be sent by one way: urgent first, then the oldest. Called by lane.ts.
import type { Urgency } from '../timeline/outcome.ts'

export type Rank = Readonly<{ urgency: Urgency; sinceMs: number }>

const urgencies: Readonly<Record<Urgency, number>> = { page: 0, normal: 1, low: 2 }

type Node<T> = Readonly<{ value: T; rank: number; sinceMs: number; nth: number }>

const isBefore = (one: Node<unknown>, other: Node<unknown>): boolean =>
  (one.rank - other.rank || one.sinceMs - other.sinceMs || one.nth - other.nth) < 0

export class Queue<T> {
  readonly #nodes = new Map<T, Node<T>>()
  // Above the one at `at` is the one at (at − 1) >> 1, which does not come later. Those that have left, or wait with
  // another rank by now, are left out when they come up.
  #heap: Node<T>[] = []
  #pages = 0
  #put = 0

  // Once; with another rank it changes its place.
  put(value: T, { urgency, sinceMs }: Rank): void {
    const before = this.#nodes.get(value)
    const rank = urgencies[urgency]
    if (before !== undefined && before.rank === rank && before.sinceMs === sinceMs) return
    this.delete(value)
    this.#put += 1
    const node = { value, rank, sinceMs, nth: this.#put }
    this.#nodes.set(value, node)
    if (rank === 0) this.#pages += 1
    if (this.#heap.length > 2 * this.#nodes.size + 16) this.#rebuild()
    else this.#rise(node)
  }

  delete(value: T): void {
    const node = this.#nodes.get(value)
    if (node === undefined) return
    this.#nodes.delete(value)
    if (node.rank === 0) this.#pages -= 1
  }

  first(): T | undefined {
    for (;;) {
      const [first] = this.#heap
      if (first === undefined) return undefined
      if (this.#nodes.get(first.value) === first) return first.value
      this.#drop()
    }
  }

  get size(): number {
    return this.#nodes.size
  }

  get pages(): number {
    return this.#pages
  }

  // In no order.
  values(): T[] {
    return [...this.#nodes.keys()]
  }

  #rebuild(): void {
    this.#heap = []
    for (const node of this.#nodes.values()) this.#rise(node)
  }

  #rise(node: Node<T>): void {
    const heap = this.#heap
    let at = heap.push(node) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(node, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = node
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
