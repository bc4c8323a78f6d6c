// A source of samples that somebody has written down: the series of a unit test, of a backtest, of a conformance file.
// Each series is two columns that grow. Called by those.
import { keyOf, metricName } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher, Series } from '#core/model.ts'
import { writeStale } from '#core/stale.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import { firstAfter } from './evaluate/search.ts'
import type { Point } from './series-line.ts'
import type { Source } from './source.ts'

type Held = { series: Series; tMs: Float64Array; values: Float64Array; count: number }

export class MemorySource implements Source {
  readonly #byName = new Map<string, Map<string, Held>>()

  clear(): void {
    this.#byName.clear()
  }

  add(series: Series, points: readonly Point[], stepMs: number, fromMs = 0): void {
    for (const [at, point] of points.entries()) {
      if (point !== undefined) this.put(series, fromMs + at * stepMs, point)
    }
  }

  // Of two points of one time the later wins.
  put(series: Series, tMs: number, point: number | 'stale'): void {
    const held = this.#held(series)
    const at = firstAfter(held.tMs.subarray(0, held.count), tMs, 0)
    const isKnown = at > 0 && held.tMs[at - 1] === tMs
    const place = isKnown ? at - 1 : at
    if (!isKnown) makeRoom(held, place)
    held.tMs[place] = tMs
    if (point === 'stale') writeStale(held.values, place)
    else held.values[place] = point
  }

  // The newest sample; nothing when there is none.
  last(series: Series): Readonly<{ tMs: number; value: number }> | undefined {
    const held = this.#byName.get(series.name)?.get(keyOf(series))
    if (held === undefined) return undefined
    return { tMs: held.tMs[held.count - 1]!, value: held.values[held.count - 1]! }
  }

  select(matchers: readonly Matcher[], { fromMs, toMs }: Range): SeriesSamples[] {
    const name = matchers.find(each => each.name === metricName && each.op === '=')?.value
    const named =
      name === undefined ? this.#byName.values() : [this.#byName.get(name) ?? new Map<string, Held>()]
    const found: SeriesSamples[] = []
    for (const all of named) {
      for (const { series, tMs, values, count } of all.values()) {
        if (!matches(series, matchers)) continue
        const times = tMs.subarray(0, count)
        const from = firstAfter(times, fromMs - 1, 0)
        const to = firstAfter(times, toMs, from)
        if (to > from) found.push({ series, tMs: tMs.slice(from, to), values: values.slice(from, to) })
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
    const held = { series, tMs: new Float64Array(8), values: new Float64Array(8), count: 0 }
    all.set(key, held)
    return held
  }
}

function makeRoom(held: Held, at: number): void {
  if (held.count === held.tMs.length) {
    held.tMs = widened(held.tMs)
    held.values = widened(held.values)
  }
  held.tMs.copyWithin(at + 1, at, held.count)
  held.values.copyWithin(at + 1, at, held.count)
  held.count += 1
}

function widened(column: Float64Array): Float64Array {
  const wide = new Float64Array(column.length * 2)
  wide.set(column)
  return wide
}
