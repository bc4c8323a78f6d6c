// What rules write: recorded series and ALERTS. They enter the head at once and leave as samples on change, at most
// once a second, and at least once a minute for each series, with a stale marker at the end. Called by live rules;
// what it gives out is published by the engine.
import { RowBuffer } from '#core/batch.ts'
import type { Series } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { refused, type SeriesTable } from '#core/series.ts'
import { staleNaN } from '#core/stale.ts'
import type { RuleSample } from '../evaluate-rule.ts'
import type { Head } from '../head.ts'

// `atMs` is since when it has the value, `wroteMs` when it was last given out.
type Written = { value: number; atMs: number; wroteMs: number }

const againMs = 60_000

export type RecorderOptions = Readonly<{ table: SeriesTable; head: Head; own: OwnMetrics }>

export class Recorder {
  readonly #table: SeriesTable
  readonly #head: Head
  readonly #refused: () => void
  readonly #series = new Map<number, Written>()
  // Values that a second one followed before they were written are not written.
  #fresh = new Set<number>()
  // Those that ended, with the time of their marker.
  readonly #ends = new Map<number, number>()
  // By the second in which they are to be written again.
  readonly #again = new Map<number, number[]>()
  #nextMs = Number.POSITIVE_INFINITY
  #unclaimed = new Set<number>()
  // Slots of series that have changed since they were last taken.
  #touched: number[] = []
  // How often something was written; who compares it before and after knows whether there was something.
  writes = 0

  constructor({ table, head, own }: RecorderOptions) {
    this.#table = table
    this.#head = head
    const counter = own.counter('plimsoll_rules_refused_series_total')
    this.#refused = () => counter.inc()
  }

  // When something is to be written; what is written before a second has passed waits for its end.
  get nextDueMs(): number {
    return this.#nextMs
  }

  // The series' number; nothing when the table is full. `isEach` writes an equal value too.
  put(series: Series, value: number, nowMs: number, isEach = false): number | undefined {
    const number = this.#table.intern(series.name, series.labels)
    if (number === refused) {
      this.#refused()
      return undefined
    }
    this.putAgain(number, value, nowMs, isEach)
    return number
  }

  putAgain(number: number, value: number, nowMs: number, isEach = false): void {
    this.#unclaimed.delete(number)
    const known = this.#series.get(number)
    if (known === undefined) {
      this.#series.set(number, { value, atMs: nowMs, wroteMs: nowMs })
      this.#ends.delete(number)
    } else {
      if (!isEach && Object.is(known.value, value)) return
      known.value = value
      known.atMs = nowMs
    }
    this.#toHead(number, nowMs, value)
    this.#fresh.add(number)
    this.#wake(Math.floor(nowMs / 1_000) * 1_000 + 1_000)
  }

  end(number: number, nowMs: number): void {
    if (!this.#series.delete(number)) return
    this.#fresh.delete(number)
    this.#toHead(number, nowMs, staleNaN)
    this.#ends.set(number, nowMs)
    this.#wake(Math.floor(nowMs / 1_000) * 1_000 + 1_000)
  }

  // What an evaluation as a whole gives out.
  write(samples: readonly RuleSample[], isEach = false): void {
    for (const { series, value, tMs } of samples) {
      if (value === 'stale') this.endSeries(series, tMs)
      else this.put(series, value, tMs, isEach)
    }
  }

  endSeries(series: Series, nowMs: number): void {
    const number = this.#table.find(series)
    if (number !== undefined) this.end(number, nowMs)
  }

  // What is to be written by now; nothing when there is none.
  take(nowMs: number): RowBuffer | undefined {
    if (nowMs < this.#nextMs) return undefined
    const rows = new RowBuffer(Math.max(16, this.#fresh.size + this.#ends.size))
    for (const [number, tMs] of this.#ends) rows.push(number, tMs, staleNaN)
    this.#ends.clear()
    for (const second of this.#again.keys()) {
      if (second * 1_000 > nowMs) continue
      for (const number of this.#again.get(second)!) this.#repeat(number, nowMs)
      this.#again.delete(second)
    }
    for (const number of this.#fresh) this.#write(number, nowMs, rows)
    this.#fresh = new Set()
    this.#nextMs = Math.min(
      ...[...this.#again.keys()].map(second => second * 1_000),
      Number.POSITIVE_INFINITY,
    )
    return rows.length === 0 ? undefined : rows
  }

  // Not of a rule.
  #isAside(number: number): boolean {
    return this.#table.get(number).name === 'agent_up'
  }

  // After a reload: what is not put again until endUnclaimed() nobody records any more.
  beginAnew(): void {
    this.#unclaimed = new Set(this.#series.keys())
  }

  endUnclaimed(nowMs: number): void {
    for (const number of this.#unclaimed) if (!this.#isAside(number)) this.end(number, nowMs)
    this.#unclaimed.clear()
  }

  takeSlots(): readonly number[] {
    const touched = this.#touched
    this.#touched = []
    return touched
  }

  seriesOf(number: number): Series {
    return this.#table.get(number)
  }

  get size(): number {
    return this.#series.size
  }

  has(number: number): boolean {
    return this.#series.has(number)
  }

  #toHead(number: number, tMs: number, value: number): void {
    this.#head.put(number, tMs, value)
    const slot = this.#head.slotOf(number)
    if (slot < 0) return
    this.writes++
    this.#touched.push(slot)
  }

  #repeat(number: number, nowMs: number): void {
    const known = this.#series.get(number)
    if (known === undefined || nowMs - known.wroteMs < againMs - 1_000) return
    known.atMs = nowMs
    this.#fresh.add(number)
    this.#toHead(number, nowMs, known.value)
  }

  #write(number: number, nowMs: number, rows: RowBuffer): void {
    const known = this.#series.get(number)!
    known.wroteMs = nowMs
    rows.push(number, known.atMs, known.value)
    const second = Math.floor((nowMs + againMs) / 1_000)
    const due = this.#again.get(second)
    if (due === undefined) this.#again.set(second, [number])
    else due.push(number)
  }

  #wake(atMs: number): void {
    this.#nextMs = Math.min(this.#nextMs, atMs)
  }
}
