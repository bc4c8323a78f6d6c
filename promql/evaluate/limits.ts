// How much one question may cost, and what happens when it costs more: it ends with an error that names the limit.
// Also when others get their turn: a long evaluation breathes, a short one never does. Called by everyone in this
// folder who goes through series.
import { elapsedMs } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Cost } from '../value.ts'

export type Limits = Readonly<{
  // Steps of a range: 11 000 as in Prometheus.
  steps: number
  // Series that one selector may find.
  series: number
  // Samples read, and numbers held at one time.
  samples: number
  // How deep expressions may be nested.
  depth: number
  timeMs: number
}>

export const defaultLimits: Limits = {
  steps: 11_000,
  series: 1_000_000,
  samples: 20_000_000,
  depth: 200,
  timeMs: 60_000,
}

// All selectors of an expression together may find so many times what one may: each series takes room, however few
// its samples.
const selectorsMax = 5

const breathMs = 10
// Numbers that are computed before the clock is looked at: a tenth of a millisecond.
const sliceCells = 16_384

export class Budget {
  readonly limits: Limits
  readonly #signal: AbortSignal | undefined
  readonly #endsMs: number
  #breathedMs: number
  #read = 0
  #series = 0
  #heldMost = 0
  // Numbers in rows that are still needed.
  held = 0
  // Samples that steps have looked at.
  used = 0

  constructor(limits: Limits, signal: AbortSignal | undefined) {
    this.limits = limits
    this.#signal = signal
    this.#breathedMs = elapsedMs()
    this.#endsMs = this.#breathedMs + limits.timeMs
  }

  // Whether it is time to let others work; ends the evaluation when it was told to stop or takes too long.
  isTired(): boolean {
    const nowMs = elapsedMs()
    if (nowMs - this.#breathedMs < breathMs) return false
    this.check(nowMs)
    return true
  }

  check(nowMs = elapsedMs()): void {
    this.#signal?.throwIfAborted()
    if (nowMs <= this.#endsMs) return
    throw new Failure('query_timeout', `not done after ${this.limits.timeMs} ms`)
  }

  rested(): void {
    this.#breathedMs = elapsedMs()
    this.check(this.#breathedMs)
  }

  read(series: number, samples: number): void {
    const { limits } = this
    if (series > limits.series) {
      throw new Failure(
        'too_many_samples',
        `a selector finds ${series} series, at most ${limits.series} may be`,
      )
    }
    this.#series += series
    const seriesMax = limits.series * selectorsMax
    if (this.#series > seriesMax) {
      const what = `the selectors find ${this.#series} series together, at most ${seriesMax} may be`
      throw new Failure('too_many_samples', what)
    }
    this.#read += samples
    if (this.#read <= limits.samples) return
    const what = `${this.#read} samples are needed, at most ${limits.samples} may be read`
    throw new Failure('too_many_samples', what)
  }

  // Called before rows are made.
  hold(numbers: number): void {
    this.held += numbers
    if (this.held > this.#heldMost) this.#heldMost = this.held
    if (this.held <= this.limits.samples) return
    const what = `${this.held} numbers would be held at one time, at most ${this.limits.samples} may be`
    throw new Failure('too_many_samples', what)
  }

  get cost(): Cost {
    return { used: this.used, read: this.#read, peak: Math.max(this.#read, this.#heldMost) }
  }
}

// Work that stops where it may be interrupted: the same code answers at once and in breaths.
export type Run<T> = Generator<void, T, void>

export function runNow<T>(run: Run<T>): T {
  for (;;) {
    const step = run.next()
    if (step.done === true) return step.value
  }
}

// Goes through rows, so many that others wait no longer than they have to.
export function* inSlices(
  rows: number,
  steps: number,
  budget: Budget,
  work: (from: number, to: number) => void,
): Run<void> {
  const each = Math.max(1, Math.floor(sliceCells / Math.max(1, steps)))
  for (let from = 0; from < rows; from += each) {
    work(from, Math.min(rows, from + each))
    if (budget.isTired()) yield
  }
}
