// How often a host speaks, so that silence is told from its usual pauses, and an agent from a script that once had
// something to say. Pure. Called by agents.ts, for every batch of every host.

// Of the least silence that means anything: what comes within so much of it is said in one breath.
const breath = 1 / 6
// Whoever pauses for so many of it is no agent.
const strangers = 10
// Who has spoken so often, with pauses that an agent makes, has a rhythm.
const breathsMin = 3
// So many pauses are looked at. The longest may have been an outage; of the next one so much is waited for.
const pausesKept = 8
const patience = 2.5
// One that was longer than anybody waited was an outage, or the host is slower than before: it counts as so much of that.
const surprise = 2

export class Rhythm {
  readonly #leastMs: number
  readonly #pausesMs: number[] = []
  #breaths = 0
  #breathMs = Number.NEGATIVE_INFINITY
  #usualMs = 0

  constructor(leastMs: number) {
    this.#leastMs = leastMs
  }

  // `beforeMs` is when it spoke last. True: it may be missed sooner than was known.
  heard(nowMs: number, beforeMs: number): boolean {
    if (nowMs - this.#breathMs < breath * this.#leastMs) return false
    this.#breathMs = nowMs
    const pauseMs = nowMs - beforeMs
    if (pauseMs <= this.strangerMs) {
      const [usualMs, silentMs = Number.POSITIVE_INFINITY] = [this.#usualMs, this.silentMs]
      this.#breaths += 1
      this.#learn(Math.min(pauseMs, surprise * silentMs))
      return this.#breaths === breathsMin || this.#usualMs < usualMs
    }
    if (this.#breaths < breathsMin) this.#breaths = 1
    return false
  }

  // After so much silence something is wrong. Undefined: nobody knows.
  get silentMs(): number | undefined {
    return this.#breaths < breathsMin ? undefined : Math.max(this.#leastMs, patience * this.#usualMs)
  }

  // After so much, one of whom nobody knows it has nothing more to say.
  get strangerMs(): number {
    return strangers * this.#leastMs
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
