// The slots that are evaluated at one time, where their visible samples end, and the columns that have been computed
// for them. One sheet is reused for all evaluations, so its inner loops make nothing (bench/kernels.ts). Called by the
// live rules, who begin it, and by the nodes.
import type { Window } from '#promql/evaluate/windows.ts'
import { aheadMs } from '../head/held.ts'
import type { Strips } from '../head.ts'
import { type Hits, makeRoom, openHits } from './hits.ts'

// Numbers of one expression. A kept one stays until the sheet begins anew; `low` and `high` are its least and greatest
// number once `isMeasured`.
export type Column = Hits & { isKept: boolean; isMeasured: boolean; low: number; high: number }

// Of columns that are kept: what does not fit is computed again for each rule that wants it.
const keptBytesMax = 64 * 2 ** 20
// Of columns that wait to be used again, which are as long as the longest sheet they have been of.
const madeBytesMax = 2 * keptBytesMax
const bytesEach = 12

const none = new Float64Array(0)
const noSlots = new Uint32Array(0)
let lastStamp = 0

export class Sheet {
  slots: Uint32Array = noSlots
  strips: Strips = { tMs: none, values: none, begins: noSlots, ends: noSlots }
  // No two beginnings of any sheet have the same.
  stamp = 0
  // By position: the time of evaluation, and the place behind the newest sample that is not after it.
  atMs = none
  ends = new Uint32Array(0)
  readonly window: Window = { t: none, v: none, lo: 0, hi: 0, fromMs: 0, toMs: 0, atMs: 0, p: 0, q: 0 }
  readonly #kept: Column[] = []
  readonly #free: Column[] = []
  #keptBytes = 0
  #madeBytes = 0

  // Each slot at most once. A series whose newest sample is ahead is evaluated as of that sample.
  begin(strips: Strips, slots: Uint32Array, nowMs: number): void {
    this.stamp = ++lastStamp
    this.strips = strips
    this.slots = slots
    this.#forget()
    if (this.atMs.length < slots.length) {
      this.atMs = new Float64Array(slots.length * 2)
      this.ends = new Uint32Array(slots.length * 2)
    }
    const { tMs, begins, ends } = strips
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at]!
      const begin = begins[slot]!
      let end = ends[slot]!
      let atMs = nowMs
      if (end > begin && tMs[end - 1]! > nowMs) {
        atMs = Math.min(tMs[end - 1]!, nowMs + aheadMs)
        while (end > begin && tMs[end - 1]! > atMs) end--
      }
      this.atMs[at] = atMs
      this.ends[at] = end
    }
  }

  // With room for every slot. Whoever has read it gives it back.
  take(): Column {
    const column = this.#free.pop() ?? { ...openHits(), isKept: false, isMeasured: false, low: 0, high: 0 }
    const before = column.at.length
    makeRoom(column, this.slots.length)
    this.#madeBytes += (column.at.length - before) * bytesEach
    column.isKept = false
    column.isMeasured = false
    return column
  }

  give(column: Column): void {
    if (!column.isKept) this.#free.push(column)
  }

  // Whether there is room to keep it.
  keep(column: Column): boolean {
    const bytes = this.slots.length * bytesEach
    if (this.#keptBytes + bytes > keptBytesMax) return false
    this.#keptBytes += bytes
    column.isKept = true
    this.#kept.push(column)
    return true
  }

  #forget(): void {
    for (const column of this.#kept) this.#free.push(column)
    this.#kept.length = 0
    this.#keptBytes = 0
    if (this.#madeBytes <= madeBytesMax) return
    this.#free.length = 0
    this.#madeBytes = 0
  }
}

export const openSheet = (): Sheet => new Sheet()
