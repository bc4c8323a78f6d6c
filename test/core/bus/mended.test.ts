// The faults of kafkajs that we mend, each shown on its own code: another version of kafkajs must be looked at again.
import { createRequire } from 'node:module'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { errorOf, mendKafkajs } from '#core/bus/kafka/mended.ts'

const load = createRequire(import.meta.url)

beforeAll(mendKafkajs)
afterEach(() => {
  vi.restoreAllMocks()
})

test('kafkajs is the version that was looked at', () => {
  expect((load('kafkajs/package.json') as { version: string }).version).toBe('2.2.4')
})

test('a connection with nothing to send sets no timer', () => {
  const RequestQueue = load('kafkajs/src/network/requestQueue')
  const quiet = () => {}
  const logger = { debug: quiet, warn: quiet, namespace: () => logger }
  const queue = new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1,
    clientId: '',
    broker: '',
    logger,
  })
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const entry = (correlationId: number) => ({ correlationId, resolve: quiet, reject: quiet })
  const push = (correlationId: number): void =>
    queue.push({ entry: entry(correlationId), expectResponse: true, sendRequest: quiet })

  push(1)
  queue.fulfillRequest({ correlationId: 1, payload: undefined, size: 0 })
  expect(timers).not.toHaveBeenCalled()

  // One that waits for its turn is looked after, and not at a time before now.
  push(2)
  push(3)
  expect(timers.mock.calls.map(each => each[1])).toEqual([10])
  queue.destroy()
})

test('partitions are asked for in turn, so that each is the first at some time', () => {
  const SubscriptionState = load('kafkajs/src/consumer/subscriptionState')
  const state = new SubscriptionState()
  state.assign([{ topic: 't', partitions: [2, 10, 1] }])
  const asked = Array.from({ length: 4 }, () => state.assigned()[0].partitions)
  expect(asked).toEqual([
    [1, 2, 10],
    [2, 10, 1],
    [10, 1, 2],
    [1, 2, 10],
  ])
  state.assign([{ topic: 't', partitions: [] }])
  expect(state.assigned()).toEqual([{ topic: 't', partitions: [] }])
})

test('an answer in which one partition failed comes back whole', async () => {
  const produce = load('kafkajs/src/protocol/requests/produce').protocol({ version: 7 })
  const { response } = produce({ acks: -1, timeout: 1, topicData: [] })
  const data = {
    topics: [
      {
        topicName: 't',
        partitions: [
          { partition: 1, errorCode: 6 },
          { partition: 2, errorCode: 0 },
        ],
      },
    ],
  }
  expect(await response.parse(data)).toEqual(data)
})

test('an error is known by its number', () => {
  expect(errorOf(6)).toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION', retriable: true })
  expect(errorOf(-77)).toMatchObject({ type: 'KAFKAJS_UNKNOWN_ERROR_CODE' })
})
