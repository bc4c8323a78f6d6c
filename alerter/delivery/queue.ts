// What waits to be sent by one way: urgent first, then the oldest; and what was tried before takes turns with what never
// was, so that neither keeps the other waiting. Called by lane.ts and traffic.ts.
import { Heap } from '#core/heap.ts'
import type { Urgency } from '../timeline/outcome.ts'
import { rankOf } from '../timeline/urgency.ts'

// `sinceMs` orders those of one kind: what was never tried by its age, a retry by when it was due.
export type Rank = Readonly<{ urgency: Urgency; isRetry: boolean; sinceMs: number }>

type Node<T> = {
  readonly value: T
  readonly rank: number
  readonly isRetry: boolean
  readonly sinceMs: number
  readonly nth: number
  // It is left out when it comes up: it has left, or waits with another rank by now.
  isGone: boolean
}

const isOlder = (one: Node<unknown>, other: Node<unknown>): boolean =>
  (one.sinceMs - other.sinceMs || one.nth - other.nth) < 0
const isMoreUrgent = (one: Node<unknown>, other: Node<unknown>): boolean =>
  one.rank === other.rank ? isOlder(one, other) : one.rank < other.rank

class Line<T> {
  readonly #heap: Heap<Node<T>>
  #size = 0

  constructor(isBefore: (one: Node<T>, other: Node<T>) => boolean) {
    this.#heap = new Heap(isBefore)
  }

  add(node: Node<T>): void {
    this.#size += 1
    this.#heap.add(node)
  }

  // One of them is gone.
  shrink(): void {
    this.#size -= 1
    if (this.#heap.size > 2 * this.#size + 16) this.#heap.keep(({ isGone }) => !isGone)
  }

  get first(): Node<T> | undefined {
    for (;;) {
      const { first } = this.#heap
      if (first?.isGone !== true) return first
      this.#heap.drop()
    }
  }
}

export class Queue<T> {
  readonly #nodes = new Map<T, Node<T>>()
  readonly #fresh = new Line<T>(isMoreUrgent)
  readonly #retries = new Line<T>(isMoreUrgent)
  // The same ones, in another order.
  readonly #probes = new Line<T>(isOlder)
  #isRetryNext = false
  #pages = 0
  #put = 0

  // Once; with another rank it changes its place.
  put(value: T, { urgency, isRetry, sinceMs }: Rank): void {
    const before = this.#nodes.get(value)
    const rank = rankOf[urgency]
    if (before?.rank === rank && before.isRetry === isRetry && before.sinceMs === sinceMs) return
    this.delete(value)
    this.#put += 1
    const node = { value, rank, isRetry, sinceMs, nth: this.#put, isGone: false }
    this.#nodes.set(value, node)
    if (rank === 0) this.#pages += 1
    for (const line of this.#linesOf(node)) line.add(node)
  }

  delete(value: T): void {
    const node = this.#nodes.get(value)
    if (node === undefined) return
    this.#nodes.delete(value)
    node.isGone = true
    if (node.rank === 0) this.#pages -= 1
    for (const line of this.#linesOf(node)) line.shrink()
  }

  // Whose turn it is, among the most urgent.
  first(): T | undefined {
    const [fresh, retry] = [this.#fresh.first, this.#retries.first]
    if (fresh === undefined || retry === undefined || fresh.rank === retry.rank)
      return this.#inTurn(fresh, retry)
    return (fresh.rank < retry.rank ? fresh : retry).value
  }

  // Whose turn it is to find out whether the way works again. However urgent one is that fails each time, the others
  // come up too: after one that was never tried, that which was tried the longest ago.
  probe(): T | undefined {
    return this.#inTurn(this.#fresh.first, this.#probes.first)
  }

  // It departs, so that the next turn is of the other kind.
  take(value: T): void {
    const node = this.#nodes.get(value)
    if (node !== undefined) this.#isRetryNext = !node.isRetry
    this.delete(value)
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

  #inTurn(fresh: Node<T> | undefined, retry: Node<T> | undefined): T | undefined {
    return (this.#isRetryNext ? (retry ?? fresh) : (fresh ?? retry))?.value
  }

  #linesOf({ isRetry }: Node<T>): readonly Line<T>[] {
    return isRetry ? [this.#retries, this.#probes] : [this.#fresh]
  }
}
