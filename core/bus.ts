// How parts of the service hand things to each other. One port, two engines: in this process
// (bus/memory.ts), or Kafka. Acknowledgement is the contract: publish() resolves when what was published is
// safe, that is when every handler has succeeded (memory) or the broker has it (Kafka).
import type { Batch } from './batch.ts'

// Topics and what travels on them. `samples` goes by partition; the others by the key of each record.
export type Topics = {
  samples: Batch
}

export type Topic = keyof Topics

// Resolves when the records are dealt with for good. A rejection means: again, please. Calls begin in the order
// of publishing; the next may begin before the last has ended. A handler must be idempotent.
export type Handler<T extends Topic> = (records: readonly Topics[T][]) => Promise<void>

export interface Bus {
  publish<T extends Topic>(topic: T, records: readonly Topics[T][]): Promise<void>
  // `group` shares the records of a topic among its members; each group sees all of them.
  subscribe<T extends Topic>(topic: T, group: string, handler: Handler<T>): Promise<Subscription>
  // Resolves when everything under way is dealt with.
  close(): Promise<void>
}

export interface Subscription {
  stop(): Promise<void>
}
