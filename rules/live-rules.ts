// What is evaluated when: rules that a sample can change, as soon as it is there, and what time alone changes, when
// its time has come. No clock and no I/O: rows and times come in, alerts and samples go out, the same for the same
// input. Called by engine.ts.
//
// Each piece of work comes in two forms: in one go, and in pieces of a few milliseconds, between which whoever drives it
// may let others have the thread. Until the last piece is done nobody else may enter, and the outcome is not whole.
import type { Rows } from '#core/batch.ts'
import type { AlertTransition } from '#core/model.ts'
import { finish, type Pieces } from './ask.ts'
import type { Entry } from './book.ts'
import { awaitedOf, type Patience, patienceOf } from './live/awaited.ts'
import type { LiveSeat } from './live/live-seat.ts'
import type { LiveOptions } from './live/options.ts'
import { Passes } from './live/passes.ts'
import { Pen } from './live/pen.ts'
import type { Program } from './live/program.ts'
import { Rounds } from './live/rounds.ts'
import { openSeats } from './live/seats.ts'
import type { Outcome, Round, Site } from './live/site.ts'
import { evaluateTimed, missTimed, type TimedGroup } from './live/timed-group.ts'
import { Turns } from './live/turns.ts'
import { Wakes } from './live/wakes.ts'

export type Taken = Readonly<{ entries: readonly Entry[]; transitions: readonly AlertTransition[] }>

const secondMs = 1_000
const missedMs = 60_000
const wakesAtOnce = 2_048

export class LiveRules {
  readonly #options: LiveOptions
  readonly #site: Site
  readonly #wakes = new Wakes()
  readonly #turns: Turns
  readonly #passes: Passes
  readonly seats: readonly LiveSeat[]
  readonly timed: readonly TimedGroup[]
  readonly #rounds: Rounds
  readonly #cutText: () => void
  #outcome: Outcome = { entries: new Map(), transitions: [] }
  #isBusy = false
  #nowMs: number
  #nextTickMs: number

