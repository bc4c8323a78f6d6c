// What has to be looked at again, and when? A page for each time that has something on it, the earliest first; times
// without a page cost nothing, however far the clock jumps. Called by dues.ts and held.ts.

export class Calendar<Page> {
  readonly #open: () => Page
  readonly #pages = new Map<number, Page>()
  // A heap: above the one at `at` is the one at (at − 1) >> 1, which is not later.
  readonly #times: number[] = []

  constructor(open: () => Page) {
    this.#open = open
  }

  get nextMs(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY
  }

  page(tMs: number): Page {
    const known = this.#pages.get(tMs)
    if (known !== undefined) return known
    const page = this.#open()
    this.#pages.set(tMs, page)
    this.#rise(tMs)
    return page
  }

  // Takes the earliest page away.
  takeNext(): Page {
    const next = this.nextMs
    const page = this.#pages.get(next)
    if (page === undefined) throw new Error('the calendar is empty')
    this.#pages.delete(next)
    const last = this.#times.pop()!
    if (this.#times.length > 0) this.#sink(last)
    return page
  }

  clear(): void {
    this.#pages.clear()
    this.#times.length = 0
  }

  #rise(tMs: number): void {
    const times = this.#times
    let at = times.length
    while (at > 0) {
      const above = (at - 1) >> 1
      if (times[above]! <= tMs) break
      times[at] = times[above]!
      at = above
    }
    times[at] = tMs
  }

  // From the top, whose time has gone.
  #sink(tMs: number): void {
    const times = this.#times
    const { length } = times
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below >= length) break
      if (below + 1 < length && times[below + 1]! < times[below]!) below++
      if (times[below]! >= tMs) break
      times[at] = times[below]!
      at = below
    }
    times[at] = tMs
  }
}
