// Who wants to be looked at when: a heap of times, earliest first. What is no longer wanted is noticed by whoever is
// woken. Called by live-rules.ts.
import { Heap } from '#core/heap.ts'

export type Wake = Readonly<{ atMs: number; rule: number; key: string }>

export class Wakes {
  readonly #heap = new Heap<Wake>((one, other) => one.atMs < other.atMs)

  get nextMs(): number {
    return this.#heap.first?.atMs ?? Number.POSITIVE_INFINITY
  }

  get size(): number {
    return this.#heap.size
  }

  add(wake: Wake): void {
    this.#heap.add(wake)
  }

  // The earliest one that is due by then.
  take(nowMs: number): Wake | undefined {
    const { first } = this.#heap
    if (first === undefined || first.atMs > nowMs) return undefined
    this.#heap.drop()
    return first
  }
}
