// @ts-check
// When do rows that are durable come into their tables? Not while more come, because people wait to be told and tables do
// not, but not much later either. Called by sqlite-settling.js, which it calls when the time has come.

// Nothing for so long, and what waits is carried out.
const quietMs = 250
// Whatever has waited for this is not put off any more, and neither is what is more: who asks has to wait for it.
const lateMs = 4_000
const manyBytes = 64 * 1_024 * 1_024
const settleMs = 1_000
// After the disk refused it.
export const retryMs = 1_000

export class Pace {
  #carryOut
  #settle
  #lastMs = 0
  // When the first one came of those that wait, and of those that are not committed.
  /** @type {number | undefined} */
  #waitsSinceMs
  /** @type {number | undefined} */
  #openSinceMs
  // Ends the waiting for the next one that is carried out.
  /** @type {(() => void) | undefined} */
  #soon
  /** @type {NodeJS.Timeout | undefined} */
  #later

  /**
   * @param {() => void} carryOut
   * @param {() => void} settle
   */
  constructor(carryOut, settle) {
    this.#carryOut = carryOut
    this.#settle = settle
  }

  /** @param {number} waitingBytes */
  came(waitingBytes) {
    this.#lastMs = performance.now()
    this.#waitsSinceMs ??= this.#lastMs
    this.#openSinceMs ??= this.#lastMs
    this.carryOutInTime(waitingBytes)
    this.settleInTime()
  }

  // None waits any more.
  carriedOut() {
    this.#waitsSinceMs = undefined
  }

  committed() {
    this.carriedOut()
    this.#openSinceMs = undefined
  }

  /** @param {number} waitingBytes */
  isCarryingOutDue(waitingBytes) {
    return this.#carryOutInMs(waitingBytes) === 0
  }

  isSettlingDue() {
    return this.#settleInMs() === 0
  }

  /** @param {number} waitingBytes */
  carryOutInTime(waitingBytes) {
    if (this.#soon !== undefined) return
    const ms = this.#carryOutInMs(waitingBytes)
    const carryOut = () => {
      this.#soon = undefined
      this.#carryOut()
    }
    if (ms === 0) {
      const immediate = setImmediate(carryOut)
      this.#soon = () => clearImmediate(immediate)
    } else {
      const timeout = setTimeout(carryOut, ms)
      this.#soon = () => clearTimeout(timeout)
    }
  }

  settleInTime() {
    this.#settleIn(this.#settleInMs())
  }

  tryAgain() {
    this.#settleIn(retryMs)
  }

  stop() {
    clearTimeout(this.#later)
    this.#soon?.()
  }

  /** @param {number} ms */
  #settleIn(ms) {
    this.#later ??= setTimeout(() => {
      this.#later = undefined
      this.#settle()
    }, ms)
  }

  /** @param {number} waitingBytes */
  #carryOutInMs(waitingBytes) {
    if (waitingBytes >= manyBytes) return 0
    const nowMs = performance.now()
    const lateAtMs = (this.#waitsSinceMs ?? nowMs) + lateMs
    return Math.max(0, Math.min(this.#lastMs + quietMs, lateAtMs) - nowMs)
  }

  #settleInMs() {
    const nowMs = performance.now()
    return Math.max(0, (this.#openSinceMs ?? nowMs) + settleMs - nowMs)
  }
}
