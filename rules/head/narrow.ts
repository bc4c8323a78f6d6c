// Which of many watches may select a series at all? Ten thousand rules on one metric that differ in `host="…"` must
// not cost ten thousand comparisons for each new series. Called by interests.ts.
import { labelValue, metricName } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher, Series } from '#core/model.ts'

type Watching = Readonly<{ matchers: readonly Matcher[] }>

export class Narrow {
  readonly #watches: readonly Watching[]
  // Watches by a label that they want and its value; the others by nothing.
  readonly #byLabel = new Map<string, Map<string, number[]>>()
  readonly #rest: number[] = []

  constructor(watches: readonly Watching[], of: readonly number[]) {
    this.#watches = watches
    const values = new Map<string, Set<string>>()
    const wanted = of.map(each => watches[each]!.matchers.filter(isTelling))
    for (const { name, value } of wanted.flat()) getOr(values, name, () => new Set()).add(value)
    // Of a watch that wants several labels, the one that tells most watches apart.
    const rank = ({ name }: Matcher): number => values.get(name)?.size ?? 0
    for (const [at, watch] of of.entries()) {
      const [first, ...more] = wanted[at]!
      if (first === undefined) this.#rest.push(watch)
      else {
        const best = more.reduce((a, b) => (rank(b) > rank(a) ? b : a), first)
        const byValue = getOr(this.#byLabel, best.name, () => new Map<string, number[]>())
        getOr(byValue, best.value, (): number[] => []).push(watch)
      }
    }
  }

  // Adds those that select the series.
  find(series: Series, found: number[]): void {
    this.#judge(this.#rest, series, found)
    for (const [label, byValue] of this.#byLabel) {
      this.#judge(byValue.get(labelValue(series, label)) ?? [], series, found)
    }
  }

  #judge(candidates: readonly number[], series: Series, found: number[]): void {
    for (const each of candidates) if (matches(series, this.#watches[each]!.matchers)) found.push(each)
  }
}

const isTelling = ({ name, op }: Matcher): boolean => op === '=' && name !== metricName

function getOr<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
