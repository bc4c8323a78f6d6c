// One consumer of kafkajs from its start until it crashes or is stopped, set up so that all patience and all commits are
// ours. Called by reader.ts, which begins another one when this has ended.
import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { briefRetry, letGo, openClient } from './client.ts'
import { heartbeatMs } from './session.ts'
import type { KafkaSettings } from './settings.ts'

export type MemberOptions = Readonly<{
  settings: KafkaSettings
  groupId: string
  topic: string
  clock: Clock
  log: Log
  // May seek and pause: the first fetch comes after it.
  onJoin(consumer: Consumer, partitions: readonly number[]): void
  onBatch(payload: EachBatchPayload): Promise<void>
  onOutOfRange(partition: number): void
}>

// Who is silent for so long is dead to the group.
const sessionMs = 10_000
// How long a group waits for its members to finish what they have in hand; turn.ts stays below it.
const rebalanceMs = 60_000
// So that a pause, a resume and a stop are noticed soon.
const waitMs = 500
// Packed, and samples pack to a tenth: what is read at once stays below a hundred MiB.
const partitionBytes = 512 * 1024
const fetchBytes = 4 * 1024 * 1024
// A broker that does not answer does not keep us from ending.
const closeMs = 5_000

// Resolves when it has ended: with the reason, or with nothing when `stop` was why.
export async function beMember(options: MemberOptions, stop: AbortSignal): Promise<unknown> {
  const { topic, onBatch } = options
  const { client, consumer } = openConsumer(options)
  const ended = Promise.withResolvers<unknown>()
  const onStop = (): void => ended.resolve(undefined)
  stop.addEventListener('abort', onStop, { once: true })
  const inHand = new Set<Promise<void>>()
  consumer.on(consumer.events.CRASH, ({ payload }) => ended.resolve(payload.error))
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    options.onJoin(consumer, payload.memberAssignment[topic] ?? []),
  )
  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const work = onBatch(payload)
    inHand.add(work)
    await work.finally(() => inHand.delete(work))
  }
  const start = async (): Promise<void> => {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64,
      eachBatch,
    })
  }
  start().catch(error => ended.resolve(error))
  try {
    return await ended.promise
  } finally {
    stop.removeEventListener('abort', onStop)
    // Asked to stop it fetches nothing more, finishes what is in hand, and leaves the group.
    const disconnected = consumer.disconnect()
    await Promise.race([disconnected.catch(() => {}), Promise.allSettled(inHand)])
    await letGo(client, disconnected, { clock: options.clock, limitMs: closeMs })
  }
}

function openConsumer({ settings, log, groupId, onOutOfRange }: MemberOptions) {
  const client = openClient(settings, log, (message, { partition }) => {
    if (message.startsWith('Offset out of range, resetting')) onOutOfRange(Number(partition))
  })
  const consumer = client.kafka.consumer({
    groupId,
    sessionTimeout: sessionMs,
    rebalanceTimeout: rebalanceMs,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: waitMs,
    maxBytesPerPartition: partitionBytes,
    maxBytes: fetchBytes,
    allowAutoTopicCreation: false,
    retry: { ...briefRetry, retries: 5, restartOnFailure: async () => false },
  })
  return { client, consumer }
}
