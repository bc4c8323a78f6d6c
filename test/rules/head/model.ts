// The head as one would write it without thinking of time or memory: maps of maps, everything looked at every time.
// What the real one is held against by model.test.ts.
import { matches } from '#core/matchers.ts'
import type { SeriesTable } from '#core/series.ts'
import type { Watch } from '../../../rules/head.ts'

// NaN and the stale marker are told apart by name.
export type Value = number | 'stale'
export type Row = Readonly<{ series: number; tMs: number; value: Value }>

type Held = {
  samples: Map<number, Value>
  notedMs: number
  newestMs: number
  // What is not after this may have been forgotten.
  neededMs: number
  keepMs: number
  windowsMs: number[]
  ends: boolean
  watches: number[]
}

const second = (tMs: number): number => Math.ceil(tMs / 1_000) * 1_000

export class Model {
  readonly held = new Map<number, Held>()
  readonly changed = new Set<number>()
  nowMs = -Infinity
  #watches: readonly Watch[] = []
  #later: Row[] = []
  readonly #table: SeriesTable
  readonly #lookbackMs: number

  constructor(table: SeriesTable, lookbackMs: number) {
    this.#table = table
    this.#lookbackMs = lookbackMs
  }

  watch(watches: readonly Watch[]): void {
    this.#watches = watches
    this.changed.clear()
    for (const [series, held] of [...this.held]) {
      const next = this.#open(series)
      if (next === undefined) this.held.delete(series)
      else {
        const { samples, notedMs, newestMs } = held
        this.held.set(series, { ...next, samples, notedMs, newestMs })
        this.#forget(this.held.get(series)!)
      }
    }
  }

  take(rows: readonly Row[], nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs)
    for (const row of rows) this.#take(row, this.nowMs + 60_000)
  }

  put(row: Row): void {
    this.#take(row, Infinity)
  }

  warm(series: number, rows: readonly Row[]): void {
    const [first] = rows
    const held = this.held.get(series) ?? this.#open(series)
    if (held === undefined || first === undefined) return
    const visible = rows.filter(each => each.tMs <= this.nowMs + 60_000)
    for (const row of rows.slice(visible.length)) this.#hold(row)
    if (visible.length === 0) return
    this.held.set(series, held)
    for (const { tMs, value } of visible) {
      if (!held.samples.has(tMs)) held.samples.set(tMs, value)
      held.newestMs = Math.max(held.newestMs, tMs)
    }
    this.#forget(held)
  }

  due(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs)
    const ripe = this.#later.filter(each => second(each.tMs - 60_000) <= this.nowMs)
    this.#later = this.#later.filter(each => !ripe.includes(each))
    ripe.sort((a, b) => second(a.tMs) - second(b.tMs))
    this.take(ripe, this.nowMs)
    for (const [series, held] of this.held) {
      if (this.#dueMs(held) > this.nowMs) continue
      this.changed.add(series)
      held.notedMs = this.nowMs
    }
  }

  nextDueMs(): number {
    const later = this.#later.map(each => second(each.tMs - 60_000))
    return Math.min(Infinity, ...later, ...[...this.held.values()].map(each => this.#dueMs(each)))
  }

  #dueMs({ samples, notedMs, newestMs, windowsMs, ends }: Held): number {
    const sinceMs = Math.max(notedMs, newestMs)
    const leaves = [...samples.keys()].flatMap(tMs => windowsMs.map(window => tMs + window))
    const due = leaves.filter(each => each > sinceMs).map(second)
    const endMs = newestMs + this.#lookbackMs
    if (ends && endMs > sinceMs && samples.get(newestMs) !== 'stale') due.push(endMs)
    return Math.min(Infinity, ...due)
  }

  #take(row: Row, visibleMs: number): void {
    const { series, tMs, value } = row
    const held = this.held.get(series) ?? this.#open(series)
    if (held === undefined) return
    if (tMs > visibleMs) {
      this.#hold(row)
      return
    }
    this.held.set(series, held)
    if (tMs <= held.newestMs - held.keepMs - 60_000) return
    const before = held.samples.get(tMs)
    held.samples.set(tMs, value)
    const isOther = before !== value && !(Number.isNaN(before) && Number.isNaN(value))
    if (tMs > held.newestMs || (tMs === held.newestMs && isOther)) {
      if (!this.changed.has(series)) held.notedMs = this.nowMs
      this.changed.add(series)
    }
    held.newestMs = Math.max(held.newestMs, tMs)
    this.#forget(held)
  }

  #hold(row: Row): void {
    if (row.tMs <= this.nowMs + 600_000) this.#later.push(row)
  }

  #forget(held: Held): void {
    held.neededMs = Math.max(held.neededMs, held.newestMs - held.keepMs - 60_000)
  }

  #open(series: number): Held | undefined {
    const watches = [...this.#watches.keys()].filter(each =>
      matches(this.#table.get(series), this.#watches[each]!.matchers),
    )
    if (watches.length === 0) return undefined
    const all = watches.map(each => this.#watches[each]!)
    return {
      samples: new Map(),
      notedMs: -Infinity,
      newestMs: -Infinity,
      neededMs: -Infinity,
      keepMs: Math.max(...all.map(each => each.keepMs)),
      windowsMs: all.flatMap(each => each.windowsMs),
      ends: all.some(each => each.ends),
      watches,
    }
  }
}
