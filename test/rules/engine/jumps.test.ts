// When the clock of a machine counts as set, and that everything is looked at anew then, once.
import { expect, test } from 'vitest'
import { type Clock, SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { SeriesTable } from '#core/series.ts'
import { Agents } from '../../../rules/agents.ts'
import { openJumps } from '../../../rules/engine/jumps.ts'

function world() {
  const steady = new SimulatedClock(1_000_000)
  const set = { byMs: 0 }
  const clock: Clock = {
    nowMs: () => steady.nowMs() + set.byMs,
    monotonicMs: () => steady.monotonicMs(),
    after: (delayMs, wake) => steady.after(delayMs, wake),
    sleep: (delayMs, signal) => steady.sleep(delayMs, signal),
  }
  const begun: PromiseWithResolvers<void>[] = []
  const logged: string[] = []
  const count = { failed: 0 }
  const look = openJumps({
    clock,
    log: openLog({ clock, write: line => void logged.push(line) }),
    agents: new Agents({ table: new SeriesTable(), silentMs: 1_000, forgetMs: 1_000 }),
    beginAnew() {
      const next = Promise.withResolvers<void>()
      begun.push(next)
      return next.promise
    },
    failed: () => void count.failed++,
  })
  return { steady, set, begun, logged, count, look }
}

test('time that passes and small steps are no jump', async () => {
  const { steady, set, begun, look } = world()
  await steady.runFor(86_400_000)
  expect(look()).toBeUndefined()
  set.byMs = 29_999
  expect(look()).toBeUndefined()
  // Small steps add up.
  set.byMs = 30_000
  expect(look()).toBeInstanceOf(Promise)
  expect(begun).toHaveLength(1)
})

test('whoever looks meanwhile waits for the same, and then all is as ever', async () => {
  const { set, begun, logged, look } = world()
  set.byMs = -7_200_000
  const waiting = [look(), look()]
  expect([begun.length, logged.length]).toEqual([1, 1])
  begun[0]!.resolve()
  await Promise.all(waiting)
  expect(look()).toBeUndefined()
})

test('a clock that is set again meanwhile is looked at again', async () => {
  const { set, begun, look } = world()
  set.byMs = 7_200_000
  const first = look()
  set.byMs = 0
  expect(look()).toBe(first)
  begun[0]!.resolve()
  await first
  const second = look()
  expect(second).toBeInstanceOf(Promise)
  begun[1]!.resolve()
  await second
  expect(look()).toBeUndefined()
})

test('what fails is told to whoever waits, and tried again by the next who looks', async () => {
  const { set, begun, count, look } = world()
  set.byMs = 7_200_000
  const first = look()
  begun[0]!.reject(new Failure('store_unavailable', 'the disk is away'))
  await expect(first).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(count.failed).toBe(1)
  const second = look()
  begun[1]!.resolve()
  await second
  expect([look(), begun.length]).toEqual([undefined, 2])
})
