// Samples from so far ahead that nobody may see them yet: a clock that is wrong, somewhere. They wait here until they
// are near enough; those of a clock that is very wrong are dropped. Called by head.ts.
import { RowBuffer, type Rows } from '#core/batch.ts'
import { Calendar } from './calendar.ts'

// Samples up to this far ahead are visible at once.
export const aheadMs = 60_000

// As Prometheus does. A time zone that is wrong is beyond it, and would fill the memory for hours.
const furthestMs = 600_000
const heldMax = 200_000

export class Held {
  // By the full second in which they become visible.
  readonly #calendar = new Calendar(() => new RowBuffer(4))
  #count = 0

  get nextMs(): number {
    return this.#calendar.nextMs
  }

  // Whether it is held.
  add({ series, tMs, values }: Rows, at: number, nowMs: number): boolean {
    const t = tMs[at]!
    if (t > nowMs + furthestMs || this.#count === heldMax) return false
    this.#calendar.page(Math.ceil((t - aheadMs) / 1_000) * 1_000).push(series[at]!, t, values[at]!)
    this.#count++
    return true
  }

  takeNext(): Rows {
    const rows = this.#calendar.takeNext().rows()
    this.#count -= rows.series.length
    return rows
  }
}
