// Four faults of kafkajs 2.2.4 mended, since upstream is quiet. Called by client.ts once; tests hold it to them.
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'

type RequestQueue = {
  pending: readonly unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: unknown
  scheduleCheckPendingRequests(): void
}
type TopicPartitions = { topic: string; partitions: number[] }
type SubscriptionState = {
  assignedPartitionsByTopic: Record<string, TopicPartitions>
  turn?: number
  assigned(): TopicPartitions[]
}
type Connection = {
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  authHandlers: { onError(): void } | null
  socket: Socket
  processData(data: Buffer): void
}
type ProduceResponse = { parse(data: unknown): Promise<unknown> }
type Protocol = { createErrorFromCode(code: number): Error }
type Class<T> = { readonly prototype: T }

const load = createRequire(import.meta.url)
let isMended = false

// An error as kafkajs throws it, by the number that the brokers gave.
export const errorOf = (code: number): Error =>
  (load('kafkajs/src/protocol/error') as Protocol).createErrorFromCode(code)

export function mendKafkajs(): void {
  if (isMended) return
  isMended = true
  restIdle(load('kafkajs/src/network/requestQueue') as Class<RequestQueue>)
  takeTurns(load('kafkajs/src/consumer/subscriptionState') as Class<SubscriptionState>)
  endOnRubbish(load('kafkajs/src/network/connection') as Class<Connection>)
  answerWhole(load('kafkajs/src/protocol/requests/produce/v7/response') as ProduceResponse)
}

// Of an answer in which one partition took nothing, the first error is thrown and the rest forgotten, so that all would
// be written again, again and again: here the answer comes back as it is, and producing.ts looks at each partition.
function answerWhole(response: ProduceResponse): void {
  response.parse = async data => data
}

// After the first answer every connection looks a thousand times a second for requests that wait, though none do, by
// a timer of minus fifty years (of which Node 24 warns). It need look only while some wait.
function restIdle({ prototype }: Class<RequestQueue>): void {
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this)
  }
}

// A broker fills its answer in the order in which partitions are asked for. kafkajs asks always in the same one, so
// that the last would hear nothing while the first have much: here a different one comes first each time.
function takeTurns({ prototype }: Class<SubscriptionState>): void {
  prototype.assigned = function () {
    this.turn = (this.turn ?? -1) + 1
    const turn = this.turn
    return Object.values(this.assignedPartitionsByTopic).map(({ topic, partitions }) => {
      const sorted = partitions.toSorted((a, b) => a - b)
      const first = sorted.length === 0 ? 0 : turn % sorted.length
      return { topic, partitions: [...sorted.slice(first), ...sorted.slice(0, first)] }
    })
  }
}

const headBytes = 4
// Far more than any answer to what we ask has.
const answerMost = 128 * 1024 * 1024

// What cannot be an answer is thrown out of the socket's listener, which ends the process, or gathered by the gigabyte.
// Here it ends the connection, and the requests that wait on it fail.
function endOnRubbish({ prototype }: Class<Connection>): void {
  const process = prototype.processData
  prototype.processData = function (data) {
    try {
      checkLengths(this, data)
      process.call(this, data)
    } catch (error) {
      // kafkajs forgets a login that waits when it hears of an error.
      this.authHandlers?.onError()
      this.socket.destroy(error as Error)
    }
  }
}

// Of each answer that begins in what came. A login may be answered by nothing, everything else has a number.
function checkLengths({ chunks, bytesBuffered, bytesNeeded, authHandlers }: Connection, data: Buffer): void {
  const least = authHandlers === null ? 4 : 0
  const isBetween = bytesNeeded === headBytes
  const came = isBetween ? Buffer.concat([...chunks, data]) : data
  let at = isBetween ? 0 : bytesNeeded - bytesBuffered
  while (at + headBytes <= came.length) {
    const length = came.readInt32BE(at)
    if (length < least || length > answerMost) throw new Error(`an answer cannot have ${length} bytes`)
    at += headBytes + length
  }
}
