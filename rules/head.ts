// Which samples are in memory, which series have changed, and when does one change by itself? Everything is a column by
// slot: every sample of the service passes take(), so there is no object for one. Called by the rule engine.
import type { Rows } from '#core/batch.ts'
import type { SeriesTable } from '#core/series.ts'
import { isStale, isStaleNumber, writeStale } from '#core/stale.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import type { Source } from '#promql/source.ts'
import { Changes } from './head/changes.ts'
import { Dues } from './head/dues.ts'
import { headSource, samplesOf } from './head/head-source.ts'
import type { HeadCounts, Holding, Watched } from './head/holding.ts'
import { Intake } from './head/intake.ts'
import type { Watch } from './head/interests.ts'
import { Leavings } from './head/leavings.ts'
import { Memory } from './head/memory.ts'
import { type Follower, Register } from './head/register.ts'
import { SampleStrips, type Strips } from './head/strips.ts'
import { matchersKey } from './matchers-key.ts'

export type { Watch } from './head/interests.ts'
export type { Strips } from './head/strips.ts'

// `memory` is that of several heads together.
type Options = Readonly<{
  table: SeriesTable
  lookbackMs: number
  maxBytes: number
  memory?: Memory | undefined
}>

export class Head implements Holding {
  // Take its arrays anew after every take(), put() and warm(): they are replaced when they grow.
  readonly strips: Strips
  readonly #table: SeriesTable
  readonly #lookbackMs: number
  readonly #memory: Memory
  readonly #strips: SampleStrips
  readonly #changes = new Changes()
  readonly #dues: Dues
  readonly #register: Register
  readonly #intake: Intake
  readonly #leavings: Leavings
  #watches: ReadonlyMap<string, Watched> = new Map()
  #sinceMs = Number.POSITIVE_INFINITY
  readonly #one: Rows = {
    series: new Uint32Array(1),
    tMs: new Float64Array(1),
    values: new Float64Array(1),
  }

  constructor({ table, lookbackMs, maxBytes, memory: whole }: Options) {
    this.#memory = whole?.part() ?? new Memory(maxBytes)
    const strips = new SampleStrips(this.#memory)
    const base = { strips, changes: this.#changes, lookbackMs }
    const dues = new Dues(base)
    const register = new Register({ ...base, table, memory: this.#memory, dues })
    this.strips = strips
    this.#table = table
    this.#lookbackMs = lookbackMs
    this.#strips = strips
    this.#dues = dues
    this.#register = register
    this.#intake = new Intake({ ...base, register, dues })
    this.#leavings = new Leavings({ ...base, register })
  }

  get bytes(): number {
    return this.#memory.bytes
  }

  // Replaces what is watched. Series that still are keep their samples, the others are freed; slots are numbered anew.
  // All changes noted before are forgotten.
  watch(watches: readonly Watch[]): void {
    this.#watches = new Map(watches.map((each, number) => [matchersKey(each.matchers), { ...each, number }]))
    this.#register.watch(watches, this.#intake.nowMs)
    this.#leavings.begin()
    this.miss()
  }

  // Samples have passed by that others may have taken.
  miss(): void {
    const { nowMs } = this.#intake
    this.#sinceMs = nowMs === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : nowMs
  }

  // Rows of a batch. A newer sample, or another value for the newest, notes a change; an older one enters its place and
  // notes none; an identical one does nothing. One that is more than 60 s ahead waits until it is not.
  take(rows: Rows, nowMs: number): void {
    this.#intake.advance(nowMs)
    this.#intake.take(rows)
  }

  // One sample that a rule recorded; as take().
  put(series: number, tMs: number, value: number): void {
    this.#one.series[0] = series
    this.#one.tMs[0] = tMs
    if (isStaleNumber(value)) writeStale(this.#one.values, 0)
    else this.#one.values[0] = value
    this.#intake.takeUntil(this.#one, Number.POSITIVE_INFINITY)
  }

  // From the store, ascending, at start and after a reload: older ones go before what is there, newer ones behind, and
  // what is there wins over one of the same time. Notes no change.
  warm(series: number, tMs: Float64Array, values: Float64Array): void {
    this.#intake.warm(series, tMs, values)
  }

  // Slots of a watch noted as changed since clearChanges(), each once. Valid until the next call.
  changed(watch: number): Uint32Array {
    return this.#changes.of(watch)
  }

  changedCount(watch: number): number {
    return this.#changes.countOf(watch)
  }

  // Notes a change that somebody else knows of.
  note(slot: number): void {
    this.#changes.note(slot, this.#intake.nowMs)
  }

  // The watches of which something has changed.
  changedWatches(): readonly number[] {
    return this.#changes.touched
  }

  hasChanges(): boolean {
    return this.#changes.any
  }

  clearChanges(): void {
    this.#changes.clear()
  }

  // All slots of a watch; new series join at take(), put() and warm(), ended ones leave at due(). Valid until then.
  members(watch: number): Uint32Array {
    return this.#register.members(watch)
  }

  // Is told of each that joins or leaves from now on, until watch().
  follow(watch: number, follower: Follower): void {
    this.#register.follow(watch, follower)
  }

  // Another one whenever a series has joined the watch or left it.
  turnover(watch: number): number {
    return this.#register.turnover(watch)
  }

  // Its series keeps the slot until it is let go as often.
  hold(slot: number): void {
    this.#register.hold(slot)
  }

  letGo(slot: number): void {
    this.#register.letGo(slot)
  }

  // Its number in the table.
  seriesOf(slot: number): number {
    return this.#register.seriesOf(slot)
  }

  // -1 when it has none.
  slotOf(series: number): number {
    return this.#register.slotOf(series)
  }

  // The earliest time at which something may change by itself; Infinity when nothing will.
  nextDueMs(): number {
    return Math.min(this.#dues.nextMs, this.#intake.nextHeldMs)
  }

  // Notes what has changed by itself until now. Series that nobody sees any more leave: their slots may be others' then.
  due(nowMs: number): void {
    this.#intake.advance(nowMs)
    this.#intake.takeHeld()
    this.#dues.run(this.#intake.nowMs)
    this.#leavings.run(this.#intake.nowMs)
  }

  get nowMs(): number {
    return this.#intake.nowMs
  }

  // Since then it was given every sample that came for what it watches; Infinity before it had a time.
  get sinceMs(): number {
    return this.#sinceMs
  }

  // Samples and series that it was given and does not have.
  get dropped(): number {
    return this.#strips.lost + this.#register.refused + this.#intake.tooFar
  }

  // Whether there is no room for some series. What more comes of them is nowhere noted.
  get isShort(): boolean {
    return this.#register.isShort
  }

  get counts(): HeadCounts {
    const { lost: full, taken: series } = this.#strips
    const { bytes } = this.#memory
    return { bytes, series, full, no_room: this.#register.refused, ahead: this.#intake.tooFar }
  }

  // Nobody uses it any more.
  close(): void {
    this.#memory.give(this.#memory.bytes)
  }

  get nextHeldMs(): number {
    return this.#intake.nextHeldMs
  }

  watched(key: string): Watched | undefined {
    return this.#watches.get(key)
  }

  firstAfter(slot: number, atMs: number): number {
    return this.#strips.firstAfter(slot, atMs)
  }

  // Whether a series has nothing to say any more: it ended, or its newest sample is older than the lookback.
  isSilent(slot: number, nowMs: number): boolean {
    const { tMs, values, begins, ends } = this.#strips
    const last = ends[slot]! - 1
    return last < begins[slot]! || tMs[last]! <= nowMs - this.#lookbackMs || isStale(values, last)
  }

  // Of one slot, as source() gives them.
  samples(slot: number, range: Range, nowMs: number): SeriesSamples | undefined {
    const head = { table: this.#table, strips: this.#strips, register: this.#register }
    return samplesOf(head, slot, { range, nowMs })
  }

  // For evaluateNow(). Answers are views, to be read at once; series that are ahead are moved back, so that their newest
  // sample is as of now.
  source(nowMs: number): Source {
    const members = (key: string): Uint32Array | undefined => {
      const watched = this.#watches.get(key)
      return watched === undefined ? undefined : this.members(watched.number)
    }
    return headSource({ table: this.#table, strips: this.#strips, register: this.#register, members }, nowMs)
  }
}
