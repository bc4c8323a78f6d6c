// Long work in small pieces: the store's thread must come back to writers within a few milliseconds, whatever
// it flushes, merges or reads. Called in the loops of flush.ts, merge.ts and read.ts.
import { elapsedMs } from '../../clock.ts'

const pieceMs = 4

export class Breath {
  #since = elapsedMs()

  // Whether it is time to `await breath.taken()`. A question first, so that a loop awaits seldom.
  get isDue(): boolean {
    return elapsedMs() - this.#since > pieceMs
  }

  async taken(): Promise<void> {
    await new Promise<void>(resolve => setImmediate(resolve))
    this.#since = elapsedMs()
  }
}
