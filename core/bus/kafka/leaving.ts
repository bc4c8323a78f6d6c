// Clients that are asked nothing any more, while others may still wait for what they have asked by them: each ends in
// peace, and at the latest when their owner closes. Called by asking.ts and producing.ts.
import type { Clock } from '../../clock.ts'
import { type Client, letGo } from './client.ts'

export class Leaving {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #closed = Promise.withResolvers<void>()
  readonly #ends = new Set<Promise<void>>()

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  add(client: Client, disconnected: Promise<unknown>): void {
    const sooner = Promise.race([disconnected, this.#closed.promise])
    const end = letGo(client, sooner, { clock: this.#clock, limitMs: this.#limitMs })
    this.#ends.add(end)
    void end.finally(() => this.#ends.delete(end))
  }

  async close(): Promise<void> {
    this.#closed.resolve()
    await Promise.all(this.#ends)
  }
}
