// Clients that are asked nothing any more, while others may still wait for what they have asked by them: each ends in
// peace, and at the latest when their owner closes. Called by asking.ts and producing.ts.
import type { Clock } from '../../clock.ts'
import { type Client, letGo } from './client.ts'

type Departure = Readonly<{ end: Promise<void>; hurry(): void }>

export class Leaving {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #departures = new Set<Departure>()

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  add(client: Client, disconnected: Promise<unknown>): void {
    const hurried = Promise.withResolvers<void>()
    const sooner = Promise.race([disconnected, hurried.promise])
    const end = letGo(client, sooner, { clock: this.#clock, limitMs: this.#limitMs })
    const departure = { end, hurry: hurried.resolve }
    this.#departures.add(departure)
    void end.finally(() => this.#departures.delete(departure))
  }

  async close(): Promise<void> {
    const departures = [...this.#departures]
    for (const { hurry } of departures) hurry()
    await Promise.all(departures.map(({ end }) => end))
  }
}
