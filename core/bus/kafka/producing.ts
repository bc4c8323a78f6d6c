// Hands records to the brokers, until all copies that must have them have them. One try each; who asks decides about
// the next. Called by topic-queue.ts.
//
// kafkajs' own retries stay off: on its second try it leaves out brokers that have answered, and with them, unsent but
// reported as sent, the partitions that moved to those brokers meanwhile.
import { CompressionTypes, Partitioners, type Producer, type RecordMetadata } from 'kafkajs'
import type { Log } from '../../log.ts'
import { openClient, requestMs } from './client.ts'
import { errorOf } from './mended.ts'
import type { Outgoing } from './records.ts'
import type { KafkaSettings } from './settings.ts'

export class Producing {
  readonly #settings: KafkaSettings
  readonly #log: Log
  #producer: Promise<Producer> | undefined

  constructor(settings: KafkaSettings, log: Log) {
    this.#settings = settings
    this.#log = log
  }

  // Answers the trouble of each partition that took nothing.
  async send(topic: string, records: readonly Outgoing[]): Promise<Map<number, unknown>> {
    this.#producer ??= this.#open()
    const producing = this.#producer
    try {
      const producer = await producing
      const told = await producer.send({
        topic,
        acks: -1,
        timeout: requestMs,
        compression: CompressionTypes.ZSTD,
        messages: records as Outgoing[],
      })
      const troubles = troublesOf(told, records)
      // What it knows of the partitions is out of date.
      if (troubles.size > 0) this.#drop(producing)
      return troubles
    } catch (error) {
      // A connection that swallowed a request would swallow the next one too.
      this.#drop(producing)
      throw error
    }
  }

  async close(): Promise<void> {
    const producing = this.#producer
    this.#producer = undefined
    if (producing !== undefined) await disconnect(producing)
  }

  #drop(producing: Promise<Producer>): void {
    if (this.#producer === producing) this.#producer = undefined
    disconnect(producing)
  }

  async #open(): Promise<Producer> {
    const producer = openClient(this.#settings, this.#log).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
    })
    await producer.connect()
    return producer
  }
}

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

const disconnect = (producing: Promise<Producer>): Promise<void> =>
  producing.then(each => each.disconnect()).catch(() => {})
