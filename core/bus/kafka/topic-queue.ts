// Which records share a request? Whatever waits for a topic goes into one; what comes while it is under way goes into
// the next, so that one request at a time is under way for a topic and nothing overtakes. Who publishes is answered
// within the deadline, whatever the brokers do; what they find too large goes out in smaller requests. Called by
// ../kafka.ts, one for each topic.
import type { Clock, Timer } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import { failureOf, isRefused, isTooLarge } from './failures.ts'
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

// Even incompressible, one partition's part of it is less than a topic of ours takes; one that somebody else has made
// may take less.
const requestBytes = 4 * 1024 * 1024
// kafkajs copies a partition's list once for each record in it.
const requestRecordsMax = 2_000
const heldBytes = 64 * 1024 * 1024
export const publishMs = 10_000
const smallestRequestBytes = 64 * 1024
const firstPauseMs = 100
const lastPauseMs = 1_000

type Publish = { left: number; isOver: boolean; timer: Timer; settle: (error?: unknown) => void }
type Waiting = Readonly<{ record: Outgoing; bytes: number; publish: Publish }>

export class TopicQueue {
  readonly #options: Required<QueueOptions>
  #waiting: Waiting[] = []
  #underWay: Promise<void> | undefined
  // Less after the brokers said that it was too large.
  #requestBytesMax: number
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
    this.#requestBytesMax = this.#options.requestBytesMax
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
      // One by one: there may be more of them than a call takes arguments.
      for (const record of records) this.#waiting.push({ record, bytes: sizeOf(record), publish })
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
      if (many > 0 && (bytes + each.bytes > this.#requestBytesMax || many >= requestRecordsMax)) break
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
    const { clock } = this.#options
    const troubleOf = await this.#troubles(wanted)
    this.trouble = undefined
    const halve: Waiting[] = []
    const left = wanted.filter(each => {
      const { record, publish } = each
      const trouble = troubleOf(record)
      if (trouble === undefined) {
        if (--publish.left === 0) publish.settle()
        return false
      }
      this.trouble = failureOf(trouble, this.#options.topic)
      if (isTooLarge(trouble) && !isAlone(record, wanted)) {
        halve.push(each)
        return false
      }
      if (!isRefused(trouble)) return true
      publish.settle(this.trouble)
      return false
    })
    if (this.trouble === undefined) this.lastSentMs = clock.monotonicMs()
    else this.troubleMs = clock.monotonicMs()
    if (halve.length > 0) left.push(...(await this.#halved(halve)))
    return left.filter(each => !each.publish.isOver)
  }

  // Of one record: why it was not written.
  async #troubles(wanted: readonly Waiting[]): Promise<(record: Outgoing) => unknown> {
    try {
      const troubles = await this.#options.send(wanted.map(each => each.record))
      const [some] = troubles.values()
      // Where the brokers choose the partition, nobody knows which one it was.
      return ({ partition }) => (partition === undefined ? some : troubles.get(partition))
    } catch (error) {
      return () => error
    }
  }

  // What was together too large, in two requests. The second one waits for the first: nothing overtakes.
  async #halved(wanted: readonly Waiting[]): Promise<Waiting[]> {
    const bytes = wanted.reduce((sum, each) => sum + each.bytes, 0)
    const half = Math.max(smallestRequestBytes, Math.ceil(bytes / 2))
    this.#requestBytesMax = Math.min(this.#requestBytesMax, half)
    const middle = Math.ceil(wanted.length / 2)
    const left = await this.#try(wanted.slice(0, middle))
    const rest = wanted.slice(middle)
    return left.length > 0 ? [...left, ...rest] : this.#try(rest)
  }
}

// Whether its partition had nothing else of the request, so that a smaller request would not help.
const isAlone = (record: Outgoing, wanted: readonly Waiting[]): boolean =>
  wanted.every(each => each.record === record || each.record.partition !== record.partition)

const sizeOf = ({ value, key }: Outgoing): number => value.length + (key?.length ?? 0) + 64
