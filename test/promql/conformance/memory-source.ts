// A source of samples that a test has written down. Called by the conformance runner and the tests of the evaluator.
import { keyOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher, Series } from '#core/model.ts'
import { writeStale } from '#core/stale.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import type { Source } from '#promql/source.ts'
import type { Point } from './command.ts'

export class MemorySource implements Source {
  #held = new Map<string, { series: Series; points: Map<number, number | 'stale'> }>()
  #ready: SeriesSamples[] | undefined

  clear(): void {
    this.#held = new Map()
    this.#ready = undefined
  }

  // Of two points of one time the later wins.
  add(series: Series, points: readonly Point[], stepMs: number): void {
    const key = keyOf(series)
    const held = this.#held.get(key) ?? { series, points: new Map() }
    this.#held.set(key, held)
    for (const [at, point] of points.entries()) if (point !== undefined) held.points.set(at * stepMs, point)
    this.#ready = undefined
  }

  select(matchers: readonly Matcher[], { fromMs, toMs }: Range): SeriesSamples[] {
    this.#ready ??= [...this.#held.values()].map(columnsOf)
    const found: SeriesSamples[] = []
    for (const { series, tMs, values } of this.#ready) {
      if (!matches(series, matchers)) continue
      const from = tMs.findIndex(each => each >= fromMs)
      const to = tMs.findLastIndex(each => each <= toMs) + 1
      if (from < 0 || to <= from) continue
      found.push({ series, tMs: tMs.subarray(from, to), values: values.subarray(from, to) })
    }
    return found
  }
}

type Held = Readonly<{ series: Series; points: ReadonlyMap<number, number | 'stale'> }>

function columnsOf({ series, points }: Held): SeriesSamples {
  const sorted = [...points].sort(([a], [b]) => a - b)
  const values = new Float64Array(sorted.length)
  for (const [at, [, point]] of sorted.entries()) {
    if (point === 'stale') writeStale(values, at)
    else values[at] = point
  }
  return { series, tMs: Float64Array.from(sorted, ([tMs]) => tMs), values }
}
