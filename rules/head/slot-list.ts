// Slots in the order in which they were noted: who is a member, who has changed. Called by changes.ts and head.ts.
import { widened } from './column.ts'

export class SlotList {
  #slots = new Uint32Array(2)
  count = 0

  push(slot: number): void {
    if (this.count === this.#slots.length) this.#slots = widened(this.#slots, this.count * 2)
    this.#slots[this.count++] = slot
  }

  // The last one; undefined when there is none.
  pop(): number | undefined {
    return this.count === 0 ? undefined : this.#slots[--this.count]
  }

  // Whoever is last takes its place, and is answered.
  remove(place: number): number {
    const last = this.#slots[--this.count]!
    this.#slots[place] = last
    return last
  }

  // Valid until the list changes.
  view(): Uint32Array {
    return this.#slots.subarray(0, this.count)
  }
}

// A view when there is one list only.
export function joinedLists(lists: readonly SlotList[]): Uint32Array {
  const [first] = lists
  if (first === undefined) return new Uint32Array(0)
  if (lists.length === 1) return first.view()
  const all = new Uint32Array(lists.reduce((sum, { count }) => sum + count, 0))
  let at = 0
  for (const list of lists) {
    all.set(list.view(), at)
    at += list.count
  }
  return all
}
