// Which number stands for which series in this process. Numbers are dense and never reused, so that columns,
// heads and stores can be arrays. Filled by the store at start, then by whoever receives samples.
import { keyOf, metricName } from './labels.ts'
import { matches } from './matchers.ts'
import type { Labels, Matcher, Series } from './model.ts'
import { partitionOf } from './partition.ts'

// The answer of intern() when the table is full.
export const refused = -1

// Of a series with neither host nor instance: its partition is that of the batch's source.
const bySource = 255

export class SeriesTable {
  readonly #max: number
  readonly #series: (Series | undefined)[] = []
  readonly #byKey = new Map<string, number>()
  readonly #byName = new Map<string, number[]>()
  #partitions = new Uint8Array(1_024)

  constructor(max = 1_000_000) {
    this.#max = max
  }

  // One more than the highest number in use.
  get size(): number {
    return this.#series.length
  }

  intern(name: string, labels: Labels): number {
    const series = { name, labels }
    const key = keyOf(series)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    if (this.#byKey.size >= this.#max) return refused
    return this.#put(this.#series.length, series, key)
  }

  find(series: Series): number | undefined {
    return this.#byKey.get(keyOf(series))
  }

  // Puts a series under the number that a store has saved for it.
  adopt(id: number, series: Series): void {
    if (this.#series[id] !== undefined) throw new Error(`series ${id} is taken`)
    this.#put(id, series, keyOf(series))
  }

  get(id: number): Series {
    const series = this.#series[id]
    if (series === undefined) throw new Error(`series ${id} is unknown`)
    return series
  }

  has(id: number): boolean {
    return this.#series[id] !== undefined
  }

  partition(id: number, sourcePartition = 0): number {
    const partition = this.#partitions[id] ?? bySource
    return partition === bySource ? sourcePartition : partition
  }

  // The numbers of all series that every matcher accepts, ascending.
  select(matchers: readonly Matcher[]): number[] {
    const exact = matchers.find(each => each.name === metricName && each.op === '=')
    if (exact !== undefined) {
      const named = this.#byName.get(exact.value) ?? []
      const others = matchers.filter(each => each !== exact)
      return others.length === 0 ? [...named] : named.filter(id => matches(this.get(id), others))
    }
    const found: number[] = []
    for (const [id, series] of this.#series.entries()) {
      if (series !== undefined && matches(series, matchers)) found.push(id)
    }
    return found
  }

  #put(id: number, series: Series, key: string): number {
    // Numbers that the store has given up stay holes.
    while (this.#series.length < id) this.#series.push(undefined)
    this.#series[id] = series
    this.#byKey.set(key, id)
    const named = this.#byName.get(series.name)
    if (named === undefined) this.#byName.set(series.name, [id])
    else named.push(id)
    if (id >= this.#partitions.length) this.#widen(id)
    const owner = series.labels.host ?? series.labels.instance
    this.#partitions[id] = owner === undefined ? bySource : partitionOf(owner)
    return id
  }

  #widen(id: number): void {
    const wider = new Uint8Array(Math.max(id + 1, this.#partitions.length * 2))
    wider.set(this.#partitions)
    this.#partitions = wider
  }
}
