// Long work in small pieces: whoever else waits for the thread gets his turn within a few milliseconds. Called in the
// loops of the embedded store (flush.ts, merge.ts, read.ts) and wherever many series are gone through.
import { elapsedMs } from './clock.ts'

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
