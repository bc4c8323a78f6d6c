// What waits to be sent by one way: urgent first, then the oldest. Called by lane.ts.
import { Heap } from '#core/heap.ts'
import type { Urgency } from '../timeline/outcome.ts'

export type Rank = Readonly<{ urgency: Urgency; sinceMs: number }>

const urgencies: Readonly<Record<Urgency, number>> = { page: 0, normal: 1, low: 2 }

type Node<T> = Readonly<{ value: T; rank: number; sinceMs: number; nth: number }>

const isBefore = (one: Node<unknown>, other: Node<unknown>): boolean =>
  (one.rank - other.rank || one.sinceMs - other.sinceMs || one.nth - other.nth) < 0

export class Queue<T> {
  readonly #nodes = new Map<T, Node<T>>()
  // Those that have left, or wait with another rank by now, are left out when they come up.
  readonly #heap = new Heap<Node<T>>(isBefore)
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
    if (this.#heap.size > 2 * this.#nodes.size + 16) this.#rebuild()
    else this.#heap.add(node)
  }

  delete(value: T): void {
    const node = this.#nodes.get(value)
    if (node === undefined) return
    this.#nodes.delete(value)
    if (node.rank === 0) this.#pages -= 1
  }

  first(): T | undefined {
    for (;;) {
      const { first } = this.#heap
      if (first === undefined) return undefined
      if (this.#nodes.get(first.value) === first) return first.value
      this.#heap.drop()
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
    this.#heap.clear()
    for (const node of this.#nodes.values()) this.#heap.add(node)
  }
}
