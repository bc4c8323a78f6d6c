// Hands records to the brokers, until all copies that must have them have them. One try each; who asks decides about
// the next. Called by topic-queue.ts.
//
// kafkajs' own retries stay off: on its second try it leaves out brokers that have answered, and with them, unsent but
// reported as sent, the partitions that moved to those brokers meanwhile.
import { CompressionTypes, Partitioners, type Producer, type RecordMetadata } from 'kafkajs'
import type { Clock } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type Client, letGo, openClient, requestMs } from './client.ts'
import { Leaving } from './leaving.ts'
import { errorOf } from './mended.ts'
import type { Outgoing } from './records.ts'
import type { KafkaSettings } from './settings.ts'

type Open = Readonly<{ client: Client; producer: Promise<Producer> }>

const closeMs = 2_000

export class Producing {
  readonly #settings: KafkaSettings
  readonly #clock: Clock
  readonly #log: Log
  // What others have sent by them may still be answered.
  readonly #leaving: Leaving
  #open: Open | undefined
  #isClosed = false

  constructor(settings: KafkaSettings, clock: Clock, log: Log) {
    this.#settings = settings
    this.#clock = clock
    this.#log = log
    this.#leaving = new Leaving(clock, requestMs)
  }

  // Answers the trouble of each partition that took nothing.
  async send(topic: string, records: readonly Outgoing[]): Promise<Map<number, unknown>> {
    if (this.#isClosed) throw new Failure('stopping', 'the bus is closed')
    this.#open ??= this.#connect()
    const open = this.#open
    try {
      const producer = await open.producer
      const told = await producer.send({
        topic,
        acks: -1,
        timeout: requestMs,
        compression: CompressionTypes.ZSTD,
        messages: records as Outgoing[],
      })
      const troubles = troublesOf(told, records)
      // What it knows of the partitions is out of date.
      if (troubles.size > 0) this.#drop(open)
      return troubles
    } catch (error) {
      // A connection that swallowed a request would swallow the next one too.
      this.#drop(open)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const open = this.#open
    this.#open = undefined
    await Promise.all([this.#leaving.close(), open && this.#end(open)])
  }

  #drop(open: Open): void {
    if (this.#open !== open) return
    this.#open = undefined
    this.#leaving.add(open.client, disconnectedOf(open))
  }

  #connect(): Open {
    const client = openClient(this.#settings, this.#log)
    const producer = client.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
    })
    return { client, producer: producer.connect().then(() => producer) }
  }

  #end(open: Open): Promise<void> {
    return letGo(open.client, disconnectedOf(open), { clock: this.#clock, limitMs: closeMs })
  }
}

const disconnectedOf = ({ producer }: Open): Promise<void> => producer.then(each => each.disconnect())

function troublesOf(told: readonly RecordMetadata[], records: readonly Outgoing[]): Map<number, unknown> {
  const troubles = new Map<number, unknown>()
  const answered = new Set(told.map(each => each.partition))
  for (const { partition, errorCode } of told)
    if (errorCode !== 0) troubles.set(partition, errorOf(errorCode))
  for (const { partition } of records) {
    if (partition !== undefined && !answered.has(partition))
      troubles.set(partition, new Error(`no answer for partition ${partition}`))
  }
  return troubles
}
