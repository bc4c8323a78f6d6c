// Work of which one piece at a time may run; a failure is its own caller's and stops nobody else. Called by
// engine.ts.

export class Lane {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}
