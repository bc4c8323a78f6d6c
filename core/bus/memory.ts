// The bus of one process: it keeps nothing. A publish is handed to the handlers at once and resolves when all of
// them have succeeded, so that "stored" told to a sender means stored. Called by whoever opens the engines.
import type { Bus, BusHealth, Handler, Subscription, Topic, Topics } from '../bus.ts'
import { Failure } from '../errors.ts'

// So many publishes may be with the handlers at once; so many more wait for their turn.
const underWayMax = 256
const waitingMax = 4_096

export function openMemoryBus(): Bus {
  return new MemoryBus()
}

// Of each group only the first member is called; the others stand by until it stops. What a topic carries was
// checked where it was published and subscribed.
type AnyHandler = (records: readonly never[]) => Promise<void>
type Groups = Map<string, AnyHandler[]>

class MemoryBus implements Bus {
  readonly carries = 'rows'
  readonly #topics = new Map<Topic, Groups>()
  readonly #waiting: (() => void)[] = []
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false

  async publish<T extends Topic>(topic: T, records: readonly Topics[T][]): Promise<void> {
    if (this.#isClosed) throw new Failure('stopping', 'the bus is closed')
    if (this.#underWay.size >= underWayMax) await this.#turn()
    const handed = this.#hand(topic, records)
    this.#underWay.add(handed)
    try {
      await handed
    } finally {
      this.#underWay.delete(handed)
      this.#waiting.shift()?.()
    }
  }

  async subscribe<T extends Topic>(topic: T, group: string, handler: Handler<T>): Promise<Subscription> {
    const groups: Groups = this.#topics.get(topic) ?? new Map()
    this.#topics.set(topic, groups)
    const members = groups.get(group) ?? []
    groups.set(group, [...members, handler])
    return {
      pause: () => {},
      resume: () => {},
      stop: async () => {
        const left = (groups.get(group) ?? []).filter(each => each !== handler)
        if (left.length === 0) groups.delete(group)
        else groups.set(group, left)
      },
    }
  }

  async health(): Promise<BusHealth> {
    return this.#isClosed ? { writable: false, reason: 'the bus is closed' } : { writable: true }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  // Every group sees the records even when another one fails; the first failure is the publisher's.
  async #hand(topic: Topic, records: readonly Topics[Topic][]): Promise<void> {
    const groups = this.#topics.get(topic)
    if (groups === undefined) return
    const calls = [...groups.values()].map(async ([first]) => first?.(records as readonly never[]))
    for (const call of await Promise.allSettled(calls)) if (call.status === 'rejected') throw call.reason
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= waitingMax) {
      throw new Failure('overloaded', `${waitingMax} batches wait already`)
    }
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}
