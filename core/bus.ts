// How parts of the service hand things to each other. One port, two engines: in this process
// (bus/memory.ts), or Kafka (bus/kafka.ts). Acknowledgement is the contract: publish() resolves when what was
// published is safe, that is when every handler has succeeded (memory) or the brokers have it (Kafka).
import type { Batch } from './batch.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { AlertTransition, Notice } from './model.ts'

// Topics and what travels on them. `samples` goes by partition; the others by the key of each record.
export type Topics = {
  samples: Batch
  // What foreign producers write, as it came: the gateway reads it and publishes it as samples.
  ingest: Foreign
  // What rules have decided, each perhaps more than once; the key is the fingerprint.
  alerts: AlertTransition
  // What rooms have to say to people, each perhaps more than once; the key is its id.
  notices: Notice
  deadletter: DeadLetter
}

export type Topic = keyof Topics

// A block of line protocol from a producer that is not ours. `atMs` is the time that its record carries.
export type Foreign = Readonly<{ key: string; atMs: number; text: Uint8Array }>

// Where the records of one call lie, on a bus that keeps them: all in this partition, each at its own of the offsets,
// and the next one stands at `next`. A reader that saves `next` with what it made of them can go on from there. Between
// the offsets there are gaps, where something could not be read or was never a record.
export type Place = Readonly<{ partition: number; offsets: readonly number[]; next: number }>

// Resolves when the records are dealt with for good. A rejection means: again, please. Calls for one partition begin
// in the order of publishing; on a bus that keeps nothing the next may begin before the last has ended, on one that
// does it may not. A handler must be idempotent. One that keeps its own positions is also called with no records, where
// none could be read.
export type Handler<T extends Topic> = (records: readonly Topics[T][], place?: Place) => Promise<void>

// Where a reader begins. `committed`: behind what its group has dealt with, as everyone does who keeps no position of
// his own; a new group begins at the beginning. All others commit nothing and share with nobody: each reads all
// partitions that it has not paused. A bus that keeps nothing begins now, and shares.
export type Start =
  | 'committed'
  | 'beginning'
  | Readonly<{ atMs: number }>
  // By partition; those that are not named begin at the beginning.
  | Readonly<{ positions: ReadonlyMap<number, number> }>

export type SubscribeOptions = Readonly<{
  from?: Start
  // Begins with all partitions paused. A bus that keeps nothing takes no notice.
  paused?: boolean
}>

// Where the oldest records stand, where the next ones will, or where the first ones that are as young as this.
export type At = 'beginning' | 'end' | Readonly<{ atMs: number }>

export interface Bus {
  // What a batch of samples must bring: its rows, or also its `text`, because it crosses to other processes.
  readonly carries: 'rows' | 'text'
  publish<T extends Topic>(topic: T, records: readonly Topics[T][]): Promise<void>
  // `group` shares the records of a topic among its members; each group sees all of them.
  subscribe<T extends Topic>(
    topic: T,
    group: string,
    handler: Handler<T>,
    options?: SubscribeOptions,
  ): Promise<Subscription>
  // By partition; where nothing is as young as asked, the end. Of a bus that keeps nothing: none.
  places(topic: Topic, at: At): Promise<ReadonlyMap<number, number>>
  // Whether publishing works just now, and if not why: for /-/ready.
  health(): Promise<BusHealth>
  // Resolves when everything under way is dealt with.
  close(): Promise<void>
}

export type BusHealth = Readonly<{ writable: true } | { writable: false; reason: string }>

export interface Subscription {
  // Records of these partitions stay where they are until they are resumed. What is being handled is finished.
  pause(partitions: readonly number[]): void
  resume(partitions: readonly number[]): void
  // What comes next of each of these partitions, paused or not, are the records from there. A call under way ends
  // first, and is not made again. Only for readers that keep their own positions: with others it is a bug, and it
  // throws. A position that is not there any more, or not yet, gives way to the oldest record, which the handler sees
  // by the offsets. A bus that keeps nothing takes no notice.
  seek(places: ReadonlyMap<number, number>): void
  // Resolves when the handler has finished and its position is kept.
  stop(): Promise<void>
}
