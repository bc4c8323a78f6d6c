// How often a host speaks, so that silence is told from its usual pauses, and an agent from a script that once had
// something to say. Pure. Called by agents.ts, for every batch of every host.

// What comes within a second is said in one breath.
const breathMs = 1_000
// Who has spoken so often, with pauses that an agent makes, has a rhythm.
const breathsMin = 3
// So many pauses are looked at. The longest may have been an outage; of the next one so much is waited for.
const pausesKept = 8
const patience = 2.5

export class Rhythm {
  // Longer pauses are none of an agent.
  readonly #pauseMaxMs: number
  readonly #pausesMs: number[] = []
  #breaths = 0
  #breathMs = Number.NEGATIVE_INFINITY
  #usualMs = 0

  constructor(pauseMaxMs: number) {
    this.#pauseMaxMs = pauseMaxMs
  }

  // `beforeMs` is when it spoke last. True: it may be missed sooner than was known.
  heard(nowMs: number, beforeMs: number): boolean {
    if (nowMs - this.#breathMs < breathMs) return false
    this.#breathMs = nowMs
    const pauseMs = nowMs - beforeMs
    if (pauseMs <= this.#pauseMaxMs) {
      const usualMs = this.#usualMs
      this.#breaths += 1
      this.#learn(pauseMs)
      return this.#breaths === breathsMin || this.#usualMs < usualMs
    }
    if (this.#breaths < breathsMin) this.#breaths = 1
    return false
  }

  // After so much silence something is wrong, and never after less than `leastMs`. Undefined: nobody knows.
  silentMs(leastMs: number): number | undefined {
    return this.#breaths < breathsMin ? undefined : Math.max(leastMs, patience * this.#usualMs)
  }

  // What it was in another life.
  remember(silentMs: number): void {
    this.#breaths = breathsMin
    for (const _ of [1, 2]) this.#learn(silentMs / patience)
  }

  // Somebody has set the clock.
  shift(byMs: number): void {
    this.#breathMs += byMs
  }

  #learn(pauseMs: number): void {
    const pausesMs = this.#pausesMs
    pausesMs.push(pauseMs)
    if (pausesMs.length > pausesKept) pausesMs.shift()
    let [most, next] = [0, 0]
    for (const each of pausesMs) {
      if (each > most) [most, next] = [each, most]
      else if (each > next) next = each
    }
    this.#usualMs = next
  }
}
