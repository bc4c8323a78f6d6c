// What rules write, on its way into the head: on change, and while it does not change as often as windows ask for.
// Called by recorder.ts.
import type { Series } from '#core/model.ts'
import type { Head, Watch } from '../head.ts'
import { Paces } from './paces.ts'

export class HeadPen {
  readonly #head: Head
  readonly #paces = new Paces()
  #touched: number[] = []
  // How often something was put.
  count = 0

  constructor(head: Head) {
    this.#head = head
  }

  put(number: number, tMs: number, value: number): void {
    this.#head.put(number, tMs, value)
    this.#paces.put(number, tMs)
    const slot = this.#head.slotOf(number)
    if (slot < 0) return
    this.count++
    this.#touched.push(slot)
  }

  // Slots of series that have changed since they were last taken.
  takeSlots(): readonly number[] {
    const touched = this.#touched
    this.#touched = []
    return touched
  }

  get nextMs(): number {
    return this.#paces.nextMs
  }

  // From now on it is put again while it stays as it is, where somebody needs that.
  begin(number: number, series: Series, nowMs: number): void {
    this.#paces.begin(number, series, nowMs)
  }

  end(number: number): void {
    this.#paces.end(number)
  }

  // Forgets what is to be put again.
  follow(windows: readonly Watch[]): void {
    this.#paces.follow(windows)
  }

  // Nothing is written out because of it.
  takeDue(nowMs: number): readonly number[] {
    return this.#paces.take(nowMs)
  }
}
