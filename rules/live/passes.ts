// In which order rules are evaluated when something has changed: that of the files. What a rule records is seen by those
// behind it at once, by those before it in another pass; what it has recorded itself does not start it again. Called by
// live-rules.ts.
import type { Pieces } from '../ask.ts'
import type { Head } from '../head.ts'
import type { LiveSeat } from './live-seat.ts'
import type { Recorder } from './recorder.ts'
import type { Round } from './site.ts'
import type { Turns } from './turns.ts'

// Keys of alerts by rule.
export type Woken = ReadonlyMap<number, readonly string[]>

export type PassesOptions = Readonly<{
  head: Head
  recorder: Recorder
  seats: readonly LiveSeat[]
  // How many there are.
  watches: number
  turns: Turns
  round(): Round
}>

// Rules that feed earlier ones go round so often at one time.
const passesMax = 4

export class Passes {
  readonly #options: PassesOptions
  readonly #readers: readonly (readonly number[])[]
  readonly #timely: readonly number[]
  readonly #dirty: Uint8Array
  // The earliest time at which a whole rule that has had its rest is to be evaluated.
  restedMs = Number.POSITIVE_INFINITY

  constructor(options: PassesOptions) {
    const { seats, watches } = options
    this.#options = options
    this.#dirty = new Uint8Array(seats.length)
    const readers: number[][] = Array.from({ length: watches }, () => [])
    for (const [number, { plan }] of seats.entries())
      for (const each of plan.watches) readers[each]!.push(number)
    this.#readers = readers
    this.#timely = seats.flatMap(({ plan }, number) => (plan.kind === 'whole' && plan.isTimely ? number : []))
  }

  // Whether there are rules that are looked at each second.
  get hasTimely(): boolean {
    return this.#timely.length > 0
  }

  markTimely(): void {
    for (const number of this.#timely) this.#dirty[number] = 1
  }

  get hasMarked(): boolean {
    return this.#dirty.includes(1)
  }

  // Whose time has come waits for those before it: they may have found that there is nothing any more.
  *evaluate(woken: Woken = new Map()): Pieces {
    const { head, recorder, seats, round: open } = this.#options
    this.restedMs = Number.POSITIVE_INFINITY
    this.#markReaders(0, seats.length)
    for (let pass = 0; pass < passesMax; pass++) {
      const round = open()
      let lastWriter = -1
      for (let number = 0; number < seats.length; number++) {
        const keys = pass === 0 && woken.size > 0 ? woken.get(number) : undefined
        if (this.#dirty[number] === 0 && keys === undefined) continue
        const before = recorder.writes
        const more = keys === undefined ? this.#changed(number, round) : this.#woken(number, keys, round)
        if (more !== undefined) yield* more
        if (recorder.writes === before) continue
        lastWriter = number
        this.#markReaders(number + 1, seats.length)
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

  #woken(number: number, keys: readonly string[], round: Round): Pieces | undefined {
    const { seats, turns } = this.#options
    const seat = seats[number]!
    const more = turns.evaluate(seat, round, keys.length, live => live.woken(keys, round))
    if (more !== undefined) return this.#thenChanged(number, round, more)
    return this.#changed(number, round)
  }

  *#thenChanged(number: number, round: Round, woken: Pieces): Pieces {
    const { seats } = this.#options
    yield* woken
    // All of it has been looked at.
    if (seats[number]!.isWhole) this.#dirty[number] = 0
    const more = this.#changed(number, round)
    if (more !== undefined) yield* more
  }

  #changed(number: number, round: Round): Pieces | undefined {
    const { head, seats, turns } = this.#options
    if (this.#dirty[number] === 0 || !this.#isRested(number, round.nowMs)) return undefined
    this.#dirty[number] = 0
    const seat = seats[number]!
    const { watches } = seat.plan
    let size = 0
    for (let at = 0; at < watches.length; at++) size += head.changedCount(watches[at]!)
    return turns.evaluate(seat, round, size, live => live.changed(round))
  }

  #markReaders(from: number, until: number): void {
    for (const watch of this.#options.head.changedWatches()) {
      for (const number of this.#readers[watch]!)
        if (number >= from && number < until) this.#dirty[number] = 1
    }
  }

  // One that must rest stays marked, and is remembered.
  #isRested(number: number, nowMs: number): boolean {
    const { restUntilMs } = this.#options.seats[number]!
    if (restUntilMs <= nowMs) return true
    this.restedMs = Math.min(this.restedMs, restUntilMs)
    return false
  }
}
