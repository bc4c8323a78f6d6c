// What happens to fetched records: read, buried or handled, again and again, and kept; and what a rebalance does to it.
import { beforeEach, expect, test } from 'vitest'
import { OwnPositions } from '#core/bus/kafka/own-positions.ts'
import type { Incoming, Reading } from '#core/bus/kafka/records.ts'
import { Session } from '#core/bus/kafka/session.ts'
import { farewellMs, Turns } from '#core/bus/kafka/turn.ts'
import { unreadableHeader } from '#core/bus/kafka/unreadable.ts'
import { SimulatedClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'

let clock: SimulatedClock
let session: Session
let done: string[]
let retries: number
let offsets: readonly number[] | undefined
let handle: (text: string) => Promise<void>
let bury: (letters: readonly DeadLetter[]) => Promise<void>
let turns: Turns<'deadletter'>
beforeEach(() => {
  clock = new SimulatedClock(0)
  const log = openLog({ write: () => {}, clock })
  session = new Session(clock, log)
  done = []
  retries = 0
  handle = async () => {}
  bury = async letters => void done.push(...letters.map(each => `buried ${each.line}: ${each.reason}`))
  turns = new Turns<'deadletter'>({
    name: 'test',
    clock,
    log,
    codec: { write: () => [], read },
    handler: async (records, place) => {
      const text = records.map(each => each.line).join()
      await handle(text)
      done.push(`handled ${text} before ${place?.partition}:${place?.next}`)
      offsets = place?.offsets
    },
    bury: letters => bury(letters),
    keep: async (_session, partition, next) => void done.push(`kept ${partition}:${next}`),
    onRetry: () => {
      retries++
    },
  })
})

const read = ({ value }: Incoming): Reading<DeadLetter> =>
  value === null
    ? { unreadable: 'no value' }
    : { record: { v: 1, atMs: 0, from: '', reason: '', line: value.toString() } }

const message = (value: string | null, headers = {}, offset = 0): Incoming => ({
  offset: String(offset),
  key: null,
  value: value === null ? null : Buffer.from(value),
  timestamp: '0',
  headers,
})
const take = (partition: number, next: number, ...values: readonly (string | null)[]) =>
  turns.take(fetchedOf(partition, next, values), session)
const fetchedOf = (partition: number, next: number, values: readonly (string | null)[]) => {
  const first = next - values.length
  return { partition, next, messages: values.map((each, at) => message(each, {}, first + at)) }
}

test('records are handled together, and then the position is kept', async () => {
  expect(await take(3, 7, 'a', 'b')).toBe('done')
  expect(done).toEqual(['handled a,b before 3:7', 'kept 3:7'])
})

test('what cannot be read is buried first, once, and is passed over', async () => {
  let failures = 1
  handle = async () => {
    if (failures-- > 0) throw new Error('busy')
  }
  const taken = take(3, 7, 'a', null, 'b')
  await clock.runFor(1_000)
  expect(await taken).toBe('done')
  expect(done).toEqual(['buried : test: no value', 'handled a,b before 3:7', 'kept 3:7'])
  done = []
  expect(await take(3, 8, null)).toBe('done')
  expect(done).toEqual(['buried : test: no value', 'kept 3:8'])
})

test('of records that could not be unpacked, the first says so for all', async () => {
  const messages = [
    message(null, { [unreadableHeader]: Buffer.from('2 records: not lz4') }),
    message(null, { [unreadableHeader]: Buffer.from('') }),
    message('a'),
  ]
  await turns.take({ partition: 3, next: 7, messages }, session)
  expect(done).toEqual(['buried : test: 2 records: not lz4', 'handled a before 3:7', 'kept 3:7'])
})

test('the handler is told where each of its records stands', async () => {
  await take(3, 7, 'a', null, 'b', null)
  expect(offsets).toEqual([3, 5])
  const messages = [
    message(null, { [unreadableHeader]: Buffer.from('2 records: not lz4') }, 10),
    message(null, { [unreadableHeader]: Buffer.from('') }, 11),
    message('a', {}, 14),
  ]
  await turns.take({ partition: 3, next: 15, messages }, session)
  expect(offsets).toEqual([14])
})

test('a handler that fails is called again, ever more seldom, for as long as it takes', async () => {
  let isAway = true
  const calls: number[] = []
  handle = async () => {
    calls.push(clock.nowMs())
    if (isAway) throw new Error('away')
  }
  const taken = take(3, 7, 'a')
  await clock.runFor(60_000)
  expect(calls).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 15_750, 30_750, 45_750])
  isAway = false
  await clock.runFor(15_000)
  expect(await taken).toBe('done')
  expect(retries).toBe(9)
})

