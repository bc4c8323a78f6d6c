// One reader for several shares.
import { beforeEach, expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import type { Bus, Handler, Place, SubscribeOptions } from '#core/bus.ts'
import { openFeed, type Taker } from '../../../rules/fleet/feed.ts'

let told: string[]
let handle: Handler<'samples'>
let options: SubscribeOptions | undefined
let bus: Bus
beforeEach(() => {
  told = []
  const subscribe = async (_topic: string, _group: string, handler: unknown, given: SubscribeOptions) => {
    handle = handler as Handler<'samples'>
    options = given
    return {
      pause: (those: readonly number[]) => void told.push(`pause ${those}`),
      resume: (those: readonly number[]) => void told.push(`resume ${those}`),
      seek: (places: ReadonlyMap<number, number>) =>
        void told.push(`seek ${[...places].map(each => each.join(':'))}`),
      stop: async () => void told.push('stop'),
    }
  }
  bus = { subscribe } as unknown as Bus
})

const placeOf = (partition: number): Place => ({ partition, offsets: [0], next: 1 })
const batch = {} as Batch
const taker =
  (name: string): Taker =>
  async (_batches, { partition }) =>
    void told.push(`${name} takes ${partition}`)

test('it begins paused, and asks for nothing that may be gone', async () => {
  await openFeed(bus)
  expect(options).toEqual({ from: 'beginning', paused: true })
})

test('each is given its own partitions, from where it begins', async () => {
  const feed = await openFeed(bus)
  feed.attach(new Map([[1, 10]]), taker('one'))
  feed.attach(new Map([[2, 20]]), taker('two'))
  await handle([batch], placeOf(2))
  await handle([batch], placeOf(1))
  // Nobody's.
  await handle([batch], placeOf(3))
  expect(told).toEqual(['seek 1:10', 'resume 1', 'seek 2:20', 'resume 2', 'two takes 2', 'one takes 1'])
})

test("who has left is waited for, and moves nothing any more that may be another one's", async () => {
  const feed = await openFeed(bus)
  const taking = Promise.withResolvers<void>()
  const one = feed.attach(new Map([[1, 10]]), () => taking.promise)
  one.hold(1)
  const handled = handle([batch], placeOf(1))
  let isLeft = false
  const left = one.detach().then(() => {
    isLeft = true
  })
  await Promise.resolve()
  expect(isLeft).toBe(false)
  told = []
  one.release(1)
  one.again(1, 5)
  feed.attach(new Map([[1, 30]]), taker('two'))
  one.hold(1)
  one.release(1)
  expect(told).toEqual(['seek 1:30', 'resume 1'])
  taking.resolve()
  await Promise.all([handled, left])
  expect(isLeft).toBe(true)
})

test('only what is held is let go', async () => {
  const feed = await openFeed(bus)
  const one = feed.attach(
    new Map([
      [1, 10],
      [2, 20],
    ]),
    taker('one'),
  )
  told = []
  one.release(1)
  one.hold(1)
  one.release(1)
  one.release(1)
  await one.detach()
  await feed.close()
  expect(told).toEqual(['pause 1', 'resume 1', 'pause 1,2', 'stop'])
})
