// One rule is evaluated: how long that took, what becomes of a rule that fails, and when one that is evaluated as a whole
// may be so again. Called by live-rules.ts and passes.ts.
//
// Hot: a quiet rule takes less than asking the time would, so of small evaluations one in 64 is timed and counts for all
// of them; large ones, which are few, are timed each.
import { Failure } from '#core/errors.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { type Pieces, timed } from '../ask.ts'
import type { LiveSeat } from './live-seat.ts'
import type { LiveRule, Round } from './site.ts'

// A rule that is evaluated as a whole leaves so many times its own duration to others.
const rest = { leastMs: 50, times: 20 }
const largeSize = 256
const timedEach = 64

export type TurnOptions = Readonly<{ monotonicMs: () => number; own: OwnMetrics }>

export class Turns {
  readonly #monotonicMs: () => number
  readonly #own: OwnMetrics

  constructor({ monotonicMs, own }: TurnOptions) {
    this.#monotonicMs = monotonicMs
    this.#own = own
  }

  // `size`: how many series or alerts it is to look at. What is answered is still to be done.
  evaluate(
    seat: LiveSeat,
    round: Round,
    size: number,
    does: (live: LiveRule) => Pieces | undefined,
  ): Pieces | undefined {
    const weight = weightOf(seat, size)
    const beganMs = weight > 0 ? this.#monotonicMs() : 0
    seat.evaluations++
    let more: Pieces | undefined
    try {
      more = does(seat.live)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      more = seat.becomeWhole(round)
    }
    const tookMs = weight > 0 ? this.#monotonicMs() - beganMs : 0
    if (more !== undefined) return this.#goOn(seat, round, more, tookMs)
    seat.succeeded(round.nowMs)
    if (weight > 0) this.#count(seat, tookMs, weight)
    return undefined
  }

  *#goOn(seat: LiveSeat, round: Round, work: Pieces, spentMs: number): Pieces {
    const { nowMs } = round
    let tookMs = spentMs
    try {
      tookMs += yield* timed(work, this.#monotonicMs)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      tookMs += yield* timed(seat.becomeWhole(round), this.#monotonicMs)
    }
    seat.succeeded(nowMs)
    if (seat.isWhole) tookMs += yield* timed(seat.recover(round), this.#monotonicMs)
    this.#count(seat, tookMs, 1)
    if (seat.isWhole) seat.restUntilMs = nowMs + Math.ceil(Math.max(rest.leastMs, rest.times * tookMs))
  }

  #count(seat: LiveSeat, tookMs: number, weight: number): void {
    seat.tookMs = tookMs
    const seconds = (tookMs * weight) / 1_000
    const group = seat.plan.group.name
    this.#own.counter('plimsoll_rules_evaluation_seconds_total').inc(seconds, { group })
  }
}

// How many evaluations the time of this one stands for; none when it is not timed.
function weightOf(seat: LiveSeat, size: number): number {
  if (seat.isWhole || size > largeSize) return 1
  seat.smallOnes++
  return seat.smallOnes % timedEach === 0 ? timedEach : 0
}
