// A subscription on Kafka: it reads as a member of a group, joins anew for ever when it is thrown out or the brokers go,
// and ends when it is asked to. What happens to the records is in turn.ts. Called by ../kafka.ts for each subscribe().
import { randomUUID } from 'node:crypto'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { Subscription, Topic } from '../../bus.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import type { Asking } from './asking.ts'
import { failureOf, isRefused } from './failures.ts'
import { beMember } from './member.ts'
import { OwnPositions } from './own-positions.ts'
import { type Begun, beginAt, endsOf, type OwnStart } from './positions.ts'
import { Session } from './session.ts'
import type { KafkaSettings } from './settings.ts'
import { fullName, readingOf } from './topics.ts'
import { type TurnParts, Turns } from './turn.ts'

export type ReaderOptions<T extends Topic> = Readonly<{
  topic: T
  group: string
  from: OwnStart | 'committed'
  paused: boolean
  settings: KafkaSettings
  asking: Asking
  clock: Clock
  own: OwnMetrics
  log: Log
  parts: Pick<TurnParts<T>, 'codec' | 'handler' | 'bury'>
}>

const firstPauseMs = 500
const lastPauseMs = 5_000

// Begins to read; `joined` tells when it does.
export async function openReader<T extends Topic>(options: ReaderOptions<T>): Promise<Reader<T>> {
  const { from, paused, asking, settings, topic } = options
  const name = fullName(settings, topic)
  const begun = from === 'committed' ? undefined : await beginAt(from, asking, name)
  const all = paused ? (begun?.positions ?? (await endsOf(asking, name))).keys() : []
  const reader = new Reader(options, begun)
  reader.pause([...all])
  return reader
}

// The type that comes with kafkajs does not tell.
type Fetch = EachBatchPayload['batch'] & Readonly<{ fetchedOffset: string }>

export class Reader<T extends Topic> implements Subscription {
  readonly #options: ReaderOptions<T>
  readonly #turns: Turns<T>
  readonly #stop = new AbortController()
  readonly #joined = Promise.withResolvers<void>()
  readonly #life: Promise<void>
  readonly #paused = new Set<number>()
  #assigned: readonly number[] = []
  #consumer: Consumer | undefined
  #session: Session
  #joins = 0
  readonly labels: Readonly<{ topic: T; group: string }>
  // As the brokers know them.
  readonly topic: string
  groupId: string
  // Of a reader that keeps its own.
  readonly positions: OwnPositions | undefined
  // By partition, when the oldest record in hand was written.
  readonly inHand = new Map<number, number>()

