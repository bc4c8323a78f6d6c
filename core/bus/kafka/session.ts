// One membership in a group, from a join to the next: while it lasts the partitions are ours. It says when it is over and
// why, beats the heart while handlers work, and keeps what they have dealt with. Made by reader.ts at each join; turn.ts
// asks it.
import type { Clock, Timer } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { hasType } from './failures.ts'

// What a member asks its group, by the connection of the batch in hand.
export type Membership = Readonly<{
  heartbeat(): Promise<void>
  commit(offsets: ReadonlyMap<number, number>): Promise<void>
}>

type Asked = { next: number; done: PromiseWithResolvers<void> }

// After these somebody else may own the partitions.
const lostTypes = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'FENCED_INSTANCE_ID',
]

export const isLost = (error: unknown): boolean => hasType(error, ...lostTypes)

export const heartbeatMs = 1_000
const commitPauseMs = 250
// A commit that the brokers do not take meanwhile is left to whoever reads these records again.
const commitMs = 20_000

export class Session {
  readonly #clock: Clock
  readonly #log: Log
  readonly #over = new AbortController()
  #asked = new Map<number, Asked>()
  #committing = false
  #atWork = 0
  #timer: Timer | undefined
  #membership: Membership | undefined
  // kafkajs joins anew when it is given this.
  lostBy: unknown

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  // Aborted when the partitions are no longer ours, or we stop: nothing new begins, and nothing is repeated.
  get over(): AbortSignal {
    return this.#over.signal
  }

  end(lostBy?: unknown): void {
    this.lostBy ??= lostBy
    if (!this.#over.signal.aborted) this.#over.abort()
  }

  // Keeps the membership alive as long as the work goes on.
  async while<T>(membership: Membership, work: () => Promise<T>): Promise<T> {
    this.#membership = membership
    this.#atWork++
    this.#beatLater()
    try {
      return await work()
    } finally {
      this.#atWork--
    }
  }

  // Resolves when the group has it. What comes while a commit is under way goes out together in the next.
  commit(partition: number, next: number): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#asked.set(partition, { next, done })
    void this.#commitAll()
    return done.promise
  }

  #beatLater(): void {
    this.#timer ??= this.#clock.after(heartbeatMs, () => {
      this.#beat().finally(() => {
        this.#timer = undefined
        if (this.#atWork > 0) this.#beatLater()
      })
    })
  }

  async #beat(): Promise<void> {
    try {
      if (this.#atWork > 0) await this.#membership?.heartbeat()
    } catch (error) {
      // Any other trouble may pass before the brokers give us up.
      if (isLost(error)) this.end(error)
      else this.#log.debug('bus', 'a heartbeat failed', { error })
    }
  }

  async #commitAll(): Promise<void> {
    if (this.#committing) return
    this.#committing = true
    while (this.#asked.size > 0) {
      const asked = this.#asked
      this.#asked = new Map()
      try {
        await this.#commitPatiently(new Map([...asked].map(([partition, { next }]) => [partition, next])))
        for (const { done } of asked.values()) done.resolve()
      } catch (error) {
        if (isLost(error)) this.end(error)
        for (const { done } of asked.values()) done.reject(error)
      }
    }
    this.#committing = false
  }

  // Also after the end: what was finished meanwhile need not be done again.
  async #commitPatiently(offsets: ReadonlyMap<number, number>): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + commitMs
    for (;;) {
      try {
        await this.#membership?.commit(offsets)
        return
      } catch (error) {
        if (isLost(error) || this.#clock.monotonicMs() >= untilMs) throw error
      }
      await this.#clock.sleep(commitPauseMs)
    }
  }
}
