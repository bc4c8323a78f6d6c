// How long did the parts of an answer take? Waiting for a turn, reading samples, computing. In the words and seconds
// of Prometheus, whose clients read them, beside the samples that it took. Called by evaluate-routes.ts.
import type { Source } from '#promql/source.ts'
import type { Cost } from '#promql/value.ts'

const seconds = (ms: number): number => Math.round(ms * 1_000) / 1e6

export class Stopwatch {
  readonly #elapsedMs: () => number
  readonly #askedMs: number
  #begunMs: number
  #readMs: number

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
    this.#askedMs = elapsedMs()
    this.#begunMs = this.#askedMs
    this.#readMs = this.#askedMs
  }

  // It is its turn.
  begin(): void {
    this.#begunMs = this.#elapsedMs()
    this.#readMs = this.#begunMs
  }

  // Everything is read before anything is computed, so reading ends with the last that was read.
  over(source: Source): Source {
    return {
      select: async (matchers, range, signal) => {
        const found = await source.select(matchers, range, signal)
        this.#readMs = this.#elapsedMs()
        return found
      },
    }
  }

  stats({ used, read, peak }: Cost): object {
    const nowMs = this.#elapsedMs()
    return {
      timings: {
        evalTotalTime: seconds(nowMs - this.#begunMs),
        resultSortTime: 0,
        queryPreparationTime: seconds(this.#readMs - this.#begunMs),
        innerEvalTime: seconds(nowMs - this.#readMs),
        execQueueTime: seconds(this.#begunMs - this.#askedMs),
        execTotalTime: seconds(nowMs - this.#askedMs),
      },
      samples: { totalQueryableSamples: used, samplesRead: read, peakSamples: peak },
    }
  }
}
