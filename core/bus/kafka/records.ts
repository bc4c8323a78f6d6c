// What a record looks like on each topic, both ways. A new topic of JSON is one line in `codecsOf`. Called by ../kafka.ts
// for what is published and by turn.ts for what was read.

import type { Topic, Topics } from '../../bus.ts'
import type { DeadLetter } from '../../dead-letter.ts'
import { BatchReader } from '../../line-protocol/batch-reader.ts'
import { textsOf } from '../../line-protocol/batch-text.ts'
import type { AlertTransition, Notice } from '../../model.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import { partitions } from '../../partition.ts'
import type { SeriesTable } from '../../series.ts'
import { unreadableHeader } from './unreadable.ts'

// As kafkajs takes it.
export type Outgoing = {
  partition?: number
  key?: string
  value: Buffer
  timestamp?: string
  headers?: Record<string, string>
}

// As kafkajs gives it.
export type Incoming = Readonly<{
  offset: string
  key: Buffer | null
  value: Buffer | null
  timestamp: string
  headers?: Readonly<Record<string, unknown>>
}>

// What cannot be read says why.
export type Reading<T> = Readonly<{ record: T } | { unreadable: string }>

export type Codec<T> = Readonly<{
  write(record: T): Outgoing[]
  read(incoming: Incoming, partition: number): Reading<T>
}>

export type Codecs = { readonly [T in Topic]: Codec<Topics[T]> }

// Many of them fit into a request, and a store takes several at a time.
const textBytesMax = 512 * 1024

const receivedAt = 'receivedAtMs'

export function codecsOf(table: SeriesTable, own: OwnMetrics): Codecs {
  const reader = new BatchReader(table)
  const dropped = own.counter('plimsoll_bus_dropped_total')
  dropped.read(() => reader.rejectedLines, { reason: 'not_a_line' })
  dropped.read(() => reader.refusedSeries, { reason: 'series_limit' })
  return {
    samples: {
      write: batch =>
        textsOf(batch, table, textBytesMax).map(text => ({
          partition: batch.partition,
          value: copied(text),
          timestamp: String(batch.receivedAtMs),
          headers: { [receivedAt]: String(batch.receivedAtMs) },
        })),
      read({ value, headers }, partition) {
        const receivedAtMs = Number(String(headers?.[receivedAt] ?? 'missing'))
        if (!Number.isSafeInteger(receivedAtMs) || receivedAtMs < 0)
          return {
            unreadable: `header ${receivedAt}: wanted milliseconds, found ${headers?.[receivedAt] ?? 'none'}`,
          }
        if (value === null) return { unreadable: 'it has no value' }
        if (partition >= partitions) return { unreadable: `partition ${partition} of ${partitions}` }
        return { record: reader.read(value, { receivedAtMs, partition }) }
      },
    },
    ingest: {
      write: ({ key, atMs, text }) => [{ key, value: copied(text), timestamp: String(atMs) }],
      read: ({ key, value, timestamp }) =>
        value === null
          ? { unreadable: 'it has no value' }
          : { record: { key: key?.toString() ?? '', atMs: Number(timestamp), text: value } },
    },
    alerts: json<AlertTransition>(each => each.alert.fingerprint),
    notices: json<Notice>(each => each.id),
    deadletter: json<DeadLetter>(),
  }
}

// Records of one key keep their order.
function json<T extends Readonly<{ v: 1 }>>(keyOf?: (record: T) => string): Codec<T> {
  return {
    write: record => [
      { ...(keyOf === undefined ? {} : { key: keyOf(record) }), value: Buffer.from(JSON.stringify(record)) },
    ],
    read({ value }) {
      if (value === null) return { unreadable: 'it has no value' }
      try {
        const record: unknown = JSON.parse(value.toString())
        if (typeof record === 'object' && record !== null && 'v' in record && record.v === 1)
          return { record: record as T }
        return { unreadable: 'wanted an object with v: 1' }
      } catch (error) {
        return { unreadable: `not JSON: ${(error as Error).message}` }
      }
    },
  }
}

// Of a record that stands for one that could not even be unpacked; empty for those behind the first.
export function unpackTrouble({ headers }: Incoming): string | undefined {
  const found = headers?.[unreadableHeader]
  return found === undefined ? undefined : String(found)
}

// The publisher uses his arrays again when he is answered, and a request may be under way longer than that.
const copied = (bytes: Uint8Array): Buffer => Buffer.from(bytes)
