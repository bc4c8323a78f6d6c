// What the rules see at one time, and the sheets for compiled rules: one for each watch, begun when the first rule asks
// and again when more has changed. Called by live-rules.ts.
import type { Head } from '../head.ts'
import { openSheet, type Sheet } from '../kernel.ts'
import type { Round } from './site.ts'

export class Rounds {
  readonly #head: Head
  readonly #sheets = new Map<number, Sheet>()
  readonly #spare = openSheet()

  constructor(head: Head) {
    this.#head = head
  }

  open(world: Round['world']): Round {
    const head = this.#head
    const { nowMs } = world
    const begun = new Map<number, number>()
    return {
      nowMs,
      isRefresh: false,
      world,
      sheet: slots => {
        this.#spare.begin(head.strips, slots, nowMs)
        return this.#spare
      },
      changed: watch => {
        const slots = head.changed(watch)
        const sheet = this.#sheets.get(watch) ?? openSheet()
        this.#sheets.set(watch, sheet)
        if (begun.get(watch) !== slots.length) {
          sheet.begin(head.strips, slots, nowMs)
          begun.set(watch, slots.length)
        }
        return sheet
      },
    }
  }
}