test('a handler that asks for time gets it', async () => {
  const calls: number[] = []
  handle = async () => {
    calls.push(clock.nowMs())
    if (calls.length < 3) throw new Failure('store_unavailable', 'later', { retryAfterMs: 3_000 })
  }
  const taken = take(3, 7, 'a')
  await clock.runFor(10_000)
  await taken
  expect(calls).toEqual([0, 3_000, 6_000])
})

test('when the dead letters cannot be written, nothing is lost', async () => {
  const letters: number[] = []
  bury = async all => {
    letters.push(all.length)
    if (letters.length < 3) throw new Failure('bus_unavailable', 'away')
  }
  const taken = take(3, 7, null)
  await clock.runFor(10_000)
  expect(await taken).toBe('done')
  expect(letters).toEqual([1, 1, 1])
})

test('a session that ends leaves what is being repeated at once', async () => {
  handle = async () => {
    throw new Error('away')
  }
  const taken = take(3, 7, 'a')
  await clock.runFor(2_000)
  session.end()
  expect(await taken).toBe('left')
  expect(done).toEqual([])
})

test('a session that ends lets the handler finish, and keeps what it did', async () => {
  const gate = Promise.withResolvers<void>()
  handle = () => gate.promise
  const taken = take(3, 7, 'a')
  await clock.runFor(1_000)
  session.end()
  await clock.runFor(farewellMs - 1)
  gate.resolve()
  expect(await taken).toBe('done')
  expect(done).toEqual(['handled a before 3:7', 'kept 3:7'])
})

test('one that takes too long is left alone, and nobody is called for that partition before it ends', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let calls = 0
  handle = () => gates[calls++]!.promise
  const first = take(3, 7, 'a')
  await clock.runFor(1_000)
  session.end()
  await clock.runFor(farewellMs)
  expect(await first).toBe('left')

  session = new Session(clock, openLog({ write: () => {}, clock }))
  const second = take(3, 7, 'a')
  await clock.runFor(60_000)
  expect(calls).toBe(1)
  const other = take(4, 7, 'b')
  await clock.runFor(0)
  expect(calls).toBe(2)
  gates[1]?.resolve()
  await other
  handle = async () => {}
  gates[0]?.resolve()
  expect(await second).toBe('done')
  expect(done.slice(-2)).toEqual(['handled a before 3:7', 'kept 3:7'])
})

test('nothing begins in a session that is over', async () => {
  session.end()
  expect(await take(3, 7, 'a')).toBe('left')
  expect(done).toEqual([])
})

test('of a reader with positions of its own nothing is kept elsewhere', async () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  expect(await turns.take(fetchedOf(3, 7, ['a', 'b']), session, positions.stand(3, 5))).toBe('done')
  expect(done).toEqual(['handled a,b before 3:7'])
  expect(positions.get(3)).toBe(7)
})

test('who keeps his own position hears of it also where nothing can be read', async () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  expect(await turns.take(fetchedOf(3, 7, [null, null]), session, positions.stand(3, 5))).toBe('done')
  expect(done.at(-1)).toBe('handled  before 3:7')
  expect(offsets).toEqual([])
})

test('a position that moves lets a call end, which does not move it back', async () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  const gate = Promise.withResolvers<void>()
  handle = () => gate.promise
  const taken = turns.take(fetchedOf(3, 7, ['a', 'b']), session, positions.stand(3, 5))
  await clock.runFor(1_000)
  positions.set(3, 1)
  await clock.runFor(120_000)
  expect(done).toEqual([])
  gate.resolve()
  expect(await taken).toBe('done')
  expect(done).toEqual(['handled a,b before 3:7'])
  expect(positions.get(3)).toBe(1)
})

test('a position that moves ends the repeating of a call at once', async () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  let calls = 0
  handle = async () => {
    calls++
    throw new Failure('store_unavailable', 'later', { retryAfterMs: 30_000 })
  }
  const taken = turns.take(fetchedOf(3, 7, ['a', 'b']), session, positions.stand(3, 5))
  await clock.runFor(1_000)
  positions.set(3, 5)
  expect(await taken).toBe('left')
  await clock.runFor(60_000)
  expect([calls, positions.get(3)]).toEqual([1, 5])
})

test('what one that took too long has done in the end is not done again in the next session', async () => {
  const positions = new OwnPositions(new Map([[3, 5]]))
  const gate = Promise.withResolvers<void>()
  handle = () => gate.promise
  const first = turns.take(fetchedOf(3, 7, ['a', 'b']), session, positions.stand(3, 5))
  await clock.runFor(1_000)
  session.end()
  await clock.runFor(farewellMs)
  expect(await first).toBe('left')

  session = new Session(clock, openLog({ write: () => {}, clock }))
  const second = turns.take(fetchedOf(3, 7, ['a', 'b']), session, positions.stand(3, 5))
  gate.resolve()
  expect(await second).toBe('left')
  expect(done).toEqual(['handled a,b before 3:7'])
  expect(positions.get(3)).toBe(7)
})
