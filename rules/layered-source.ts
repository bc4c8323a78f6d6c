// What earlier rules of a group have just found, laid over a source, so that later rules see it at the same time.
// Called by group.ts; what is written down for good is the caller's.
import { keyOf, metricName } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher } from '#core/model.ts'
import { writeStale } from '#core/stale.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import type { Source } from '#promql/source.ts'
import type { RuleSample } from './evaluate-rule.ts'

export class LayeredSource implements Source {
  readonly #below: Source
  // By name: most of it, such as ALERTS, no later rule ever asks for.
  readonly #above = new Map<string, RuleSample[]>()

  constructor(below: Source) {
    this.#below = below
  }

  add(samples: readonly RuleSample[]): void {
    for (const each of samples) {
      const named = this.#above.get(each.series.name)
      if (named === undefined) this.#above.set(each.series.name, [each])
      else named.push(each)
    }
  }

  select(
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): readonly SeriesSamples[] | Promise<readonly SeriesSamples[]> {
    const below = this.#below.select(matchers, range, signal)
    const above = this.#found(matchers, range)
    if (above.size === 0) return below
    return below instanceof Promise ? below.then(found => merged(found, above)) : merged(below, above)
  }

  // By key; all are of one time, and of one series the later counts.
  #found(matchers: readonly Matcher[], { fromMs, toMs }: Range): Map<string, RuleSample> {
    const name = matchers.find(each => each.name === metricName && each.op === '=')?.value
    const named = name === undefined ? [...this.#above.values()].flat() : (this.#above.get(name) ?? [])
    const found = new Map<string, RuleSample>()
    for (const each of named) {
      if (each.tMs < fromMs || each.tMs > toMs || !matches(each.series, matchers)) continue
      found.set(keyOf(each.series), each)
    }
    return found
  }
}

function merged(below: readonly SeriesSamples[], above: Map<string, RuleSample>): SeriesSamples[] {
  const all = below.map(each => {
    const key = keyOf(each.series)
    const over = above.get(key)
    above.delete(key)
    return over === undefined ? each : withOne(each, over)
  })
  const nothing = new Float64Array(0)
  for (const each of above.values())
    all.push(withOne({ series: each.series, tMs: nothing, values: nothing }, each))
  return all
}

// In the place of one of its time, else between its neighbours. Whole columns are copied, because a stale marker
// lives in the bits.
function withOne({ series, tMs, values }: SeriesSamples, { tMs: atMs, value }: RuleSample): SeriesSamples {
  const next = tMs.findLastIndex(each => each <= atMs) + 1
  const place = next > 0 && tMs[next - 1] === atMs ? next - 1 : next
  const times = new Float64Array(place + 1 + tMs.length - next)
  const all = new Float64Array(times.length)
  times.set(tMs.subarray(0, place))
  all.set(values.subarray(0, place))
  times.set(tMs.subarray(next), place + 1)
  all.set(values.subarray(next), place + 1)
  times[place] = atMs
  if (value === 'stale') writeStale(all, place)
  else all[place] = value
  return { series, tMs: times, values: all }
}
