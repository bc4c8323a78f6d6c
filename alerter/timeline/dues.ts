// What is due when: one time for each name, the earliest first, equal ones by name so that a rebuilt timeline has the
// same order. Called by seating.ts for groups and for alerts that are to be forgotten, and by
// delivery/alarm.ts.
import { Heap } from '#core/heap.ts'

type Entry = Readonly<{ atMs: number; name: string }>

const isBefore = (one: Entry, other: Entry): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.name < other.name)

export class Dues {
  readonly #times = new Map<string, number>()
  // Those whose time is another one by now are left out when they come up.
  readonly #heap = new Heap<Entry>(isBefore)

  set(name: string, atMs: number): void {
    if (this.#times.get(name) === atMs) return
    this.#times.set(name, atMs)
    if (this.#heap.size > 2 * this.#times.size + 16) this.#rebuild()
    else this.#heap.add({ atMs, name })
  }

  delete(name: string): void {
    this.#times.delete(name)
  }

  get nextMs(): number {
    for (;;) {
      const { first } = this.#heap
      if (first === undefined) return Number.POSITIVE_INFINITY
      if (this.#times.get(first.name) === first.atMs) return first.atMs
      this.#heap.drop()
    }
  }

  // The earliest one that is due by then; it is not due any more.
  take(nowMs: number): string | undefined {
    if (this.nextMs > nowMs) return undefined
    const { name } = this.#heap.first!
    this.#heap.drop()
    this.#times.delete(name)
    return name
  }

  #rebuild(): void {
    this.#heap.clear()
    for (const [name, atMs] of this.#times) this.#heap.add({ atMs, name })
  }
}
