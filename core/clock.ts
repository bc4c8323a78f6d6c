// What time is it, and wake me later: the only file that reads the machine's clock. Everything else is
// handed a Clock, so that tests and backtests live on a simulated one.

export interface Clock {
  nowMs(): number
  // Since some moment of this process: it neither jumps nor goes back when somebody sets the machine's clock, and
  // means nothing to another process.
  monotonicMs(): number
  // Calls back once, not before the time has passed; the answer ends it early.
  after(delayMs: number, wake: () => void): Timer
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
}

export type Timer = Readonly<{ cancel(): void }>

export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => elapsedMs(),
  after(delayMs, wake) {
    const timer = setTimeout(wake, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
  sleep: (delayMs, signal) => sleepOn(realClock, delayMs, signal),
}

// Calls back only when something else keeps the process for so long.
export const afterIfAlive = (delayMs: number, wake: () => void): void =>
  void setTimeout(wake, delayMs).unref()

// How long something took: monotonic, so that a clock that jumps does not show in it.
export const elapsedMs = (): number => performance.now()

// Time that stands still until a test moves it. Timers fire in the order of their times.
export class SimulatedClock implements Clock {
  #nowMs: number
  #timers: { atMs: number; wake: () => void }[] = []

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, wake: () => void): Timer {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), wake }
    this.#timers.push(timer)
    const cancel = (): void => {
      this.#timers = this.#timers.filter(each => each !== timer)
    }
    return { cancel }
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal)
  }

  // Fires what is due up to then, one by one, letting what each has set off settle in between.
  async runUntil(untilMs: number, settled = promisesSettled): Promise<void> {
    for (;;) {
      await settled()
      const next = this.#timers.reduce<{ atMs: number; wake: () => void } | undefined>(
        (first, each) => (first === undefined || each.atMs < first.atMs ? each : first),
        undefined,
      )
      if (next === undefined || next.atMs > untilMs) break
      this.#timers = this.#timers.filter(each => each !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.wake()
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
    await settled()
  }

  runFor(durationMs: number, settled = promisesSettled): Promise<void> {
    return this.runUntil(this.#nowMs + durationMs, settled)
  }
}

// Also of work that gives others their turn: on a busy machine it takes a breath where it never did before.
async function promisesSettled(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise<void>(resolve => setImmediate(resolve))
}

function sleepOn(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}
