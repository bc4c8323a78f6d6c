// Which records share a request? Whatever waits for a topic goes into one; what comes while it is under way goes into
// the next, so that one request at a time is under way for a topic and nothing overtakes. Who publishes is answered
// within the deadline, whatever the brokers do. Called by ../kafka.ts, one for each topic.
import type { Clock, Timer } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import { failureOf, isRefused } from './failures.ts'
import type { Outgoing } from './records.ts'

export type QueueOptions = Readonly<{
  topic: string
  clock: Clock
  // Answers the trouble of each partition that took nothing; rejects when none may have.
  send: (records: readonly Outgoing[]) => Promise<ReadonlyMap<number, unknown>>
  deadlineMs?: number
  // Of records that wait or are under way; beyond it publishers are told to come again.
  heldBytesMax?: number
  requestBytesMax?: number
}>

// Even incompressible, one partition's part of it is less than a topic takes.
const requestBytes = 4 * 1024 * 1024
// kafkajs copies a partition's list once for each record in it.
const requestRecordsMax = 2_000
const heldBytes = 64 * 1024 * 1024
export const publishMs = 10_000
const firstPauseMs = 100
const lastPauseMs = 1_000

type Publish = { left: number; isOver: boolean; timer: Timer; settle: (error?: unknown) => void }
type Waiting = Readonly<{ record: Outgoing; bytes: number; publish: Publish }>

export class TopicQueue {
  readonly #options: Required<QueueOptions>
  #waiting: Waiting[] = []
  #underWay: Promise<void> | undefined
  // Why the last try failed; undefined when it did not.
  trouble: Failure | undefined
  troubleMs = Number.NEGATIVE_INFINITY
  lastSentMs = Number.NEGATIVE_INFINITY
  // Bytes that wait or are under way.
  held = 0

  constructor(options: QueueOptions) {
    this.#options = {
      deadlineMs: publishMs,
      heldBytesMax: heldBytes,
      requestBytesMax: requestBytes,
      ...options,
    }
  }

  // Keeps nothing of the records once it is settled, and what they refer to is theirs.
  add(records: readonly Outgoing[]): Promise<void> {
    const { topic, clock, deadlineMs, heldBytesMax } = this.#options
    if (records.length === 0) return Promise.resolve()
    const bytes = records.reduce((sum, each) => sum + sizeOf(each), 0)
    if (this.held > 0 && this.held + bytes > heldBytesMax) {
      return Promise.reject(new Failure('overloaded', `${this.held} bytes wait for ${topic} already`))
    }
    this.held += bytes
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        if (publish.isOver) return
        publish.isOver = true
        timer.cancel()
        this.held -= bytes
        if (error === undefined) resolve()
        else reject(error)
      }
      const timer = clock.after(deadlineMs, () => settle(this.#late()))
      const publish: Publish = { left: records.length, isOver: false, timer, settle }
      this.#waiting.push(...records.map(record => ({ record, bytes: sizeOf(record), publish })))
      this.#next()
    })
  }

  // Resolves when everything that was added is answered.
  async idle(): Promise<void> {
    while (this.#underWay !== undefined) await this.#underWay
  }

  #late(): Failure {
    const { topic, deadlineMs } = this.#options
    return (
      this.trouble ?? new Failure('bus_unavailable', `${topic}: no answer within ${deadlineMs / 1_000} s`)
    )
  }

  #next(): void {
    if (this.#underWay !== undefined) return
    this.#waiting = this.#waiting.filter(each => !each.publish.isOver)
    if (this.#waiting.length === 0) return
    this.#underWay = this.#send(this.#take()).finally(() => {
      this.#underWay = undefined
      this.#next()
    })
  }

  #take(): Waiting[] {
    let bytes = 0
    let many = 0
    for (const each of this.#waiting) {
      if (many > 0 && (bytes + each.bytes > this.#options.requestBytesMax || many >= requestRecordsMax)) break
      bytes += each.bytes
      many++
    }
    return this.#waiting.splice(0, many)
  }

  // Tries as long as somebody waits for the answer; of a request, what was not written is tried again. Never rejects:
  // each of those who wait is told.
  async #send(taken: readonly Waiting[]): Promise<void> {
    const { clock } = this.#options
    let left = taken
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
      left = await this.#try(left)
      if (left.length === 0) return
      await clock.sleep(pauseMs)
      left = left.filter(each => !each.publish.isOver)
    }
  }

  // Answers those that were not written.
  async #try(wanted: readonly Waiting[]): Promise<Waiting[]> {
    const { topic, clock, send } = this.#options
    let troubleOf: (record: Outgoing) => unknown
    try {
      const troubles = await send(wanted.map(each => each.record))
      const [some] = troubles.values()
      // Where the brokers choose the partition, nobody knows which one it was.
      troubleOf = ({ partition }) => (partition === undefined ? some : troubles.get(partition))
    } catch (error) {
      troubleOf = () => error
    }
    this.trouble = undefined
    const left = wanted.filter(({ record, publish }) => {
      const trouble = troubleOf(record)
      if (trouble === undefined) {
        if (--publish.left === 0) publish.settle()
        return false
      }
      this.trouble = failureOf(trouble, topic)
      if (!isRefused(trouble)) return true
      publish.settle(this.trouble)
      return false
    })
    if (this.trouble === undefined) this.lastSentMs = clock.monotonicMs()
    else this.troubleMs = clock.monotonicMs()
    return left.filter(each => !each.publish.isOver)
  }
}

const sizeOf = ({ value, key }: Outgoing): number => value.length + (key?.length ?? 0) + 64
