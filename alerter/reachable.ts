// Can whoever reports alerts be heard? While the brokers are away nobody can, and what is not reported then is not missing.
// Asked by the alerter in each of its turns; it asks the brokers itself now and then, and keeps nobody waiting.
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'

const askEveryMs = 10_000
// Each piece of time that is counted changes all alerts that are posted.
const pieceMs = 20_000

export class Reachable {
  readonly #bus: Bus
  readonly #clock: Clock
  // Up to then somebody was heard, or it is counted.
  #countedToMs: number
  #askedMs = Number.NEGATIVE_INFINITY
  #isAsking = false
  #isAway = false
  #owedMs = 0

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus
    this.#clock = clock
    this.#countedToMs = clock.monotonicMs()
  }

  // For so long until now nobody could be heard; each moment is counted once.
  unheardMs(): number {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#isAsking && nowMs - this.#askedMs >= askEveryMs) void this.#ask()
    if (this.#isAway && nowMs - this.#countedToMs >= pieceMs) this.#count(nowMs)
    const unheardMs = this.#owedMs
    this.#owedMs = 0
    return unheardMs
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    this.#askedMs = this.#clock.monotonicMs()
    try {
      await this.#bus.places('alerts', 'end')
      const nowMs = this.#clock.monotonicMs()
      if (this.#isAway) this.#count(nowMs)
      this.#isAway = false
      this.#countedToMs = nowMs
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#isAway = true
    }
    this.#isAsking = false
  }

  #count(toMs: number): void {
    const ms = Math.floor(toMs - this.#countedToMs)
    this.#owedMs += ms
    this.#countedToMs += ms
  }
}
