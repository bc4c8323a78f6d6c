// What becomes of a sample that arrives? Most belong to series that nobody watches, and cost one look-up (a few ns), or
// are newer than all before, and are written behind them (at most 60 ns; bench/head.ts): run() is for those, and stops
// at any other. Called by head.ts.
import type { Rows } from '#core/batch.ts'
import { isStale } from '#core/stale.ts'
import type { Changes } from './changes.ts'
import type { Dues } from './dues.ts'
import { aheadMs, Held } from './held.ts'
import { merged } from './merged.ts'
import { type Register, unwatched } from './register.ts'
import { type SampleStrips, slackMs } from './strips.ts'

type Parts = Readonly<{ register: Register; strips: SampleStrips; changes: Changes; dues: Dues }>

export class Intake {
  // Never goes back.
  nowMs = Number.NEGATIVE_INFINITY
  // Samples from too far ahead.
  tooFar = 0
  readonly #held = new Held()
  readonly #register: Register
  readonly #strips: SampleStrips
  readonly #changes: Changes
  readonly #dues: Dues

  constructor({ register, strips, changes, dues }: Parts) {
    this.#register = register
    this.#strips = strips
    this.#changes = changes
    this.#dues = dues
  }

  get nextHeldMs(): number {
    return this.#held.nextMs
  }

  advance(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs)
  }

  // What is not near enough by now is held.
  take(rows: Rows): void {
    this.takeUntil(rows, this.nowMs + aheadMs)
  }

  takeUntil(rows: Rows, visibleMs: number): void {
    this.#register.cover()
    const { length } = rows.series
    for (let at = this.#run(rows, 0, visibleMs); at < length; at = this.#run(rows, at + 1, visibleMs)) {
      this.#one(rows, at, visibleMs)
    }
  }

  // What has become near enough.
  takeHeld(): void {
    while (this.#held.nextMs <= this.nowMs) this.take(this.#held.takeNext())
  }

  // Ascending; what is there already wins.
  warm(series: number, tMs: Float64Array, values: Float64Array): void {
    this.#register.cover()
    const interest = this.#register.interestOf(series)
    if (interest < 0) return
    // Before the first batch there is no time to be ahead of.
    const visibleMs =
      this.nowMs === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : this.nowMs + aheadMs
    let count = tMs.length
    while (count > 0 && tMs[count - 1]! > visibleMs) count--
    if (count < tMs.length) {
      this.#hold({ series: new Uint32Array(tMs.length).fill(series), tMs, values }, count)
    }
    const slot = count === 0 ? -1 : this.#register.slotFor(series, interest)
    if (slot < 0) return
    const { keepMs } = this.#register.interest(interest)
    const given = { tMs: tMs.subarray(0, count), values: values.subarray(0, count) }
    const all = merged(this.#strips, slot, given)
    const neededMs = all.tMs[all.tMs.length - 1]! - keepMs - slackMs
    const needed = all.tMs.findIndex(each => each > neededMs)
    const from = Math.max(0, Math.min(needed, all.tMs.length - 2))
    this.#strips.replace(slot, all.tMs.subarray(from), all.values.subarray(from))
    this.#dues.arm(slot, this.nowMs)
  }

  // From `from` on, as far as all is as it almost always is; the place of the first row where it is not.
  #run({ series, tMs, values }: Rows, from: number, visibleMs: number): number {
    const { places } = this.#register
    const strips = this.#strips
    const { ends, limits, newestMs } = strips
    const toTMs = strips.tMs
    const toValues = strips.values
    const changes = this.#changes
    const { armBeforeMs } = this.#dues
    const { nowMs } = this
    const { length } = series
    for (let at = from; at < length; at++) {
      const place = places[series[at]!]!
      if (place === unwatched) continue
      if (place < unwatched) return at
      const slot = place - 2
      const t = tMs[at]!
      const end = ends[slot]!
      if (!(t > newestMs[slot]!) || t > visibleMs || end === limits[slot]!) return at
      toTMs[end] = t
      // From column to column, which keeps the bits of a stale marker (a test holds the engine to it).
      toValues[end] = values[at]!
      ends[slot] = end + 1
      newestMs[slot] = t
      changes.note(slot, nowMs)
      if (t < armBeforeMs[slot]!) this.#dues.arm(slot, nowMs)
    }
    return length
  }

  // A new series, a full strip, a sample that is late, equal or far ahead.
  #one(rows: Rows, at: number, visibleMs: number): void {
    const series = rows.series[at]!
    const tMs = rows.tMs[at]!
    const interest = this.#register.interestOf(series)
    if (interest < 0) return
    if (tMs > visibleMs) this.#hold(rows, at, at + 1)
    const slot = tMs > visibleMs ? -1 : this.#register.slotFor(series, interest)
    if (slot < 0) return
    const strips = this.#strips
    const newestMs = strips.newestMs[slot]!
    const { keepMs } = this.#register.interest(interest)
    const neededMs = Math.max(tMs, newestMs) - keepMs - slackMs
    if (tMs > newestMs) {
      if (strips.ends[slot] === strips.limits[slot]) strips.makeRoom(slot, neededMs)
      strips.append(slot, tMs, { values: rows.values, at })
      this.#changes.note(slot, this.nowMs)
    } else if (tMs <= neededMs || !this.#enter(slot, rows, { at, neededMs })) return
    if (tMs < this.#dues.armBeforeMs[slot]!) this.#dues.arm(slot, this.nowMs)
  }

  // In its place among older ones. Whether anything is another now.
  #enter(slot: number, { tMs, values }: Rows, { at, neededMs }: Entering): boolean {
    const strips = this.#strips
    const t = tMs[at]!
    const before = strips.firstAfter(slot, t) - 1
    if (before < strips.begins[slot]! || strips.tMs[before] !== t) {
      if (strips.ends[slot] === strips.limits[slot]) strips.makeRoom(slot, neededMs)
      strips.insert(slot, strips.firstAfter(slot, t), t, { values, at })
      return true
    }
    if (isSame(strips.values, before, { values, at })) return false
    strips.values[before] = values[at]!
    if (t === strips.newestMs[slot]) this.#changes.note(slot, this.nowMs)
    return true
  }

  #hold(rows: Rows, from: number, to = rows.series.length): void {
    for (let at = from; at < to; at++) if (!this.#held.add(rows, at, this.nowMs)) this.tooFar++
  }
}

type Entering = Readonly<{ at: number; neededMs: number }>

function isSame(
  values: Float64Array,
  place: number,
  given: Readonly<{ values: Float64Array; at: number }>,
): boolean {
  const [one, other] = [values[place]!, given.values[given.at]!]
  if (!Number.isNaN(one)) return one === other
  // Of NaNs only these two kinds are told apart.
  return Number.isNaN(other) && isStale(values, place) === isStale(given.values, given.at)
}
