// The topics of the service as a table: how many partitions, kept how long. Made by ensure-topics.ts where they are
// missing. The number of partitions of `samples` is for life; the others may be given more by their operator.
import { partitions as samplePartitions } from '../../partition.ts'
import type { KafkaSettings } from './settings.ts'

type TopicEntry = Readonly<{ partitions: number; keepMs: number }>

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export const topicTable = {
  // What the rules look back to after a restart, and what a store may be away for.
  samples: { partitions: samplePartitions, keepMs: 48 * hourMs },
  ingest: { partitions: 16, keepMs: 48 * hourMs },
  alerts: { partitions: 16, keepMs: 7 * dayMs },
  notices: { partitions: 16, keepMs: 7 * dayMs },
  actions: { partitions: 16, keepMs: 7 * dayMs },
  results: { partitions: 16, keepMs: 7 * dayMs },
  deadletter: { partitions: 1, keepMs: 14 * dayMs },
} as const satisfies Record<string, TopicEntry>

export type TopicName = keyof typeof topicTable

export const topicNames = Object.keys(topicTable) as TopicName[]

// What is sent for one partition at a time must fit: producer.ts stays below it.
export const messageBytesMax = 8 * 1024 * 1024

// What the log calls all who read the same for the same.
export const readingOf = ({ topic, group }: Readonly<{ topic: TopicName; group: string }>): string =>
  `${topic} for ${group}`

export const fullName = ({ prefix }: Pick<KafkaSettings, 'prefix'>, topic: TopicName): string =>
  `${prefix}.${topic}`

export type TopicSettings = Readonly<Record<string, string>>

// As the brokers call them. With three copies or more, one may be away and writing goes on.
export function settingsOf(topic: TopicName, replication: number | undefined): TopicSettings {
  return {
    'retention.ms': String(topicTable[topic].keepMs),
    'max.message.bytes': String(messageBytesMax),
    ...((replication ?? 0) >= 3 ? { 'min.insync.replicas': '2' } : {}),
  }
}

// For people who have to make it themselves.
export function wantedText(settings: KafkaSettings, topic: TopicName): string {
  const more = Object.entries(settingsOf(topic, settings.replication)).map(each => each.join('='))
  return `${fullName(settings, topic)} (${topicTable[topic].partitions} partitions, ${more.join(', ')})`
}
