// topk and bottomk: the k rows of each group with the largest or smallest values, at every step anew. Called by
// aggregate.ts.

import { type Columns, pickRows } from './columns.ts'
import { rowsByGroup } from './group-rows.ts'
import type { Groups } from './grouping.ts'
import type { Run } from './limits.ts'
import type { Scope } from './scope.ts'

type Wanted = Readonly<{ ks: Float64Array; isTop: boolean }>

export function* top(input: Columns, groups: Groups, { ks, isTop }: Wanted, scope: Scope): Run<Columns> {
  const { steps, present } = input
  const rows = rowsByGroup(groups)
  const best = new Best(isTop ? input.values : input.values.map(each => -each))
  const chosen: Int32Array[] = []
  const kept = new Uint8Array(steps === 1 ? 0 : input.values.length)
  for (let group = 0; group < groups.groups.length; group++) {
    const members = rows.order.subarray(rows.starts[group], rows.starts[group + 1])
    for (let step = 0; step < steps; step++) {
      const k = Math.min(Math.trunc(ks[step]!), members.length)
      if (k < 1) continue
      best.begin(k)
      for (const row of members) {
        const at = row * steps + step
        if (present === undefined || present[at] === 1) best.offer(at)
      }
      if (steps === 1) chosen.push(best.inOrder())
      else for (const at of best.all()) kept[at] = 1
      if (scope.budget.isTired()) yield
    }
  }
  if (steps === 1) return pickRows(input, joined(chosen))
  return { ...input, present: kept }
}

function joined(parts: readonly Int32Array[]): Int32Array {
  if (parts.length === 1) return parts[0]!
  const all = new Int32Array(parts.reduce((sum, each) => sum + each.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

// The k largest of what is offered, as a heap whose first is the smallest of them. NaN is smaller than all; of
// equal ones the first stay.
class Best {
  readonly #values: Float64Array
  #heap = new Int32Array(16)
  #size = 0
  #k = 0

  constructor(values: Float64Array) {
    this.#values = values
  }

  begin(k: number): void {
    this.#k = k
    this.#size = 0
    if (this.#heap.length < k) this.#heap = new Int32Array(k)
  }

  offer(at: number): void {
    if (this.#size < this.#k) {
      this.#heap[this.#size] = at
      this.#up(this.#size++)
    } else if (this.#isLess(this.#heap[0]!, at)) {
      this.#heap[0] = at
      this.#down()
    }
  }

  all(): Int32Array {
    return this.#heap.subarray(0, this.#size)
  }

  inOrder(): Int32Array {
    const order = Array.from(this.all()).sort((a, b) =>
      this.#isLess(a, b) ? 1 : this.#isLess(b, a) ? -1 : a - b,
    )
    return Int32Array.from(order)
  }

  #isLess(a: number, b: number): boolean {
    const [left, right] = [this.#values[a]!, this.#values[b]!]
    return left < right || (Number.isNaN(left) && !Number.isNaN(right))
  }

  #up(from: number): void {
    const heap = this.#heap
    for (let at = from; at > 0; ) {
      const above = (at - 1) >> 1
      if (!this.#isLess(heap[at]!, heap[above]!)) return
      swap(heap, at, above)
      at = above
    }
  }

  #down(): void {
    const heap = this.#heap
    for (let at = 0; ; ) {
      let least = at
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < this.#size && this.#isLess(heap[below]!, heap[least]!)) least = below
      }
      if (least === at) return
      swap(heap, at, least)
      at = least
    }
  }
}

function swap(heap: Int32Array, a: number, b: number): void {
  const kept = heap[a]!
  heap[a] = heap[b]!
  heap[b] = kept
}
