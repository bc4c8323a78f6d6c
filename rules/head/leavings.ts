// Which series have ended so long ago that nobody sees anything of them any more? Each slot stands on one page of a
// calendar of minutes: live ones are put off when it comes, the others leave. Called by head.ts, who looks when time
// passes anyway: nobody is woken for it.
import { Calendar } from './calendar.ts'
import type { Changes } from './changes.ts'
import type { Register } from './register.ts'
import { type SampleStrips, slackMs } from './strips.ts'

type Parts = Readonly<{ register: Register; strips: SampleStrips; changes: Changes; lookbackMs: number }>

// A fleet that goes at once goes in steps of a few milliseconds.
const atOnceMax = 8_192

export class Leavings {
  readonly #parts: Parts
  readonly #calendar = new Calendar((): number[] => [])
  // Whose page has come.
  #due: number[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  // Slots are numbered anew.
  begin(): void {
    this.#calendar.clear()
    this.#due = []
  }

  run(nowMs: number): void {
    for (const slot of this.#parts.register.takeFresh()) this.#plan(slot, nowMs)
    const calendar = this.#calendar
    while (this.#due.length < atOnceMax && calendar.nextMs <= nowMs) {
      const page = calendar.takeNext()
      this.#due = this.#due.length === 0 ? page : this.#due.concat(page)
    }
    for (const slot of this.#due.splice(-atOnceMax)) if (!this.#leaves(slot, nowMs)) this.#plan(slot, nowMs)
  }

  // What has changed is still to be evaluated.
  #leaves(slot: number, nowMs: number): boolean {
    const { register, changes } = this.#parts
    return this.#unseenMs(slot) <= nowMs && !changes.isNoted(slot) && register.leave(slot)
  }

  #plan(slot: number, nowMs: number): void {
    const atMs = Math.max(this.#unseenMs(slot), nowMs + 1)
    this.#calendar.page(Math.ceil(atMs / 60_000) * 60_000).push(slot)
  }

  // A late sample that comes after that is older than anything that a rule looks at.
  #unseenMs(slot: number): number {
    const { register, strips, changes, lookbackMs } = this.#parts
    const { keepMs } = register.interest(changes.interests[slot]!)
    return strips.newestMs[slot]! + Math.max(keepMs, lookbackMs) + slackMs + 1
  }
}
