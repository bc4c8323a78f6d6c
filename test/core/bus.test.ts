import { expect, test } from 'vitest'
import { openMemoryBus } from '#core/bus/memory.ts'
import { Failure } from '#core/errors.ts'
import { SeriesTable } from '#core/series.ts'
import { batchOf, busContract } from './bus.contract.ts'

busContract({ name: 'memory', open: async () => openMemoryBus(), keeps: false })

test('a publish ends only when its slowest handler has', async () => {
  const bus = openMemoryBus()
  const gate = Promise.withResolvers<void>()
  await bus.subscribe('samples', 'slow', () => gate.promise)
  await bus.subscribe('samples', 'quick', async () => {})
  let isDone = false
  const published = bus.publish('samples', []).then(() => {
    isDone = true
  })

  await new Promise(setImmediate)
  expect(isDone).toBe(false)
  gate.resolve()
  await published

  expect(isDone).toBe(true)
})

test("a handler's failure is the publisher's, and no other group misses the record for it", async () => {
  const bus = openMemoryBus()
  const seen: number[] = []
  await bus.subscribe('samples', 'bad', async () => {
    throw new Failure('store_full', 'no space')
  })
  await bus.subscribe('samples', 'good', async records => void seen.push(records.length))

  await expect(bus.publish('samples', [])).rejects.toThrow('no space')

  expect(seen).toEqual([0])
})

test('slow handlers hold publishers back, and beyond the bound they are told to come again', async () => {
  const bus = openMemoryBus()
  const gate = Promise.withResolvers<void>()
  let handed = 0
  await bus.subscribe('samples', 'slow', () => {
    handed++
    return gate.promise
  })
  const published = Array.from({ length: 256 + 4_096 }, () => bus.publish('samples', []))
  await new Promise(setImmediate)

  expect(handed).toBe(256)
  await expect(bus.publish('samples', [])).rejects.toThrow('overloaded')

  gate.resolve()
  await Promise.all(published)
  expect(handed).toBe(256 + 4_096)
})

test('closing waits for what is under way and takes nothing new', async () => {
  const bus = openMemoryBus()
  const gate = Promise.withResolvers<void>()
  await bus.subscribe('samples', 'slow', () => gate.promise)
  const published = bus.publish('samples', [])
  let isClosed = false
  const closing = bus.close().then(() => {
    isClosed = true
  })

  await expect(bus.publish('samples', [])).rejects.toThrow('stopping')
  expect(isClosed).toBe(false)
  gate.resolve()
  await Promise.all([published, closing])
  expect(isClosed).toBe(true)
})

test('a paused partition holds its publisher, and another member takes over what it held', async () => {
  const bus = openMemoryBus()
  const table = new SeriesTable()
  const seen: string[] = []
  const first = await bus.subscribe('samples', 'one', async records => {
    seen.push(...records.map(each => `first ${each.partition}`))
  })
  await bus.subscribe('samples', 'one', async records => {
    seen.push(...records.map(each => `second ${each.partition}`))
  })
  first.pause([4])
  let isDone = false
  const published = bus.publish('samples', [batchOf(table, 4, 1), batchOf(table, 5, 2)]).then(() => {
    isDone = true
  })
  await new Promise(setImmediate)
  expect([seen, isDone]).toEqual([['first 5'], false])

  await first.stop()
  await published

  expect(seen).toEqual(['first 5', 'second 4'])
})

test('it has no places: a reader begins now, and goes on, whatever it asks for', async () => {
  const bus = openMemoryBus()
  const table = new SeriesTable()
  const seen: unknown[] = []
  const options = { from: 'beginning', paused: true } as const
  const subscription = await bus.subscribe(
    'samples',
    'one',
    async (records, place) => void seen.push(records.length, place),
    options,
  )
  subscription.seek(new Map([[4, 7]]))

  await bus.publish('samples', [batchOf(table, 4, 1)])

  expect(seen).toEqual([1, undefined])
  expect(await bus.places('samples', 'end')).toEqual(new Map())
})
