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
type AnyRecords = readonly Topics[Topic][]
type Member = Readonly<{ handle: (records: AnyRecords) => Promise<void>; paused: Set<number> }>
type Group = { members: Member[]; held: (() => void)[] }
type Groups = Map<string, Group>

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

  // Wherever a reader wants to begin, it begins now: there is nothing else.
  async subscribe<T extends Topic>(topic: T, groupName: string, handler: Handler<T>): Promise<Subscription> {
    const groups: Groups = this.#topics.get(topic) ?? new Map()
    this.#topics.set(topic, groups)
    const group = groups.get(groupName) ?? { members: [], held: [] }
    groups.set(groupName, group)
    const member: Member = { handle: handler as Member['handle'], paused: new Set() }
    group.members.push(member)
    const release = (): void => {
      for (const go of group.held.splice(0)) go()
    }
    return {
      pause(partitions) {
        for (const each of partitions) member.paused.add(each)
      },
      resume(partitions) {
        for (const each of partitions) member.paused.delete(each)
        release()
      },
      seek() {},
      async stop() {
        group.members = group.members.filter(each => each !== member)
        if (group.members.length === 0) groups.delete(groupName)
        release()
      },
    }
  }

  async places(): Promise<ReadonlyMap<number, number>> {
    return new Map()
  }

  async health(): Promise<BusHealth> {
    return this.#isClosed ? { writable: false, reason: 'the bus is closed' } : { writable: true }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  // Every group sees the records even when another one fails; the first failure is the publisher's.
  async #hand(topic: Topic, records: AnyRecords): Promise<void> {
    const groups = this.#topics.get(topic)
    if (groups === undefined) return
    const calls = [...groups.values()].map(each => handTo(each, records))
    for (const call of await Promise.allSettled(calls)) if (call.status === 'rejected') throw call.reason
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= waitingMax) {
      throw new Failure('overloaded', `${waitingMax} batches wait already`)
    }
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}

// Records of a partition that is paused wait here, and their publisher with them; the others go on.
async function handTo(group: Group, records: AnyRecords): Promise<void> {
  const [member] = group.members
  if (member === undefined) return
  const isHeld = (record: Topics[Topic]): boolean => member.paused.has(partitionOf(record))
  const held = member.paused.size === 0 ? [] : records.filter(isHeld)
  if (held.length === 0) return member.handle(records)
  const free = records.filter(record => !isHeld(record))
  const resumed = new Promise<void>(resolve => group.held.push(resolve)).then(() => handTo(group, held))
  await Promise.all(free.length === 0 ? [resumed] : [member.handle(free), resumed])
}

// Only samples say where they belong; the other topics have one partition here.
const partitionOf = (record: Topics[Topic]): number => ('partition' in record ? record.partition : 0)
