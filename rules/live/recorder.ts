// What rules write: recorded series and ALERTS. They enter the head at once and leave as samples on change, at most
// once a second, and at least once a minute for each series, with a stale marker at the end. Called by live rules;
// what it gives out is published by the engine.
import { RowBuffer } from '#core/batch.ts'
import type { Series } from '#core/model.ts'
import type { OwnCounter, OwnMetrics } from '#core/own-metrics.ts'
import { refused, type SeriesTable } from '#core/series.ts'
import { staleNaN } from '#core/stale.ts'
import type { Head, Watch } from '../head.ts'
import { HeadPen } from './head-pen.ts'
import { againMs } from './paces.ts'
import { Rivals } from './rivals.ts'
import { Seconds, secondAfter } from './seconds.ts'
import { begun, nobody, noRule, type Turn, type Written } from './written.ts'

// What the engine says of hosts.
const ofHosts: ReadonlySet<string> = new Set(['agent_up', 'agent_silent_after_seconds'])

export type RecorderOptions = Readonly<{ table: SeriesTable; head: Head; own: OwnMetrics }>

export class Recorder {
  readonly #table: SeriesTable
  readonly #head: HeadPen
  readonly #refused: OwnCounter<'plimsoll_rules_refused_series_total'>
  readonly #contested: OwnCounter<'plimsoll_rules_contested_total'>
  readonly #rivals = new Rivals()
  // Rules that fail.
  readonly #held = new Set<number>()
  readonly #series = new Map<number, Written>()
  // Values that a second one followed before they were written are not written.
  #fresh = new Set<number>()
  // Those that ended, with the time of their marker.
  readonly #ends = new Map<number, number>()
  // When they are to be written again.
  readonly #again = new Seconds()
  #nextMs = Number.POSITIVE_INFINITY
  #unclaimed = new Set<number>()

  constructor({ table, head, own }: RecorderOptions) {
    this.#table = table
    this.#head = new HeadPen(head)
    this.#refused = own.counter('plimsoll_rules_refused_series_total')
    this.#contested = own.counter('plimsoll_rules_contested_total')
  }

  // How often something was written; who compares it before and after knows whether there was something.
  get writes(): number {
    return this.#head.count
  }

  // When something is to be written; what is written before a second has passed waits for its end.
  get nextDueMs(): number {
    return this.#nextMs
  }

  // What no rule writes; nothing when the table is full.
  put(series: Series, value: number, nowMs: number): number | undefined {
    const number = this.numberOf(series)
    if (number !== undefined) this.putAgain(number, value, nowMs)
    return number
  }

  numberOf({ name, labels }: Series): number | undefined {
    const number = this.#table.internMade(name, labels)
    if (number !== refused) return number
    this.#refused.inc()
    return undefined
  }

