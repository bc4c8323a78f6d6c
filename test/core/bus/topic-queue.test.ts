// Which records share a request, who is answered when, and what happens when the brokers do not take them.
import { KafkaJSProtocolError } from 'kafkajs'
import { beforeEach, expect, test } from 'vitest'
import { errorOf } from '#core/bus/kafka/mended.ts'
import type { Outgoing } from '#core/bus/kafka/records.ts'
import { TopicQueue } from '#core/bus/kafka/topic-queue.ts'
import { SimulatedClock } from '#core/clock.ts'

type Request = Readonly<{
  texts: readonly string[]
  answer: (troubles?: ReadonlyMap<number, unknown>) => void
  fail: (error: unknown) => void
}>

let clock: SimulatedClock
let requests: Request[]
let queue: TopicQueue
const open = (limits: Partial<ConstructorParameters<typeof TopicQueue>[0]> = {}): void => {
  requests = []
  queue = new TopicQueue({
    topic: 'p.samples',
    clock,
    send: records => {
      const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<number, unknown>>()
      const texts = records.map(({ partition, value }) => `${partition}:${value}`)
      requests.push({ texts, answer: (troubles = new Map()) => resolve(troubles), fail: reject })
      return promise
    },
    ...limits,
  })
}
beforeEach(() => {
  clock = new SimulatedClock(0)
  open()
})

const record = (partition: number, text: string): Outgoing => ({ partition, value: Buffer.from(text) })
const told: string[] = []
const add = (name: string, ...records: readonly Outgoing[]): void => {
  queue.add(records).then(
    () => told.push(name),
    error => told.push(`${name}: ${error.message}`),
  )
}
const texts = (): string[][] => requests.map(each => [...each.texts])
const settle = () => clock.runFor(0)
beforeEach(() => {
  told.length = 0
})

test('what comes while a request is under way goes out together in the next, in its order', async () => {
  add('a', record(1, 'a'))
  add('b', record(2, 'b'), record(1, 'c'))
  add('d', record(1, 'd'))
  expect(texts()).toEqual([['1:a']])

  requests[0]?.answer()
  await settle()
  expect(texts()).toEqual([['1:a'], ['2:b', '1:c', '1:d']])
  expect(told).toEqual(['a'])

  requests[1]?.answer()
  await settle()
  expect(told).toEqual(['a', 'b', 'd'])
  expect(queue.held).toBe(0)
})

test('a request has its bound, and a publish may need several', async () => {
  open({ requestBytesMax: 250 })
  add('a', record(1, 'a'.repeat(100)), record(1, 'b'.repeat(100)), record(1, 'c'.repeat(400)))
  expect(requests.map(each => each.texts.length)).toEqual([1])
  requests[0]?.answer()
  await settle()
  requests[1]?.answer()
  await settle()
  expect(told).toEqual([])
  requests[2]?.answer()
  await settle()
  expect(told).toEqual(['a'])
  expect(requests.map(each => each.texts[0]?.[2])).toEqual(['a', 'b', 'c'])
})

test('a request that failed is tried again before anything else goes out', async () => {
  add('a', record(1, 'a'))
  add('b', record(1, 'b'))
  requests[0]?.fail(errorOf(7))
  await clock.runFor(99)
  expect(requests).toHaveLength(1)
  await clock.runFor(1)
  expect(texts()[1]).toEqual(['1:a'])
  expect(queue.trouble?.code).toBe('bus_unavailable')
  requests[1]?.answer()
  await settle()
  expect(texts()[2]).toEqual(['1:b'])
  expect(queue.trouble).toBeUndefined()
})

test('of a request, only what was not written is tried again', async () => {
  add('a', record(1, 'a'), record(2, 'b'))
  add('c', record(2, 'c'))
  requests[0]?.answer(new Map([[2, errorOf(6)]]))
  await clock.runFor(100)
  expect(texts()).toEqual([['1:a', '2:b'], ['2:b']])
  expect(told).toEqual([])
  requests[1]?.answer()
  await settle()
  expect(told).toEqual(['a'])
})

test('where the brokers choose partitions, one that failed fails all', async () => {
  add('a', { key: 'k', value: Buffer.from('a') }, { key: 'l', value: Buffer.from('b') })
  requests[0]?.answer(new Map([[2, errorOf(6)]]))
  await clock.runFor(100)
  expect(texts()).toEqual([
    ['undefined:a', 'undefined:b'],
    ['undefined:a', 'undefined:b'],
  ])
})

