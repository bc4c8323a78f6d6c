// What have the changes of a series added up to? Turns OTLP's delta temporality into counters, which is what rate()
// and increase() want. Lives in memory: after a restart a sum begins at 0 again, which they take for a counter's reset.
// Called by otlp-rows.ts.

// `atMs` is the time of the last change, with its fraction: several may happen within a millisecond.
type Sum = { total: number; atMs: number }
type Added = Readonly<{ total: number; takeBack: () => void }>

export type DeltaOptions = Readonly<{ seriesMax: number; onForget: () => void }>

export class DeltaSums {
  readonly #options: DeltaOptions
  // In the order of their last change, so that the first is the one to forget.
  readonly #sums = new Map<number, Sum>()

  constructor(options: DeltaOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#sums.size
  }

  // A sender that saw no answer sends again: changes up to this time have been added already.
  isRepeated(series: number, atMs: number): boolean {
    const known = this.#sums.get(series)
    return known !== undefined && atMs <= known.atMs
  }

  add(series: number, change: number, atMs: number): Added {
    const before = this.#sums.get(series) ?? { total: 0, atMs: Number.NEGATIVE_INFINITY }
    const sum = { total: before.total + change, atMs }
    this.#sums.delete(series)
    this.#sums.set(series, sum)
    if (this.#sums.size > this.#options.seriesMax) this.#forgetOldest()
    // What was not stored will be sent again, with the same time; others may have added theirs meanwhile.
    const takeBack = (): void => {
      const now = this.#sums.get(series)
      if (now === undefined) return
      now.total -= change
      if (now.atMs === atMs) now.atMs = before.atMs
    }
    return { total: sum.total, takeBack }
  }

  #forgetOldest(): void {
    const oldest = this.#sums.keys().next().value
    if (oldest === undefined) return
    this.#sums.delete(oldest)
    this.#options.onForget()
  }
}
