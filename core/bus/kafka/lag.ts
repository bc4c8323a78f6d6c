// How far behind are our readers? In records by asking the brokers now and then, since a reader whose store is away
// fetches nothing and hears nothing; in seconds by the oldest record in hand. Opened by ../kafka.ts.
import type { Topic } from '../../bus.ts'
import type { Clock, Timer } from '../../clock.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import type { Asking } from './asking.ts'
import { endsOf } from './positions.ts'
import type { Reader } from './reader.ts'

const everyMs = 10_000
const limitMs = 5_000

type Watched = Pick<Reader<Topic>, 'topic' | 'groupId' | 'positions' | 'inHand' | 'owed' | 'labels'>

export class Lag {
  readonly #asking: Asking
  readonly #clock: Clock
  readonly #own: OwnMetrics
  readonly #readers = new Map<Watched, number>()
  #timer: Timer | undefined

  constructor(asking: Asking, clock: Clock, own: OwnMetrics) {
    this.#asking = asking
    this.#clock = clock
    this.#own = own
  }

  watch(reader: Watched): void {
    this.#readers.set(reader, Number.NaN)
    this.#own.gauge('plimsoll_bus_lag_records').read(() => this.#records(reader.labels), reader.labels)
    this.#own.gauge('plimsoll_bus_lag_seconds').read(() => this.#seconds(reader.labels), reader.labels)
    this.#lookLater(0)
  }

  forget(reader: Watched): void {
    this.#readers.delete(reader)
  }

  close(): void {
    this.#readers.clear()
    this.#timer?.cancel()
  }

  // Of all readers of this process that go by these labels; not a number when there is none.
  #records({ topic, group }: Watched['labels']): number {
    const found = [...this.#readers].filter(
      ([each]) => each.labels.topic === topic && each.labels.group === group,
    )
    return found.length === 0 ? Number.NaN : found.reduce((sum, [, lag]) => sum + lag, 0)
  }

  #seconds({ topic, group }: Watched['labels']): number {
    const found = [...this.#readers.keys()].filter(
      each => each.labels.topic === topic && each.labels.group === group,
    )
    if (found.length === 0) return Number.NaN
    const oldest = Math.min(...found.flatMap(each => [...each.inHand.values()]))
    return Number.isFinite(oldest) ? Math.max(0, this.#clock.nowMs() - oldest) / 1_000 : 0
  }

  #lookLater(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.after(delayMs, () => {
      this.#look().finally(() => {
        if (this.#readers.size > 0) this.#lookLater(everyMs)
      })
    })
  }

  async #look(): Promise<void> {
    for (const reader of this.#readers.keys()) {
      const lag = await this.#lagOf(reader).catch(() => Number.NaN)
      if (this.#readers.has(reader)) this.#readers.set(reader, lag)
    }
  }

  async #lagOf(reader: Watched): Promise<number> {
    const ends = await endsOf(this.#asking, reader.topic)
    const dealt = reader.positions ?? (await this.#committed(reader))
    const lags = reader.owed.map(partition => {
      const { low, high } = ends.get(partition) ?? { low: 0, high: 0 }
      return Math.max(0, high - Math.max(low, dealt.get(partition) ?? low))
    })
    return lags.reduce((sum, each) => sum + each, 0)
  }

  async #committed({ groupId, topic }: Watched): Promise<ReadonlyMap<number, number>> {
    const [found] = await this.#asking.ask(
      `asking what ${groupId} has committed`,
      admin => admin.fetchOffsets({ groupId, topics: [topic] }),
      limitMs,
    )
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
  }
}
