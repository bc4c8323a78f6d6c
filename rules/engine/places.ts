// How far the records of each partition are in what alerts have become: noted with each change, else once a second.
// Nothing of it on a bus that keeps no records. Called by evaluator.ts.
import type { Page } from '../book.ts'

const eachMs = 1_000

export type Position = Readonly<{ partition: number; next: number }>

export class Places {
  #fresh = new Map<number, number>()
  #savedMs = Number.NEGATIVE_INFINITY
  #last: Position | undefined

  // Everything before `next` is in.
  handled(position: Position): void {
    this.#fresh.set(position.partition, position.next)
    this.#last = position
  }

  // What there is to be saved of them; without a change nothing, until a second has passed.
  take(atMs: number, wallMs: number, isChange: boolean): Page['places'] {
    // What time alone has changed must not be judged again by an earlier one.
    if (isChange && this.#last !== undefined) this.#fresh.set(this.#last.partition, this.#last.next)
    if (this.#fresh.size === 0) return undefined
    if (!isChange && Math.abs(wallMs - this.#savedMs) < eachMs) return undefined
    const places = new Map([...this.#fresh].map(([partition, next]) => [partition, { next, atMs }]))
    this.#fresh = new Map()
    this.#savedMs = wallMs
    return places
  }
}
