// What the replayed rules have written, laid over what is stored. Under a name that they record only their own results
// count from the beginning of the replay on, so that what the live rules wrote then does not mix with it. Grows by
// whole columns and forgets what no one looks back to. Called by replay.ts.
import { Failure } from '#core/errors.ts'
import { keyOf, metricName } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher, Series } from '#core/model.ts'
import { isStale, writeStale } from '#core/stale.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import { firstAfter } from '#promql/evaluate/search.ts'
import type { Source } from '#promql/source.ts'

type Held = { series: Series; tMs: Float64Array; values: Float64Array; begin: number; end: number }

const samplesMax = 20_000_000

export class Recorded implements Source {
  readonly #below: Source
  readonly #fromMs: number
  readonly #isOurs: (series: Series) => boolean
  readonly #byName = new Map<string, Map<string, Held>>()
  #samples = 0

  constructor(below: Source, fromMs: number, isOurs: (series: Series) => boolean) {
    this.#below = below
    this.#fromMs = fromMs
    this.#isOurs = isOurs
  }

  // Behind what there is of the series, in almost all cases.
  append(series: Series, tMs: Float64Array, values: Float64Array): void {
    if (tMs.length === 0) return
    const held = this.#held(series)
    const newestMs = held.end > held.begin ? held.tMs[held.end - 1]! : Number.NEGATIVE_INFINITY
    // Two rules that write one series.
    if (tMs[0]! <= newestMs) {
      this.#weave(held, tMs, values)
      return
    }
    if (held.end + tMs.length > held.tMs.length) makeRoom(held, tMs.length)
    held.tMs.set(tMs, held.end)
    held.values.set(values, held.end)
    held.end += tMs.length
    this.#count(tMs.length)
  }

  // Of one time the later counts.
  #weave(held: Held, tMs: Float64Array, values: Float64Array): void {
    const at = firstAfter(held.tMs.subarray(0, held.end), tMs[0]! - 1, held.begin)
    const kept = { tMs: held.tMs.slice(at, held.end), values: held.values.slice(at, held.end) }
    const count = held.end - held.begin
    held.end = at
    const woven = wovenOf(kept, { tMs, values })
    if (held.end + woven.tMs.length > held.tMs.length) makeRoom(held, woven.tMs.length)
    held.tMs.set(woven.tMs, held.end)
    held.values.set(woven.values, held.end)
    held.end += woven.tMs.length
    this.#count(held.end - held.begin - count)
  }

  #count(more: number): void {
    this.#samples += more
    if (this.#samples <= samplesMax) return
    const what = `the rules that record have made ${this.#samples} samples that others look back to`
    throw new Failure('too_many_samples', `${what}, at most ${samplesMax} may be held`)
  }

  forget(beforeMs: number): void {
    for (const all of this.#byName.values()) {
      for (const [key, held] of all) {
        const begin = firstAfter(held.tMs.subarray(0, held.end), beforeMs - 1, held.begin)
        this.#samples -= begin - held.begin
        held.begin = begin
        if (held.begin === held.end) all.delete(key)
      }
    }
  }

  select(
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): readonly SeriesSamples[] | Promise<readonly SeriesSamples[]> {
    const below = this.#below.select(matchers, range, signal)
    return below instanceof Promise
      ? below.then(found => this.#over(found, matchers, range))
      : this.#over(below, matchers, range)
  }

  #over(
    below: readonly SeriesSamples[],
    matchers: readonly Matcher[],
    range: Range,
  ): readonly SeriesSamples[] {
    const above = this.#found(matchers, range)
    if (above.size === 0 && !below.some(({ series }) => this.#isOurs(series))) return below
    const all: SeriesSamples[] = []
    for (const each of below) {
      const old = this.#isOurs(each.series) ? until(each, this.#fromMs) : each
      const key = keyOf(each.series)
      const over = above.get(key)
      above.delete(key)
      if (over !== undefined) all.push(joined(old, over))
      else if (old.tMs.length > 0) all.push(old)
    }
    return [...all, ...above.values()]
  }

  #found(matchers: readonly Matcher[], { fromMs, toMs }: Range): Map<string, SeriesSamples> {
    const name = matchers.find(each => each.name === metricName && each.op === '=')?.value
    const named = name === undefined ? [...this.#byName.values()] : [this.#byName.get(name) ?? new Map()]
    const found = new Map<string, SeriesSamples>()
    for (const all of named as Map<string, Held>[]) {
      for (const [key, { series, tMs, values, begin, end }] of all) {
        if (!matches(series, matchers)) continue
        const times = tMs.subarray(0, end)
        const from = firstAfter(times, fromMs - 1, begin)
        const to = firstAfter(times, toMs, from)
        if (to > from)
          found.set(key, { series, tMs: tMs.subarray(from, to), values: values.subarray(from, to) })
      }
    }
    return found
  }

  #held(series: Series): Held {
    const all = this.#byName.get(series.name) ?? new Map<string, Held>()
    this.#byName.set(series.name, all)
    const key = keyOf(series)
    const known = all.get(key)
    if (known !== undefined) return known
    const held = { series, tMs: new Float64Array(8), values: new Float64Array(8), begin: 0, end: 0 }
    all.set(key, held)
    return held
  }
}

type Column = Pick<SeriesSamples, 'tMs' | 'values'>

function wovenOf(one: Column, other: Column): Column {
  const tMs = new Float64Array(new Set([...one.tMs, ...other.tMs])).sort()
  const values = new Float64Array(tMs.length)
  for (const from of [one, other]) {
    let at = 0
    for (const [each, time] of from.tMs.entries()) {
      while (tMs[at] !== time) at++
      if (isStale(from.values, each)) writeStale(values, at)
      else values[at] = from.values[each]!
    }
  }
  return { tMs, values }
}

// New columns: those before may have been handed out.
function makeRoom(held: Held, more: number): void {
  const count = held.end - held.begin
  const wide = (column: Float64Array): Float64Array => {
    const next = new Float64Array(2 * (count + more))
    next.set(column.subarray(held.begin, held.end))
    return next
  }
  held.tMs = wide(held.tMs)
  held.values = wide(held.values)
  held.begin = 0
  held.end = count
}

function until({ series, tMs, values }: SeriesSamples, endMs: number): SeriesSamples {
  const to = firstAfter(tMs, endMs - 1, 0)
  return { series, tMs: tMs.subarray(0, to), values: values.subarray(0, to) }
}

// Of one time, what the rules wrote counts. Whole columns are copied, because a stale marker lives in the bits.
function joined(old: SeriesSamples, over: SeriesSamples): SeriesSamples {
  const before = until(old, over.tMs[0]!)
  const tMs = new Float64Array(before.tMs.length + over.tMs.length)
  const values = new Float64Array(tMs.length)
  tMs.set(before.tMs)
  values.set(before.values)
  tMs.set(over.tMs, before.tMs.length)
  values.set(over.values, before.tMs.length)
  return { series: over.series, tMs, values }
}
