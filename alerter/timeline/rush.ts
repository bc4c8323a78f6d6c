// Is a storm still coming in? While it is, a group that has said nothing yet waits on: what comes a moment later is in its
// first message then, and not in the next one a whole `group_interval` later. Kept by seating.ts.

// Fewer in this period and the one before it are no storm.
const stormAlerts = 1_000
// Nothing for so long, and what comes is another storm.
const periodMs = 1_000
// The next part is expected for so long at most: a machine that takes longer for one has too much to do anyway. And for
// so long at least, because whoever brings it may be held up now and then (by a collection of garbage).
const expectedMostMs = 700
const expectedLeastMs = 100
// A group waits on for so long at most, and then says what is known.
export const rushMostMs = 3_000

// How soon the next part comes is judged by how long the parts before it were apart. What came in one piece is all there:
// nobody waits for more of it.
export class Rush {
  #count = 0
  #countBefore = 0
  #beganMs = Number.NEGATIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY
  #longestGapMs = 0

  // One more has begun.
  add(nowMs: number): void {
    const gapMs = nowMs - this.#lastMs
    if (gapMs < 0 || gapMs > periodMs) this.#longestGapMs = this.#count = 0
    else this.#longestGapMs = Math.max(this.#longestGapMs, gapMs)
    if (gapMs < 0 || nowMs - this.#beganMs > periodMs) {
      this.#countBefore = this.#count
      this.#count = 0
      this.#beganMs = nowMs
    }
    this.#count += 1
    this.#lastMs = nowMs
  }

  // Until when more is to be expected.
  get untilMs(): number {
    if (this.#countBefore + this.#count < stormAlerts) return Number.NEGATIVE_INFINITY
    if (this.#longestGapMs === 0) return this.#lastMs
    return this.#lastMs + Math.min(Math.max(2 * this.#longestGapMs, expectedLeastMs), expectedMostMs)
  }
}