  constructor(options: LiveOptions) {
    const { program, head, recorder, nowMs, own } = options
    this.#options = options
    this.#nowMs = nowMs
    this.#rounds = new Rounds(head)
    this.#nextTickMs = (Math.floor(nowMs / secondMs) + 1) * secondMs
    const cut = own.counter('plimsoll_rules_cut_annotations_total')
    this.#cutText = () => cut.inc()
    this.#site = this.#newSite()
    recorder.follow(program.windows)
    const { seats, timed } = openSeats(options, this.#site)
    this.seats = seats
    this.timed = timed
    this.#turns = new Turns(options)
    const round = (): Round => this.#round()
    const watches = program.watches.length
    this.#passes = new Passes({ head, recorder, seats, watches, turns: this.#turns, round })
  }

  get program(): Program {
    return this.#options.program
  }

  get nowMs(): number {
    return this.#nowMs
  }

  get patience(): Patience {
    return this.#site.patience
  }

  // Everything once: after a start, before anything may end.
  evaluateAll(): void {
    finish(this.evaluateAllInPieces())
  }

  take(rows: readonly Rows[], receivedAtMs: number): void {
    finish(this.takeInPieces(rows, receivedAtMs))
  }

  // Everything that has become due by then, each at its own time.
  advanceTo(nowMs: number): void {
    finish(this.advanceInPieces(nowMs))
  }

  // Values and words of those alerts that are as they were.
  refresh(): void {
    finish(this.refreshInPieces())
  }

  // Somebody else has put samples into the head.
  changedAside(): void {
    finish(this.changedAsideInPieces())
  }

  evaluateAllInPieces(): Pieces {
    return this.#alone(this.#evaluateAll())
  }

  takeInPieces(rows: readonly Rows[], receivedAtMs: number): Pieces {
    return this.#alone(this.#take(rows, receivedAtMs))
  }

  advanceInPieces(nowMs: number): Pieces {
    return this.#alone(this.#advance(nowMs))
  }

  refreshInPieces(): Pieces {
    return this.#alone(this.#refresh())
  }

  changedAsideInPieces(): Pieces {
    return this.#alone(this.#changed())
  }

  // When something becomes due without a sample.
  nextDueMs(): number {
    const ticks = this.#passes.hasTimely ? this.#nextTickMs : Number.POSITIVE_INFINITY
    const timed = this.timed.reduce(
      (first, each) => (each.needsStore ? first : Math.min(first, each.nextMs)),
      Number.POSITIVE_INFINITY,
    )
    return Math.min(this.#options.head.nextDueMs(), this.#wakes.nextMs, ticks, this.#passes.restedMs, timed)
  }

  // What there is to be saved and told since it was last taken. An alert is always with what is told of it.
  takeOutcome(): Taken | undefined {
    const { entries, transitions } = this.#outcome
    if (entries.size === 0) return undefined
    this.#outcome = { entries: new Map(), transitions: [] }
    const counted = this.#options.own.counter('plimsoll_rules_transitions_total')
    for (const state of ['firing', 'resolved'] as const) {
      counted.inc(transitions.filter(each => each.alert.state === state).length, { state })
    }
    return { entries: [...entries.values()].flatMap(each => [...each.values()]), transitions }
  }

  // What an evaluation sees at this time.
  world(nowMs: number = this.#nowMs): Round['world'] {
    const { head, externalLabels, externalUrl, lookbackMs } = this.#options
    const source = head.source(nowMs)
    return { nowMs, source, externalLabels, externalUrl, options: { lookbackMs }, cutText: this.#cutText }
  }

  // Others have the thread in between; that none of them comes in here is theirs to see to.
  *#alone(work: Pieces): Pieces {
    if (this.#isBusy) throw new Error('the rules are being evaluated, and nobody else may enter')
    this.#isBusy = true
    try {
      yield* work
    } finally {
      this.#isBusy = false
    }
  }

  *#evaluateAll(): Pieces {
    const { head, recorder } = this.#options
    const round = this.#round()
    for (const seat of this.seats) {
      yield* this.#turns.evaluate(seat, round, Number.POSITIVE_INFINITY, live => live.all(round)) ?? []
      yield
    }
    head.clearChanges()
    for (const seat of this.seats) seat.missOrphans()
    // What was recorded is news to the rules before.
    for (const slot of recorder.takeSlots()) head.note(slot)
    yield* this.#changed()
  }

  *#take(rows: readonly Rows[], receivedAtMs: number): Pieces {
    yield* this.#advance(receivedAtMs)
    for (const each of rows) this.#options.head.take(each, this.#nowMs)
    yield* this.#changed()
  }

  *#changed(): Pieces {
    if (this.#options.head.hasChanges()) yield* this.#passes.evaluate()
  }

  *#advance(nowMs: number): Pieces {
    // Seconds that nobody looked at are not made up for one by one, and neither are the times of groups.
    if (nowMs - this.#nextTickMs > missedMs) this.#nextTickMs = Math.floor(nowMs / secondMs) * secondMs
    missTimed(this.timed, nowMs, this.#options.own)
    for (;;) {
      const dueMs = this.nextDueMs()
      if (dueMs > nowMs) break
      this.#nowMs = Math.max(this.#nowMs, dueMs)
      yield* this.#due()
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs)
  }

  *#refresh(): Pieces {
    const round = { ...this.#round(), isRefresh: true }
    for (const seat of this.seats) {
      const { isWhole, active } = seat
      if (isWhole || active.length === 0) continue
      yield* this.#turns.evaluate(seat, round, active.length, live => live.woken(active, round)) ?? []
    }
  }

  *#due(): Pieces {
    const nowMs = this.#nowMs
    this.#options.head.due(nowMs)
    if (nowMs >= this.#nextTickMs) {
      this.#nextTickMs = (Math.floor(nowMs / secondMs) + 1) * secondMs
      this.#passes.markTimely()
    }
    const woken = new Map<number, string[]>()
    let count = 0
    for (let wake = this.#wakes.take(nowMs); wake !== undefined; wake = this.#wakes.take(nowMs)) {
      this.seats[wake.rule]!.keeper?.awake(wake.key, nowMs)
      const keys = woken.get(wake.rule)
      if (keys === undefined) woken.set(wake.rule, [wake.key])
      else keys.push(wake.key)
      if (++count % wakesAtOnce === 0) yield
    }
    yield* evaluateTimed(this.timed, { ...this.#options, nowMs, world: atMs => this.world(atMs) })
    const isAnyone = woken.size > 0 || nowMs >= this.#passes.restedMs || this.#passes.hasMarked
    if (isAnyone || this.#options.head.hasChanges()) yield* this.#passes.evaluate(woken)
  }

  #round(): Round {
    return this.#rounds.open(this.world())
  }

  #newSite(): Site {
    const { program, head, recorder } = this.#options
    const rules = program.groups.flatMap(each => each.rules)
    const places = new Map(rules.map(({ id }, place) => [id, place]))
    const outcome = (): Outcome => this.#outcome
    return {
      head,
      wakes: this.#wakes,
      get outcome() {
        return outcome()
      },
      pen: ({ id }) => new Pen(recorder, places.get(id)!),
      patience: patienceOf(this.#options),
      awaited: ({ id }, saved) => awaitedOf(id, saved, this.#options),
    }
  }
}
