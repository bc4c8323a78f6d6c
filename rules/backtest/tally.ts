// What the firings of one rule come to: how many, how long, how short, at night, at once, of which label sets. Counts
// exactly however many there are; only lists are bounded. Called by replay.ts, read by advice.ts.

import type { Labels } from '#core/model.ts'
import type { Nights } from './nights.ts'
import type { Episode, Tallied } from './report.ts'
import type { Listener, Span } from './states.ts'

const minute = 60_000
export const shortMs = 2 * minute
const repeatMs = 60 * minute
const cells = 240
const topMax = 5

type Open = Readonly<{ labels: Labels; beginMs: number; isRepeated: boolean }>
type Counted = { labels: Labels; firings: number; totalMs: number }

// Of each rule so many firings are listed, and so many label sets told apart.
export type Between = Readonly<{ fromMs: number; toMs: number; nights: Nights; listedMax: number }>

export class Tally implements Listener {
  readonly #between: Between
  readonly #open = new Map<string, Open>()
  readonly #endedMs = new Map<string, number>()
  readonly #sets = new Map<string, Counted>()
  // How often each duration occurs: they are multiples of the step.
  readonly #durations = new Map<number, number>()
  readonly #strip = new Array<number>(cells).fill(0)
  readonly #episodes: Episode[] = []
  // Times of beginnings and ends since the last settle(), for how many fire at once.
  #turns: { tMs: number; change: 1 | -1 }[] = []
  #firing = 0
  #atOnce = 0
  firings = 0
  #totalMs = 0
  #longestMs = 0
  #short = 0
  #repeated = 0
  #night = 0
  #nightMs = 0
  #weight = 0
  #weightOfAll = 0

  constructor(between: Between) {
    this.#between = between
  }

  begins(key: string, labels: Labels, beginMs: number): void {
    const isRepeated = beginMs - (this.#endedMs.get(key) ?? Number.NEGATIVE_INFINITY) <= repeatMs
    this.#open.set(key, { labels, beginMs, isRepeated })
    this.#turns.push({ tMs: beginMs, change: 1 })
    this.firings += 1
  }

  ends(key: string, endMs: number, span: Span): void {
    const open = this.#open.get(key)
    if (open === undefined) throw new Error(`an alert ended that had not begun: ${key}`)
    this.#open.delete(key)
    this.#endedMs.set(key, endMs)
    this.#turns.push({ tMs: endMs, change: -1 })
    this.#count(key, open, endMs - open.beginMs < shortMs)
    this.#time(key, open, endMs)
    this.#keep({ labels: open.labels, beginMs: open.beginMs, endMs, ...spanOf(span) })
  }

  // All up to then has been told: label sets are walked one after the other, so only now is the order known.
  settle(nowMs: number): void {
    this.#turns.sort((a, b) => a.tMs - b.tMs || a.change - b.change)
    for (const { change } of this.#turns) {
      this.#firing += change
      if (this.#firing > this.#atOnce) this.#atOnce = this.#firing
    }
    this.#turns = []
    for (const [key, tMs] of this.#endedMs) if (nowMs - tMs > repeatMs) this.#endedMs.delete(key)
  }

  // What still fires counts up to the end, and is not short: nobody knows.
  close(spans: ReadonlyMap<string, Span>): Tallied {
    const { toMs } = this.#between
    const open = this.#open.size
    for (const [key, each] of this.#open) {
      this.#count(key, each, false)
      this.#time(key, each, toMs)
      const { labels, beginMs } = each
      this.#keep({ labels, beginMs, endMs: null, ...spanOf(spans.get(key)) })
    }
    const sets = [...this.#sets.values()].sort((a, b) => b.firings - a.firings || b.totalMs - a.totalMs)
    return {
      firings: this.firings,
      totalMs: this.#totalMs,
      medianMs: medianOf(this.#durations),
      longestMs: this.#longestMs,
      short: this.#short,
      repeated: this.#repeated,
      night: this.#night,
      nightMs: this.#nightMs,
      atOnce: this.#atOnce,
      open,
      labelSets: sets.length,
      top: sets.slice(0, topMax).map(each => ({ ...each })),
      noise: this.#weightOfAll === 0 ? 0 : Math.round((100 * this.#weight) / this.#weightOfAll),
      weight: this.#weight,
      strip: this.#strip.map(Math.round),
      episodes: this.#episodes,
      episodesMore: this.firings - this.#episodes.length,
    }
  }

  // By night a firing counts twice: it wakes somebody.
  #count(key: string, { labels, beginMs, isRepeated }: Open, isShort: boolean): void {
    const isNight = this.#between.nights.has(beginMs)
    const weight = isNight ? 2 : 1
    if (isShort) this.#short += 1
    if (isRepeated) this.#repeated += 1
    if (isNight) this.#night += 1
    if (isShort || isRepeated) this.#weight += weight
    this.#weightOfAll += weight
    const set = this.#sets.get(key)
    if (set !== undefined) set.firings += 1
    else if (this.#sets.size < this.#between.listedMax)
      this.#sets.set(key, { labels, firings: 1, totalMs: 0 })
  }

  #time(key: string, { beginMs }: Open, endMs: number): void {
    const lastedMs = endMs - beginMs
    this.#totalMs += lastedMs
    this.#longestMs = Math.max(this.#longestMs, lastedMs)
    this.#durations.set(lastedMs, (this.#durations.get(lastedMs) ?? 0) + 1)
    this.#nightMs += this.#between.nights.between(beginMs, endMs)
    const set = this.#sets.get(key)
    if (set !== undefined) set.totalMs += lastedMs
    this.#draw(beginMs, endMs)
  }

  #draw(beginMs: number, endMs: number): void {
    const { fromMs, toMs } = this.#between
    const cellMs = (toMs - fromMs) / cells
    const placeOf = (tMs: number): number =>
      Math.min(cells - 1, Math.max(0, Math.floor((tMs - fromMs) / cellMs)))
    for (let cell = placeOf(beginMs); cell <= placeOf(endMs); cell++) {
      const cellFromMs = fromMs + cell * cellMs
      this.#strip[cell]! += Math.max(0, Math.min(endMs, cellFromMs + cellMs) - Math.max(beginMs, cellFromMs))
    }
  }

  #keep(episode: Episode): void {
    if (this.#episodes.length < this.#between.listedMax) this.#episodes.push(episode)
  }
}

const spanOf = (span: Span | undefined): Pick<Episode, 'least' | 'most'> => ({
  least: numberOf(span?.least),
  most: numberOf(span?.most),
})

// JSON has no infinity.
const numberOf = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null

function medianOf(counts: ReadonlyMap<number, number>): number | null {
  const sorted = [...counts].sort(([a], [b]) => a - b)
  const all = sorted.reduce((sum, [, count]) => sum + count, 0)
  const at = (place: number): number => {
    let passed = 0
    for (const [value, count] of sorted) {
      passed += count
      if (passed > place) return value
    }
    return 0
  }
  return all === 0 ? null : (at(Math.floor((all - 1) / 2)) + at(Math.floor(all / 2))) / 2
}
