// Rules that record a series which an earlier rule records already: their values wait, and the first of them goes on when
// that one ends it, as Prometheus takes the first of two samples of one time. Called by recorder.ts.

// By series: values by the place of the rule among all.
export class Rivals {
  readonly #waiting = new Map<number, Map<number, number>>()

  wait(series: number, by: number, value: number): void {
    const waiting = this.#waiting.get(series) ?? new Map<number, number>()
    if (waiting.size === 0) this.#waiting.set(series, waiting)
    waiting.set(by, value)
  }

  leave(series: number, by: number): void {
    const waiting = this.#waiting.get(series)
    if (waiting?.delete(by) === true && waiting.size === 0) this.#waiting.delete(series)
  }

  // Whose turn it is now.
  next(series: number): Readonly<{ by: number; value: number }> | undefined {
    const waiting = this.#waiting.get(series)
    if (waiting === undefined) return undefined
    const by = Math.min(...waiting.keys())
    const value = waiting.get(by)!
    this.leave(series, by)
    return { by, value }
  }

  clear(): void {
    this.#waiting.clear()
  }
}
