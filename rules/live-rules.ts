// What is evaluated when: rules that a sample can change, as soon as it is there, and what time alone changes, when
// its time has come. No clock and no I/O: rows and times come in, alerts and samples go out, the same for the same
// input. Called by engine.ts.
import type { Rows } from '#core/batch.ts'
import { Failure } from '#core/errors.ts'
import type { AlertTransition } from '#core/model.ts'
import type { Entry } from './book.ts'
import type { LiveOptions } from './live/options.ts'
import type { Program } from './live/program.ts'
import { Rounds } from './live/rounds.ts'
import { type LiveSeat, openSeats } from './live/seats.ts'
import type { Outcome, Round, Site } from './live/site.ts'
import { evaluateTimed, type TimedGroup } from './live/timed-group.ts'
import { Wakes } from './live/wakes.ts'

export type Taken = Readonly<{ entries: readonly Entry[]; transitions: readonly AlertTransition[] }>

// Keys of alerts by rule.
type Woken = Map<number, string[]>

const secondMs = 1_000
const patienceMs = 60_000
// A rule that is evaluated as a whole leaves so many times its own duration to others.
const rest = { leastMs: 50, times: 20 }
// Rules that feed earlier ones go round so often at one time.
const passesMax = 4

export class LiveRules {
  readonly #options: LiveOptions
  readonly #site: Site
  readonly #wakes = new Wakes()
  readonly #seats: readonly LiveSeat[]
  readonly timed: readonly TimedGroup[]
  readonly #readers: readonly (readonly number[])[]
  readonly #dirty: Uint8Array
  readonly #rounds: Rounds
  readonly #timely: readonly number[]
  #outcome: Outcome = { entries: new Map(), transitions: [] }
  #nowMs: number
  #nextTickMs: number
  // The earliest time at which a whole rule that has had its rest is to be evaluated.
  #restedMs = Number.POSITIVE_INFINITY

  constructor(options: LiveOptions) {
    const { program, nowMs, lookbackMs, isPatient } = options
    this.#options = options
    this.#nowMs = nowMs
    this.#rounds = new Rounds(options.head)
    this.#nextTickMs = (Math.floor(nowMs / secondMs) + 1) * secondMs
    const outcome = (): Outcome => this.#outcome
    this.#site = {
      head: options.head,
      recorder: options.recorder,
      wakes: this.#wakes,
      get outcome() {
        return outcome()
      },
      patientUntilMs: isPatient ? nowMs + lookbackMs : 0,
      wholePatientUntilMs: isPatient ? nowMs + patienceMs : 0,
    }
    const { seats, timed } = openSeats(options, this.#site)
    this.#seats = seats
    this.timed = timed
    this.#dirty = new Uint8Array(seats.length)
    const readers: number[][] = program.watches.map(() => [])
    for (const [number, { plan }] of seats.entries())
      for (const each of plan.watches) readers[each]!.push(number)
    this.#readers = readers
    this.#timely = seats.flatMap(({ plan }, number) => (plan.kind === 'whole' && plan.isTimely ? number : []))
  }

  get program(): Program {
    return this.#options.program
  }

  get nowMs(): number {
    return this.#nowMs
  }

  get seats(): readonly LiveSeat[] {
    return this.#seats
  }

