// May samples and notes be deleted for their age? Not when the clock has just leapt: a machine that wakes up in another
// year would delete all there is. Then nothing is for a day, in which somebody may notice. Called by embedded/engine.ts and
// by prometheus/notes.ts.

const dayMs = 86_400_000

export class SteadyClock {
  #lastMs: number
  #sinceMs = Number.NEGATIVE_INFINITY

  // `newestMs` is about when somebody wrote last; undefined when nobody has.
  constructor(nowMs: number, newestMs: number | undefined) {
    this.#lastMs = nowMs
    if (newestMs !== undefined && Math.abs(nowMs - newestMs) > 2 * dayMs) this.#sinceMs = nowMs
  }

  // To be asked every hour at least: more than a day between two questions is a leap. A machine that sleeps at night
  // makes none.
  isSteady(nowMs: number): boolean {
    if (Math.abs(nowMs - this.#lastMs) > dayMs) this.#sinceMs = nowMs
    this.#lastMs = nowMs
    return nowMs - this.#sinceMs >= dayMs
  }
}
