// What one rule writes. Two rules that write one series do not disturb each other: that of the earlier is written, and
// the other goes on when it ends. Called by the live rules; recorder.ts keeps what is written.
import type { Series } from '#core/model.ts'
import type { RuleSample } from '../evaluate-rule.ts'
import type { Recorder } from './recorder.ts'

export class Pen {
  readonly #recorder: Recorder
  // Its place among all rules.
  readonly #by: number

  constructor(recorder: Recorder, by: number) {
    this.#recorder = recorder
    this.#by = by
  }

  // The series' number; nothing when the table is full.
  put(series: Series, value: number, nowMs: number): number | undefined {
    const number = this.#recorder.numberOf(series)
    if (number !== undefined) this.putAgain(number, value, nowMs)
    return number
  }

  putAgain(number: number, value: number, nowMs: number): void {
    this.#recorder.putAgain(number, value, nowMs, this.#by)
  }

  end(number: number, nowMs: number): void {
    this.#recorder.end(number, nowMs, this.#by)
  }

  endSeries(series: Series, nowMs: number): void {
    this.#recorder.endSeries(series, nowMs, this.#by)
  }

  // After a reload: it goes on until it is written again or ended.
  keep(series: Series, nowMs: number): void {
    this.#recorder.keep(series, nowMs, this.#by)
  }

  // What an evaluation as a whole gives out.
  write(samples: readonly RuleSample[]): void {
    for (const { series, value, tMs } of samples) {
      if (value === 'stale') this.endSeries(series, tMs)
      else this.put(series, value, tMs)
    }
  }

  // The same at each time of a group that has an interval: equal values too.
  writeEach(samples: readonly RuleSample[]): void {
    for (const { series, value, tMs } of samples) {
      if (value === 'stale') {
        this.endSeries(series, tMs)
        continue
      }
      const number = this.#recorder.numberOf(series)
      if (number !== undefined) this.#recorder.putEach(number, value, tMs, this.#by)
    }
  }

  // Whether the rule has just failed; called before what it writes now.
  failed(hasFailed: boolean, nowMs: number): void {
    if (hasFailed) this.#recorder.hold(this.#by)
    else this.#recorder.release(this.#by, nowMs)
  }

  seriesOf(number: number): Series {
    return this.#recorder.seriesOf(number)
  }
}
