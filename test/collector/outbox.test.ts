// What the agent does with samples that the bus does not take.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { openOutbox } from '../../collector/outbox.ts'
import { openWorld, type World } from './agent-world.ts'

const full = () => new Failure('store_full', 'no space left on the device')
const outboxOf = (world: World, waitingMax = 1_000) => openOutbox({ ...world, source: 'web-1', waitingMax })

function seriesOf(world: World): number {
  return world.table.intern('mem_total', { host: 'web-1' })
}

const valuesOf = (world: World): number[] => world.published.flatMap(({ rows }) => [...rows.values])

test('tries again, ever more seldom, and keeps the time of receipt', async () => {
  const world = openWorld()
  const outbox = outboxOf(world)
  world.refusals.push(full(), full(), full())
  const beganMs = world.clock.nowMs()
  outbox.row(seriesOf(world), beganMs, 1)

  await world.clock.runFor(100 + 1_000 + 2_000 + 3_999)
  expect(valuesOf(world)).toEqual([])
  expect(world.count('plimsoll_agent_waiting')).toBe(1)
  await world.clock.runFor(1)
  expect(valuesOf(world)).toEqual([1])
  expect(world.published[0]?.receivedAtMs).toBe(beganMs + 100)
  expect(world.count('plimsoll_agent_waiting')).toBe(0)
  expect(world.said().map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    'warn samples are not taken; they wait in memory',
    'info samples are taken again',
  ])
})

test('forgets the oldest when too much waits, and counts them', async () => {
  const world = openWorld()
  const outbox = outboxOf(world, 5)
  world.refusals.push(...Array.from({ length: 20 }, full))
  for (let value = 0; value < 12; value++) {
    outbox.row(seriesOf(world), 0, value)
    await world.clock.runFor(1_000)
  }
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'buffer_full' })).toBe(7)
  world.refusals.length = 0
  await world.clock.runFor(30_000)
  expect(valuesOf(world)).toEqual([7, 8, 9, 10, 11])
})

test('what comes back from a refused publish counts against the limit too', async () => {
  const world = openWorld()
  const outbox = outboxOf(world, 5)
  const { promise, resolve } = Promise.withResolvers<void>()
  world.holdBus(promise)
  world.refusals.push(full())
  for (let value = 0; value < 5; value++) outbox.row(seriesOf(world), 0, value)
  await world.clock.runFor(200)
  for (let value = 5; value < 9; value++) outbox.row(seriesOf(world), 0, value)
  await world.clock.runFor(200)
  expect(world.count('plimsoll_agent_waiting')).toBe(4)
  resolve()
  await world.clock.runFor(10)
  expect(world.count('plimsoll_agent_waiting')).toBe(4)
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'buffer_full' })).toBe(5)
  world.holdBus(undefined)
  await world.clock.runFor(2_000)
  expect(valuesOf(world)).toEqual([5, 6, 7, 8])
})

test('one burst that is over the limit by itself is cut, not kept', async () => {
  const world = openWorld()
  const outbox = outboxOf(world, 5)
  for (let value = 0; value < 8; value++) outbox.row(seriesOf(world), 0, value)
  await world.clock.runFor(200)
  expect(valuesOf(world)).toEqual([0, 1, 2, 3, 4])
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'buffer_full' })).toBe(3)
})

test('what is refused for good does not stand in the way of the rest', async () => {
  const world = openWorld()
  const outbox = outboxOf(world)
  world.refusals.push(new Failure('bad_request', 'not like this'))
  outbox.row(seriesOf(world), 0, 1)
  await world.clock.runFor(200)
  outbox.row(seriesOf(world), 0, 2)
  await world.clock.runFor(200)
  expect(valuesOf(world)).toEqual([2])
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'refused' })).toBe(1)
})

test('what comes while a publish is under way goes with the next, unharmed', async () => {
  const world = openWorld()
  const outbox = outboxOf(world)
  const { promise, resolve } = Promise.withResolvers<void>()
  world.holdBus(promise)
  outbox.row(seriesOf(world), 0, 1)
  await world.clock.runFor(200)
  outbox.row(seriesOf(world), 0, 2)
  await world.clock.runFor(200)
  expect(valuesOf(world)).toEqual([])
  world.holdBus(undefined)
  resolve()
  await world.clock.runFor(0)
  expect(valuesOf(world)).toEqual([1, 2])
})

test('closing tries once more and counts what is lost then', async () => {
  const world = openWorld()
  const outbox = outboxOf(world)
  world.refusals.push(full(), full())
  outbox.row(seriesOf(world), 0, 1)
  outbox.note({ series: seriesOf(world), tMs: 0, text: 'a line' })
  await world.clock.runFor(200)
  await outbox.close()
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'stopped' })).toBe(2)
  outbox.row(seriesOf(world), 0, 2)
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'stopped' })).toBe(3)
  await world.clock.runFor(100_000)
  expect(valuesOf(world)).toEqual([])
})

test('closing while a publish is under way loses nothing', async () => {
  const world = openWorld()
  const outbox = outboxOf(world)
  const { promise, resolve } = Promise.withResolvers<void>()
  world.holdBus(promise)
  world.refusals.push(full())
  outbox.row(seriesOf(world), 0, 1)
  await world.clock.runFor(200)
  outbox.row(seriesOf(world), 0, 2)
  const closing = outbox.close()
  world.holdBus(undefined)
  resolve()
  await closing
  expect(valuesOf(world)).toEqual([1, 2])
})

test('whatever the bus does: each sample arrives once and in order, or is counted as lost', async () => {
  const step = fc.oneof(
    fc.record({ is: fc.constant('row' as const) }),
    fc.record({ is: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
    fc.record({ is: fc.constant('refuse' as const), forGood: fc.boolean() }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      async (steps, max) => {
        const world = openWorld()
        const outbox = outboxOf(world, max)
        const series = seriesOf(world)
        let written = 0
        for (const each of steps) {
          if (each.is === 'row') outbox.row(series, 0, written++)
          else if (each.is === 'wait') await world.clock.runFor(each.ms)
          else world.refusals.push(each.forGood ? new Failure('bad_request', 'no') : full())
          expect(world.count('plimsoll_agent_waiting')).toBeLessThanOrEqual(2 * max)
        }
        await outbox.close()
        const arrived = valuesOf(world)
        expect(arrived).toEqual([...new Set(arrived)].sort((a, b) => a - b))
        expect(arrived.length + world.count('plimsoll_agent_dropped_total')).toBe(written)
      },
    ),
    { numRuns: 200 },
  )
})