test('who publishes is answered within the deadline, also while a request hangs', async () => {
  add('a', record(1, 'a'))
  await clock.runFor(4_000)
  add('b', record(1, 'b'))
  await clock.runFor(6_000)
  expect(told).toEqual(['a: bus_unavailable: p.samples: no answer within 10 s'])
  await clock.runFor(4_000)
  expect(told).toHaveLength(2)
  // Nobody waits for b any more, so it is not sent when the request ends at last.
  requests[0]?.answer()
  await settle()
  add('c', record(1, 'c'))
  expect(texts()).toEqual([['1:a'], ['1:c']])
  expect(queue.held).toBe(65)
})

test('a request that nobody waits for is not tried again', async () => {
  add('a', record(1, 'a'))
  await clock.runFor(10_000)
  requests[0]?.fail(errorOf(7))
  await clock.runFor(60_000)
  expect(requests).toHaveLength(1)
  await queue.idle()
})

test('the deadline tells what the trouble was', async () => {
  add('a', record(1, 'a'))
  requests[0]?.fail(new KafkaJSProtocolError(errorOf(3)))
  await clock.runFor(10_000)
  expect(told[0]).toBe('a: bus_refused: p.samples: This server does not host this topic-partition')
})

test('who is refused is told at once, and the others go on', async () => {
  add('a', record(1, 'a'), record(2, 'b'))
  requests[0]?.answer(new Map([[2, errorOf(29)]]))
  await settle()
  expect(told[0]).toContain('a: bus_refused: p.samples: ')
  add('c', record(1, 'c'))
  requests[1]?.answer()
  await settle()
  expect(told[1]).toBe('c')
})

test('beyond the bound publishers are told to come again, but never the only one', async () => {
  open({ heldBytesMax: 1_000 })
  add('a', record(1, 'a'.repeat(2_000)))
  add('b', record(1, 'b'))
  await settle()
  expect(told).toEqual(['b: overloaded: 2064 bytes wait for p.samples already'])
  requests[0]?.answer()
  await settle()
  add('c', record(1, 'c'))
  expect(texts()[1]).toEqual(['1:c'])
})

test('what the brokers find too large goes out in smaller requests, in its order, and so does what comes later', async () => {
  add('a', ...[...'abcd'].map(each => record(1, each.repeat(40_000))), record(2, 'e'))
  requests[0]?.answer(new Map([[1, errorOf(10)]]))
  await settle()
  requests[1]?.answer(new Map([[1, errorOf(10)]]))
  await settle()
  for (const each of [2, 3, 4]) {
    requests[each]?.answer()
    await settle()
  }
  const marks = () => texts().map(request => request.map(each => each[2]).join(''))
  expect(marks()).toEqual(['abcde', 'ab', 'a', 'b', 'cd'])
  expect(told).toEqual(['a'])
  expect(queue.trouble).toBeUndefined()

  add('f', ...[...'fgh'].map(each => record(1, each.repeat(40_000))))
  requests[5]?.answer()
  await settle()
  expect(marks().slice(5)).toEqual(['f', 'g'])
})

test('of halves nothing overtakes: the second waits while the first is tried again', async () => {
  add('a', record(1, 'a'), record(1, 'b'))
  requests[0]?.answer(new Map([[1, errorOf(10)]]))
  await settle()
  requests[1]?.answer(new Map([[1, errorOf(6)]]))
  await clock.runFor(100)
  expect(texts()).toEqual([['1:a', '1:b'], ['1:a'], ['1:a', '1:b']])
})

test('one record that is too large alone is refused', async () => {
  add('a', record(1, 'a'), record(2, 'b'))
  requests[0]?.answer(new Map([[1, errorOf(10)]]))
  await settle()
  expect(told).toEqual([`a: bus_refused: p.samples: ${errorOf(10).message}`])
  expect(requests).toHaveLength(1)
})

test('there may be more records than a call takes arguments', async () => {
  const many = Array.from({ length: 300_000 }, () => record(1, 'a'))
  queue.add(many).catch(error => told.push(String(error)))
  await settle()
  expect(told).toEqual([])
  expect(requests[0]?.texts).toHaveLength(2_000)
})
