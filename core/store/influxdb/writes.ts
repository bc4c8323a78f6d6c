// Which batches share a request? Whatever waits goes into one, up to a size; what comes while it is under way goes into
// the next. A caller is told once all of its text is stored and what was refused lies with the dead letters.
// Called by ../influxdb.ts.
import type { Clock } from '../../clock.ts'
import { elapsedMs } from '../../clock.ts'
import type { DeadLetter } from '../../dead-letter.ts'
import { Failure } from '../../errors.ts'
import { cutLines } from '../../line-protocol/cut-lines.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import type { Poisoned } from '../poison.ts'
import { type Delivery, groupsOf, sizeOf } from './deliver.ts'
import { shortened, textOf } from './verdict.ts'

export type WritesOptions = Readonly<{
  delivery: Delivery
  clock: Clock
  own?: OwnMetrics | undefined
  deadLetters: (letters: readonly DeadLetter[]) => Promise<void>
  // Told of every end of a group: nothing, or why it failed.
  ended: (error?: Failure) => void
  // Requests at once.
  lanes: number
  // Bytes; beyond that, callers are told to come again.
  waitingMax: number
}>

type Waiting = Readonly<{ texts: readonly Uint8Array[]; bytes: number; done: (error?: unknown) => void }>

// Of a line in a dead letter.
const lineMax = 65_536

export class Writes {
  readonly #options: WritesOptions
  #waiting: Waiting[] = []
  #waitingBytes = 0
  readonly #underWay = new Set<Promise<void>>()

  constructor(options: WritesOptions) {
    this.#options = options
    options.own?.gauge('plimsoll_store_waiting_bytes').read(() => this.#waitingBytes)
  }

  add(texts: readonly Uint8Array[]): Promise<void> {
    const bytes = sizeOf(texts)
    if (bytes === 0) return Promise.resolve()
    const { waitingMax } = this.#options
    if (this.#waitingBytes + bytes > waitingMax && this.#waitingBytes > 0) {
      return Promise.reject(new Failure('overloaded', `${this.#waitingBytes} bytes wait for InfluxDB`))
    }
    return new Promise((resolve, reject) => {
      const done = (error?: unknown): void => (error === undefined ? resolve() : reject(error))
      this.#waiting.push({ texts, bytes, done })
      this.#waitingBytes += bytes
      this.#next()
    })
  }

  // Resolves when everything that was added is stored or refused.
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #next(): void {
    while (this.#underWay.size < this.#options.lanes && this.#waiting.length > 0) {
      const group = this.#store(this.#take()).finally(() => {
        this.#underWay.delete(group)
        this.#next()
      })
      this.#underWay.add(group)
    }
  }

  #take(): Waiting[] {
    let bytes = 0
    let many = 0
    for (const each of this.#waiting) {
      if (many > 0 && bytes + each.bytes > this.#options.delivery.maxBytes) break
      bytes += each.bytes
      many++
    }
    this.#waitingBytes -= bytes
    return this.#waiting.splice(0, many)
  }

  // Never rejects: each of those who wait is told.
  async #store(taken: readonly Waiting[]): Promise<void> {
    const { own, ended } = this.#options
    const began = elapsedMs()
    let failed: unknown
    try {
      await this.#deliver(taken.flatMap(each => each.texts))
    } catch (error) {
      failed = error
    }
    own?.histogram('plimsoll_store_append_seconds').observe((elapsedMs() - began) / 1_000)
    ended(failed instanceof Failure ? failed : undefined)
    for (const { done } of taken) done(failed)
  }

  async #deliver(texts: readonly Uint8Array[]): Promise<void> {
    const { delivery, own, clock, deadLetters } = this.#options
    const poisoned: Poisoned<Uint8Array>[] = []
    const pieces = texts.flatMap(text => cutLines(text, delivery.maxBytes))
    for (const group of groupsOf(pieces, delivery.maxBytes)) poisoned.push(...(await delivery.deliver(group)))
    own?.counter('plimsoll_store_text_bytes_total').inc(sizeOf(texts))
    if (poisoned.length === 0) return
    const atMs = clock.nowMs()
    await deadLetters(
      poisoned.map(({ item, reason }) => {
        return { v: 1, atMs, from: 'influxdb', reason, line: shortened(textOf(item), lineMax) }
      }),
    )
    own?.counter('plimsoll_store_dead_letters_total').inc(poisoned.length)
  }
}
