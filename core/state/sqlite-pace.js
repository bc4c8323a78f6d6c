// @ts-check
// When do rows that are durable come into their tables? Not while more come, because people wait to be told and tables do
// not, but not much later either. Called by sqlite-settling.js.

// Nothing for so long, and what waits is carried out.
const quietMs = 100
// Whatever has waited for this is not put off any more, and neither is what is more: who asks has to wait for it.
const lateMs = 4_000
const manyBytes = 64 * 1_024 * 1_024
const settleMs = 1_000

export class Pace {
  #lastMs = 0
  // When the first one came of those that wait, and of those that are not committed.
  /** @type {number | undefined} */
  #waitsSinceMs
  /** @type {number | undefined} */
  #openSinceMs

  /** @param {number} nowMs */
  came(nowMs) {
    this.#lastMs = nowMs
    this.#waitsSinceMs ??= nowMs
    this.#openSinceMs ??= nowMs
  }

  // None waits any more.
  carriedOut() {
    this.#waitsSinceMs = undefined
  }

  committed() {
    this.carriedOut()
    this.#openSinceMs = undefined
  }

  /**
   * @param {number} nowMs
   * @param {number} waitingBytes
   */
  carryOutInMs(nowMs, waitingBytes) {
    if (waitingBytes >= manyBytes) return 0
    const lateAtMs = (this.#waitsSinceMs ?? nowMs) + lateMs
    return Math.max(0, Math.min(this.#lastMs + quietMs, lateAtMs) - nowMs)
  }

  /** @param {number} nowMs */
  settleInMs(nowMs) {
    return Math.max(0, (this.#openSinceMs ?? nowMs) + settleMs - nowMs)
  }
}
