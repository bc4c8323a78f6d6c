// The faults of kafkajs that we mend, each shown on its own code: another version of kafkajs must be looked at again.
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { openClient } from '#core/bus/kafka/client.ts'
import { errorOf, mendKafkajs } from '#core/bus/kafka/mended.ts'
import { openLog } from '#core/log.ts'

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

// Answers whatever it is asked by the same bytes.
async function brokerThatSays(...pieces: readonly Buffer[]): Promise<number> {
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {})
    socket.on('data', () => {
      // Each by itself, however the system would put them together.
      for (const [nth, piece] of pieces.entries()) setTimeout(() => socket.write(piece), nth * 20)
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise(resolve => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

const bytesOf = (...numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [at, number] of numbers.entries()) bytes.writeInt32BE(number, 4 * at)
  return bytes
}

const kindsOfRubbish: [string, Buffer[]][] = [
  ['a length of -1', [bytesOf(-1, 0)]],
  ['another negative length', [bytesOf(-100), Buffer.alloc(200)]],
  ['negative, with much behind it', [Buffer.concat([bytesOf(-100), Buffer.alloc(200)])]],
  ['nothing', [bytesOf(0)]],
  ['less than a number', [bytesOf(3, 0)]],
  ['gigabytes', [bytesOf(0x7fffffff), Buffer.alloc(1_000)]],
  ['a length in two pieces', [bytesOf(-1).subarray(0, 2), bytesOf(-1).subarray(2)]],
  ['rubbish behind an answer in pieces', [bytesOf(8, 77), bytesOf(0, -5)]],
  ['another protocol', [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]],
]
test.each(kindsOfRubbish)('rubbish fails the question soon and nothing else: %s', async (_, pieces) => {
  const port = await brokerThatSays(...pieces)
  const settings = { brokers: [`127.0.0.1:${port}`], clientId: 'test', prefix: 'p' }
  const admin = openClient(settings, openLog({ write: () => {} })).kafka.admin()
  onTestFinished(() => admin.disconnect())
  await expect(admin.connect()).rejects.toThrow('an answer cannot have')
})

test('a login that is answered by rubbish fails, one that is answered by nothing is one', async () => {
  const Connection = load('kafkajs/src/network/connection')
  const quiet = () => {}
  const logger = { debug: quiet, error: quiet, namespace: () => logger }
  const login = async (answer: Buffer): Promise<unknown> => {
    const port = await brokerThatSays(answer)
    const socketFactory = ({ onConnect }: { onConnect: () => void }) =>
      connect({ host: '127.0.0.1', port }, onConnect)
    const times = { connectionTimeout: 5_000, requestTimeout: 1_000 }
    const connection = new Connection({ host: '127.0.0.1', port, logger, socketFactory, ...times })
    await connection.connect()
    onTestFinished(() => connection.disconnect())
    const request = { encode: async () => Buffer.from('a') }
    const response = { decode: async (data: Buffer) => data, parse: async (data: Buffer) => data }
    return connection.sendAuthRequest({ request, response })
  }
  expect(await login(bytesOf(0))).toEqual(bytesOf(0))
  await expect(login(bytesOf(-1))).rejects.toThrow('closed')
  await expect(login(bytesOf(0x7fffffff))).rejects.toThrow('closed')
})
