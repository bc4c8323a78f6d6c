// How often the head gets what a rule has recorded while it does not change: so often that whoever looks at it through a
// window finds some of it there. Called by recorder.ts.
import type { Series } from '#core/model.ts'
import { Interests } from '../head/interests.ts'
import type { Watch } from '../head.ts'
import { lookbackMs } from '../lookback.ts'
import { Seconds } from './seconds.ts'

// How often it is written anyway.
export const againMs = 60_000
const perWindow = 3
const leastMs = 1_000
// In windows from here on there is enough.
export const shortMs = againMs * perWindow

// When the head got it last, and when it is to get it next.
type Pace = { everyMs: number; lastMs: number; nextMs: number }

export class Paces {
  #windows = new Interests([], lookbackMs)
  readonly #paces = new Map<number, Pace>()
  readonly #due = new Seconds()

  get nextMs(): number {
    return this.#due.nextMs
  }

  // Forgets everything: each has to begin anew.
  follow(windows: readonly Watch[]): void {
    this.#windows = new Interests(windows, lookbackMs)
    this.#paces.clear()
  }

  begin(number: number, series: Series, nowMs: number): void {
    const found = this.#windows.of(series)
    const shortest = found < 0 ? undefined : this.#windows.all[found]!.windowsMs[0]
    if (shortest === undefined) return
    const pace = { everyMs: Math.max(leastMs, shortest / perWindow), lastMs: nowMs, nextMs: nowMs }
    this.#paces.set(number, pace)
    this.#plan(number, pace)
  }

  put(number: number, nowMs: number): void {
    const pace = this.#paces.get(number)
    if (pace !== undefined) pace.lastMs = nowMs
  }

  end(number: number): void {
    this.#paces.delete(number)
  }

  // Those that the head is to get again.
  take(nowMs: number): number[] {
    return this.#due.take(nowMs).filter(number => {
      const pace = this.#paces.get(number)
      // It ended, or began anew since.
      if (pace === undefined || pace.nextMs > nowMs) return false
      const isDue = nowMs - pace.lastMs >= pace.everyMs
      if (isDue) pace.lastMs = nowMs
      this.#plan(number, pace)
      return isDue
    })
  }

  #plan(number: number, pace: Pace): void {
    const second = Math.ceil((pace.lastMs + pace.everyMs) / 1_000)
    pace.nextMs = second * 1_000
    this.#due.add(second, number)
  }
}