  // Everything once: after a start, before anything may end.
  evaluateAll(): void {
    const { head } = this.#options
    const round = this.#round()
    for (const number of this.#seats.keys()) {
      this.#evaluate(number, live => live.all(round))
    }
    head.clearChanges()
    for (const seat of this.#seats) seat.missOrphansAt(this.#site.patientUntilMs)
    // What was recorded is news to the rules before.
    for (const slot of this.#options.recorder.takeSlots()) head.note(slot)
    if (head.hasChanges()) this.#evaluateChanged()
  }

  take(rows: readonly Rows[], receivedAtMs: number): void {
    this.advanceTo(receivedAtMs)
    for (const each of rows) this.#options.head.take(each, this.#nowMs)
    if (this.#options.head.hasChanges()) this.#evaluateChanged()
  }

  // Everything that has become due by then, each at its own time.
  advanceTo(nowMs: number): void {
    // Seconds that nobody looked at are not made up for one by one.
    if (nowMs - this.#nextTickMs > patienceMs) this.#nextTickMs = Math.floor(nowMs / secondMs) * secondMs
    for (;;) {
      const dueMs = this.nextDueMs()
      if (dueMs > nowMs) break
      this.#nowMs = Math.max(this.#nowMs, dueMs)
      this.#due()
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs)
  }

  // When something becomes due without a sample.
  nextDueMs(): number {
    const ticks = this.#timely.length === 0 ? Number.POSITIVE_INFINITY : this.#nextTickMs
    const timed = this.timed.reduce(
      (first, each) => (each.needsStore ? first : Math.min(first, each.nextMs)),
      Number.POSITIVE_INFINITY,
    )
    return Math.min(this.#options.head.nextDueMs(), this.#wakes.nextMs, ticks, this.#restedMs, timed)
  }

  // What there is to be saved and told since it was last taken.
  takeOutcome(): Taken | undefined {
    const { entries, transitions } = this.#outcome
    if (entries.size === 0) return undefined
    this.#outcome = { entries: new Map(), transitions: [] }
    const { own } = this.#options
    const counted = own.counter('plimsoll_rules_transitions_total')
    for (const { alert } of transitions) counted.inc(1, { state: alert.state })
    return { entries: [...entries.values()], transitions }
  }

  // What an evaluation sees at this time.
  world(nowMs: number = this.#nowMs): Round['world'] {
    const { head, externalLabels, externalUrl, lookbackMs } = this.#options
    return { nowMs, source: head.source(nowMs), externalLabels, externalUrl, options: { lookbackMs } }
  }

  // Values and words of those alerts that are as they were.
  refresh(): void {
    const round = { ...this.#round(), isRefresh: true }
    for (const [number, seat] of this.#seats.entries()) {
      if (!seat.isWhole && seat.active.length > 0)
        this.#evaluate(number, live => live.woken(seat.active, round))
    }
  }

  // Somebody else has put samples into the head.
  changedAside(): void {
    if (this.#options.head.hasChanges()) this.#evaluateChanged()
  }

  #due(): void {
    const nowMs = this.#nowMs
    this.#options.head.due(nowMs)
    if (nowMs >= this.#nextTickMs) {
      this.#nextTickMs = (Math.floor(nowMs / secondMs) + 1) * secondMs
      for (const number of this.#timely) this.#dirty[number] = 1
    }
    const woken: Woken = new Map()
    for (let wake = this.#wakes.take(nowMs); wake !== undefined; wake = this.#wakes.take(nowMs)) {
      this.#seats[wake.rule]!.keeper?.awake(wake.key, nowMs)
      const keys = woken.get(wake.rule)
      if (keys === undefined) woken.set(wake.rule, [wake.key])
      else keys.push(wake.key)
    }
    evaluateTimed(this.timed, { ...this.#options, nowMs, world: atMs => this.world(atMs) })
    const isAnyone = woken.size > 0 || nowMs >= this.#restedMs || this.#dirty.includes(1)
    if (isAnyone || this.#options.head.hasChanges()) this.#evaluateChanged(woken)
  }

  // In the order of the files. What a rule records is seen by those behind it at once, by those before it in another
  // pass; what it has recorded itself does not start it again.
  // Whose time has come waits for those before it: they may have found that there is nothing any more.
  #evaluateChanged(woken: Woken = new Map()): void {
    const { head, recorder } = this.#options
    this.#restedMs = Number.POSITIVE_INFINITY
    this.#markReaders(0, this.#seats.length)
    for (let pass = 0; pass < passesMax; pass++) {
      const round = this.#round()
      let lastWriter = -1
      for (let number = 0; number < this.#seats.length; number++) {
        const keys = pass === 0 ? woken.get(number) : undefined
        if (this.#dirty[number] === 0 && keys === undefined) continue
        const before = recorder.writes
        if (keys !== undefined) {
          this.#evaluate(number, live => live.woken(keys, round))
          if (this.#seats[number]!.isWhole) this.#dirty[number] = 0
        }
        if (this.#dirty[number] !== 0 && this.#isRested(number)) {
          this.#dirty[number] = 0
          this.#evaluate(number, live => live.changed(round))
        }
        if (recorder.writes === before) continue
        lastWriter = number
        this.#markReaders(number + 1, this.#seats.length)
      }
      const late = recorder.takeSlots()
      head.clearChanges()
      if (lastWriter <= 0 || pass === passesMax - 1) break
      for (const slot of late) head.note(slot)
      if (!head.hasChanges()) break
      this.#markReaders(0, lastWriter)
    }
    head.clearChanges()
  }

  #markReaders(from: number, until: number): void {
    for (const watch of this.#options.head.changedWatches()) {
      for (const number of this.#readers[watch]!)
        if (number >= from && number < until) this.#dirty[number] = 1
    }
  }

  // One that must rest stays marked, and is remembered.
  #isRested(number: number): boolean {
    const { restUntilMs } = this.#seats[number]!
    if (restUntilMs <= this.#nowMs) return true
    this.#restedMs = Math.min(this.#restedMs, restUntilMs)
    return false
  }

  #evaluate(number: number, does: (live: LiveSeat['live']) => void): void {
    const seat = this.#seats[number]!
    const { monotonicMs } = this.#options
    const isWhole = seat.isWhole
    // A quiet rule takes less than asking the time would.
    const isTimed = isWhole || (seat.evaluations & 63) === 0
    const beganMs = isTimed ? monotonicMs() : 0
    seat.evaluations++
    try {
      does(seat.live)
      seat.succeeded(this.#nowMs)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      seat.becomeWhole(this.#round())
    }
    if (isTimed) seat.tookMs = monotonicMs() - beganMs
    if (seat.isWhole) seat.restUntilMs = this.#nowMs + Math.max(rest.leastMs, rest.times * seat.tookMs)
  }

  #round(): Round {
    return this.#rounds.open(this.world())
  }
}