  // `by` is the place of the rule among all.
  putAgain(number: number, value: number, nowMs: number, by = noRule): void {
    const known = this.#series.get(number)
    if (known !== undefined && known.by !== by && !this.#takesOver(number, known, { by, value, nowMs }))
      return
    this.#put(number, value, nowMs)
    if (known === undefined) this.#series.get(number)!.by = by
  }

  // Writes an equal value too.
  putEach(number: number, value: number, nowMs: number, by: number): void {
    this.putAgain(number, value, nowMs, by)
    const known = this.#series.get(number)
    if (known?.by !== by) return
    known.isTimed = true
    this.#head.end(number)
    if (known.atMs !== nowMs) this.#putAnew(number, value, nowMs, known)
  }

  // While a rule fails nothing is written again of what it wrote, and so ends when the lookback does, as in Prometheus.
  hold(by: number): void {
    this.#held.add(by)
  }

  // Called before what it writes now.
  release(by: number, nowMs: number): void {
    if (!this.#held.delete(by)) return
    for (const [number, known] of this.#series) {
      if (known.by === by && known.hasLapsed) this.#putAnew(number, known.value, nowMs, known)
    }
  }

  end(number: number, nowMs: number, by = noRule): void {
    const known = this.#series.get(number)
    if (known === undefined) return
    if (by !== known.by && known.by !== nobody && by !== nobody) {
      this.#rivals.leave(number, by)
      return
    }
    const next = this.#rivals.next(number)
    if (next !== undefined) {
      this.#give(number, known, next.by, nowMs)
      this.#put(number, next.value, nowMs)
      return
    }
    this.#series.delete(number)
    this.#fresh.delete(number)
    this.#head.end(number)
    this.#head.put(number, nowMs, staleNaN)
    this.#ends.set(number, nowMs)
    this.#wake(secondAfter(nowMs))
  }

  endSeries(series: Series, nowMs: number, by = noRule): void {
    const number = this.#table.find(series)
    if (number !== undefined) this.end(number, nowMs, by)
  }

  // What is to be written by now; nothing when there is none.
  take(nowMs: number): RowBuffer | undefined {
    if (nowMs < this.#nextMs) return undefined
    const rows = new RowBuffer(Math.max(16, this.#fresh.size + this.#ends.size))
    for (const [number, tMs] of this.#ends) rows.push(number, tMs, staleNaN)
    this.#ends.clear()
    for (const number of this.#again.take(nowMs)) this.#repeat(number, nowMs)
    for (const number of this.#head.takeDue(nowMs)) {
      const { by, value } = this.#series.get(number)!
      if (!this.#held.has(by)) this.#head.put(number, nowMs, value)
    }
    for (const number of this.#fresh) this.#write(number, nowMs, rows)
    this.#fresh = new Set()
    this.#nextMs = Math.min(this.#again.nextMs, this.#head.nextMs)
    return rows.length === 0 ? undefined : rows
  }

  // Through which windows rules look from now on.
  follow(windows: readonly Watch[]): void {
    this.#head.follow(windows)
    for (const [number, { atMs, isTimed }] of this.#series) {
      if (!isTimed) this.#head.begin(number, this.seriesOf(number), atMs)
    }
    this.#wake(this.#head.nextMs)
  }

  // After a reload: what is not put again or kept until endUnclaimed() nobody records any more.
  beginAnew(): void {
    this.#unclaimed = new Set(this.#series.keys())
    this.#rivals.clear()
    this.#held.clear()
    for (const known of this.#series.values()) known.by = nobody
  }

  // Goes on as it is, if it did.
  keep(series: Series, nowMs: number, by: number): void {
    const number = this.#table.find(series)
    const known = number === undefined ? undefined : this.#series.get(number)
    if (known?.hasLapsed === false) this.putAgain(number!, known.value, nowMs, by)
  }

  endUnclaimed(nowMs: number): void {
    for (const number of this.#unclaimed) {
      // Not of a rule.
      if (!ofHosts.has(this.#table.get(number).name)) this.end(number, nowMs, nobody)
    }
    this.#unclaimed.clear()
  }

  takeSlots(): readonly number[] {
    return this.#head.takeSlots()
  }

  seriesOf(number: number): Series {
    return this.#table.get(number)
  }

  has(number: number): boolean {
    return this.#series.has(number)
  }

  #put(number: number, value: number, nowMs: number): void {
    this.#unclaimed.delete(number)
    const known = this.#series.get(number)
    if (known === undefined) {
      const first = begun(value, nowMs)
      this.#ends.delete(number)
      this.#series.set(number, first)
      this.#head.begin(number, this.seriesOf(number), nowMs)
      this.#putAnew(number, value, nowMs, first)
    } else if (!Object.is(known.value, value) || known.hasLapsed) this.#putAnew(number, value, nowMs, known)
  }

  #putAnew(number: number, value: number, nowMs: number, known: Written): void {
    known.value = value
    known.atMs = nowMs
    known.hasLapsed = false
    this.#head.put(number, nowMs, value)
    this.#fresh.add(number)
    this.#wake(secondAfter(nowMs))
  }

  // Of two rules the one that stands first writes the series, and the other waits.
  #takesOver(number: number, known: Written, { by, value, nowMs }: Turn): boolean {
    if (by > known.by) {
      this.#rivals.wait(number, by, value)
      if (!Object.is(known.value, value)) this.#contested.inc()
      return false
    }
    if (known.by !== nobody) this.#rivals.wait(number, known.by, known.value)
    this.#rivals.leave(number, by)
    this.#give(number, known, by, nowMs)
    return true
  }

  // Whether the rule that writes it from now on has times of its own is known when it does.
  #give(number: number, known: Written, by: number, nowMs: number): void {
    known.by = by
    if (!known.isTimed) return
    known.isTimed = false
    this.#head.begin(number, this.seriesOf(number), known.atMs)
    this.#wake(secondAfter(nowMs))
  }

  #repeat(number: number, nowMs: number): void {
    const known = this.#series.get(number)
    // What is fresh is written anyway, with the time that it has.
    if (known === undefined || this.#fresh.has(number) || nowMs - known.wroteMs < againMs - 1_000) return
    if (this.#held.has(known.by)) known.hasLapsed = true
    else this.#putAnew(number, known.value, nowMs, known)
  }

  #write(number: number, nowMs: number, rows: RowBuffer): void {
    const known = this.#series.get(number)!
    known.wroteMs = nowMs
    rows.push(number, known.atMs, known.value)
    this.#again.add(Math.floor((nowMs + againMs) / 1_000), number)
  }

  #wake(atMs: number): void {
    this.#nextMs = Math.min(this.#nextMs, atMs)
  }
}