  constructor(options: ReaderOptions<T>, begun: Begun | undefined) {
    const { clock, own, log, parts, settings, topic, group } = options
    this.#options = options
    this.labels = { topic, group }
    this.topic = fullName(settings, topic)
    this.positions = begun && new OwnPositions(begun.positions)
    this.groupId = this.#newGroupId()
    if (begun !== undefined && begun.lost.length > 0) this.#onLost(begun.lost)
    this.#session = new Session(clock, log)
    const retries = own.counter('plimsoll_bus_handler_retries_total')
    this.#turns = new Turns({
      ...parts,
      name: readingOf(this.labels),
      clock,
      log,
      keep: (session, partition, next) => session.commit(partition, next),
      onRetry: () => retries.inc(1, this.labels),
    })
    this.#life = this.#live()
  }

  // Resolves when it has joined, or was stopped before; rejects when the brokers refuse it.
  get joined(): Promise<void> {
    return this.#joined.promise
  }

  pause(partitions: readonly number[]): void {
    for (const each of partitions) this.#paused.add(each)
    this.#tell(consumer => consumer.pause([{ topic: this.topic, partitions: [...partitions] }]))
  }

  resume(partitions: readonly number[]): void {
    for (const each of partitions) this.#paused.delete(each)
    this.#tell(consumer => consumer.resume([{ topic: this.topic, partitions: [...partitions] }]))
  }

  seek(places: ReadonlyMap<number, number>): void {
    const { positions } = this
    if (positions === undefined) {
      throw new Error(`${this.groupId} begins where it has committed, and cannot seek`)
    }
    for (const next of places.values()) {
      if (!Number.isSafeInteger(next) || next < 0) throw new Error(`there is no record ${next}`)
    }
    for (const [partition, next] of places) {
      positions.set(partition, next)
      this.#seek(partition)
    }
  }

  // Whose records wait for us. Who keeps his own positions is given all partitions, and pauses what is for others.
  get owed(): readonly number[] {
    if (this.positions === undefined) return this.#assigned
    return this.#assigned.filter(each => !this.#paused.has(each))
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#session.end()
    await this.#life
  }

  // A consumer that has not joined yet, or has just crashed, takes no orders; the next join sees to them.
  #tell(order: (consumer: Consumer) => void): void {
    try {
      if (this.#consumer !== undefined) order(this.#consumer)
    } catch (error) {
      this.#options.log.debug('bus', 'a consumer took no order', { error })
    }
  }

  #seek(partition: number): void {
    const next = this.positions?.get(partition)
    if (next === undefined) return
    this.#tell(consumer => consumer.seek({ topic: this.topic, partition, offset: String(next) }))
  }

  // Each turn of the loop is a member of its own, since a consumer that crashed is of no use.
  async #live(): Promise<void> {
    const { settings, clock, log, own } = this.#options
    let pauseMs = firstPauseMs
    while (!this.#stop.signal.aborted) {
      const joinsBefore = this.#joins
      this.groupId = this.#newGroupId()
      const error = await beMember(
        {
          settings,
          clock,
          log,
          groupId: this.groupId,
          topic: this.topic,
          onJoin: (consumer, partitions) => this.#onJoin(consumer, partitions),
          onBatch: payload => this.#onBatch(payload),
          onOutOfRange: partition => {
            this.positions?.lose(partition)
            this.#onLost([partition])
          },
        },
        this.#stop.signal,
      )
      this.#session.end()
      this.#consumer = undefined
      this.#assigned = []
      if (this.#stop.signal.aborted) break
      const lost = { code: readingOf(this.labels), error: failureOf(error, `reading ${this.topic}`) }
      if (this.#joins === 0 && isRefused(error)) return this.#joined.reject(lost.error)
      own.counter('plimsoll_bus_reader_restarts_total').inc(1, this.labels)
      log.warn('bus', 'a reader lost the brokers and joins again', lost)
      pauseMs = this.#joins > joinsBefore ? firstPauseMs : Math.min(pauseMs * 2, lastPauseMs)
      await clock.sleep(pauseMs, this.#stop.signal).catch(() => {})
    }
    this.#joined.resolve()
  }

  // Members of one group read one topic. Who keeps positions is a new one each time: the old waits for who he was.
  #newGroupId(): string {
    return `${this.topic}.${this.labels.group}${this.positions === undefined ? '' : `.${randomUUID()}`}`
  }

  #onJoin(consumer: Consumer, partitions: readonly number[]): void {
    const { clock, log, own } = this.#options
    this.#session.end()
    this.#session = new Session(clock, log)
    if (this.#stop.signal.aborted) this.#session.end()
    this.#consumer = consumer
    this.#assigned = partitions
    if (this.#joins++ > 0) own.counter('plimsoll_bus_rebalances_total').inc(1, this.labels)
    for (const each of partitions) this.#seek(each)
    if (this.#paused.size > 0) consumer.pause([{ topic: this.topic, partitions: [...this.#paused] }])
    this.#joined.resolve()
  }

  // What is left unresolved is fetched again, by us or by whoever owns the partition then.
  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload
    const { partition } = batch
    const session = this.#session
    if (!payload.isRunning() || payload.isStale() || this.#paused.has(partition)) return
    if (session.lostBy !== undefined) throw session.lostBy
    const stand = this.positions?.stand(partition, Number((batch as Fetch).fetchedOffset))
    if (this.positions !== undefined && stand === undefined) return this.#seek(partition)
    const lastOffset = batch.lastOffset()
    const fetched = { partition, next: Number(lastOffset) + 1, messages: batch.messages }
    const { own } = this.#options
    const bytes = batch.messages.reduce((sum, each) => sum + (each.value?.length ?? 0), 0)
    own.counter('plimsoll_bus_read_bytes_total').inc(bytes, this.labels)
    this.inHand.set(partition, Number(batch.messages[0]?.timestamp))
    try {
      const end = await session.while(this.#membershipBy(payload), () =>
        this.#turns.take(fetched, session, stand),
      )
      if (end === 'done') {
        // Not when somebody has sought meanwhile.
        if ((this.positions?.get(partition) ?? fetched.next) === fetched.next)
          payload.resolveOffset(lastOffset)
        own.counter('plimsoll_bus_handled_total').inc(batch.messages.length, this.labels)
      }
    } finally {
      this.inHand.delete(partition)
    }
    if (session.lostBy !== undefined) throw session.lostBy
  }

  #membershipBy({ heartbeat, commitOffsetsIfNecessary }: EachBatchPayload) {
    return {
      heartbeat,
      commit: (offsets: ReadonlyMap<number, number>) => {
        const partitions = [...offsets].map(([partition, next]) => ({ partition, offset: String(next) }))
        return commitOffsetsIfNecessary({ topics: [{ topic: this.topic, partitions }] })
      },
    }
  }

  #onLost(partitions: readonly number[]): void {
    const { own, log } = this.#options
    own.counter('plimsoll_bus_positions_lost_total').inc(partitions.length, this.labels)
    log.warn('bus', 'records are gone that were not read yet; reading goes on at the oldest', {
      code: this.groupId,
      partitions,
    })
  }
}
