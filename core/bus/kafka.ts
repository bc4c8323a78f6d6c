// The bus of a fleet: Apache Kafka. What is published is with all copies that must have it when publish() resolves, and
// a group's position moves when its handler has dealt with the records. Called by bin/ for what the configuration names
// `engines.bus.kafka`; the only place of kafkajs is the folder beside this file.
import type { At, Bus, BusHealth, Handler, SubscribeOptions, Subscription, Topic, Topics } from '../bus.ts'
import type { Clock } from '../clock.ts'
import { lettersInPortions } from '../dead-letter.ts'
import { Failure } from '../errors.ts'
import type { Log } from '../log.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { SeriesTable } from '../series.ts'
import { Asking } from './kafka/asking.ts'
import { ensureTopics } from './kafka/ensure-topics.ts'
import { Lag } from './kafka/lag.ts'
import { placesAt } from './kafka/positions.ts'
import { Producing } from './kafka/producing.ts'
import { openReader } from './kafka/reader.ts'
import { type Codecs, codecsOf } from './kafka/records.ts'
import type { KafkaSettings } from './kafka/settings.ts'
import { TopicQueue } from './kafka/topic-queue.ts'
import { fullName } from './kafka/topics.ts'

export type KafkaBusOptions = Readonly<{
  settings: KafkaSettings
  table: SeriesTable
  clock: Clock
  own: OwnMetrics
  log: Log
}>

// Resolves when the brokers are there and the topics are as they must be.
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaBus> {
  const asking = new Asking(options.settings, options.clock, options.log)
  try {
    await ensureTopics(asking, options.settings, options.clock)
  } catch (error) {
    await asking.close()
    throw error
  }
  return new KafkaBus(options, asking)
}

// A success says for so long that writing works.
const freshMs = 5_000
const probeMs = 3_000
// A refusal is believed for so long: nobody may be left who would try again.
const refusedMs = 30_000

export class KafkaBus implements Bus {
  readonly carries = 'text'
  readonly #options: KafkaBusOptions
  readonly #asking: Asking
  readonly #codecs: Codecs
  readonly #producing: Producing
  readonly #lag: Lag
  readonly #queues = new Map<Topic, TopicQueue>()
  readonly #subscriptions = new Set<Subscription>()
  #isClosed = false

  constructor(options: KafkaBusOptions, asking: Asking) {
    const { settings, table, clock, own, log } = options
    this.#options = options
    this.#asking = asking
    this.#codecs = codecsOf(table, own)
    this.#producing = new Producing(settings, clock, log)
    this.#lag = new Lag(asking, clock, own)
    own
      .gauge('plimsoll_bus_held_bytes')
      .read(() => [...this.#queues.values()].reduce((sum, each) => sum + each.held, 0))
  }

  async publish<T extends Topic>(topic: T, records: readonly Topics[T][]): Promise<void> {
    if (this.#isClosed) throw new Failure('stopping', 'the bus is closed')
    await this.#write(topic, records)
  }

  async subscribe<T extends Topic>(
    topic: T,
    group: string,
    handler: Handler<T>,
    { from = 'committed', paused = false }: SubscribeOptions = {},
  ): Promise<Subscription> {
    if (this.#isClosed) throw new Failure('stopping', 'the bus is closed')
    const bury = (letters: readonly Topics['deadletter'][]) => this.#bury(topic, letters)
    const parts = { codec: this.#codecs[topic], handler, bury }
    const where = { topic, group, from, paused }
    const reader = await openReader({ ...this.#options, ...where, asking: this.#asking, parts })
    const subscription: Subscription = {
      pause: partitions => reader.pause(partitions),
      resume: partitions => reader.resume(partitions),
      seek: places => reader.seek(places),
      stop: async () => {
        await reader.stop()
        this.#lag.forget(reader)
        this.#subscriptions.delete(subscription)
      },
    }
    this.#subscriptions.add(subscription)
    try {
      // Also while it was opened.
      if (!this.#isClosed) await reader.joined
      if (this.#isClosed) throw new Failure('stopping', 'the bus is closed')
    } catch (error) {
      await subscription.stop()
      throw error
    }
    this.#lag.watch(reader)
    return subscription
  }

  async places(topic: Topic, at: At): Promise<ReadonlyMap<number, number>> {
    if (this.#isClosed) throw new Failure('stopping', 'the bus is closed')
    return placesAt(at, this.#asking, fullName(this.#options.settings, topic))
  }

  async health(): Promise<BusHealth> {
    if (this.#isClosed) return { writable: false, reason: 'the bus is closed' }
    const { clock, settings } = this.#options
    const queue = this.#queueOf('samples')
    const nowMs = clock.monotonicMs()
    const { trouble } = queue
    if (trouble === undefined && nowMs - queue.lastSentMs < freshMs) return { writable: true }
    if (trouble?.code === 'bus_refused' && nowMs - queue.troubleMs < refusedMs)
      return { writable: false, reason: trouble.detail }
    const samples = fullName(settings, 'samples')
    try {
      const { topics } = await this.#asking.ask(
        `looking at ${samples}`,
        admin => admin.fetchTopicMetadata({ topics: [samples] }),
        probeMs,
      )
      const without = topics.flatMap(each => each.partitions).filter(each => each.leader < 0).length
      if (without === 0) return { writable: true }
      return { writable: false, reason: `${without} partitions of ${samples} have no leader` }
    } catch (error) {
      return { writable: false, reason: (error as Failure).detail }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#subscriptions].map(each => each.stop()))
    this.#lag.close()
    await Promise.all([...this.#queues.values()].map(each => each.idle()))
    await this.#producing.close()
    await this.#asking.close()
  }

  // Also while the bus closes: readers that stop have something to finish.
  async #write<T extends Topic>(topic: T, records: readonly Topics[T][]): Promise<void> {
    const { clock, own } = this.#options
    const sinceMs = clock.monotonicMs()
    const outgoing = records.flatMap(each => this.#codecs[topic].write(each))
    try {
      await this.#queueOf(topic).add(outgoing)
    } catch (error) {
      own.counter('plimsoll_bus_publish_failures_total').inc(1, { topic, reason: (error as Failure).code })
      throw error
    }
    own.counter('plimsoll_bus_published_total').inc(outgoing.length, { topic })
    own.histogram('plimsoll_bus_publish_seconds').observe((clock.monotonicMs() - sinceMs) / 1_000, { topic })
  }

  // Of what cannot even be read as a dead letter nothing more is kept.
  async #bury(topic: Topic, letters: readonly Topics['deadletter'][]): Promise<void> {
    const { own, log } = this.#options
    if (topic !== 'deadletter')
      for (const portion of lettersInPortions(letters)) await this.#write('deadletter', portion)
    own.counter('plimsoll_bus_unreadable_total').inc(letters.length, { topic })
    log.warn('bus', 'records could not be read and were passed over', {
      code: topic,
      reason: letters[0]?.reason,
    })
  }

  #queueOf(topic: Topic): TopicQueue {
    const known = this.#queues.get(topic)
    if (known !== undefined) return known
    const { settings, clock } = this.#options
    const name = fullName(settings, topic)
    const written = this.#options.own.counter('plimsoll_bus_written_bytes_total')
    const made = new TopicQueue({
      topic: name,
      clock,
      send: async records => {
        const troubles = await this.#producing.send(name, records)
        const taken = records.filter(({ partition = 0 }) => !troubles.has(partition))
        const bytes = taken.reduce((sum, { value }) => sum + value.length, 0)
        written.inc(bytes, { topic })
        return troubles
      },
    })
    this.#queues.set(topic, made)
    return made
  }
}
