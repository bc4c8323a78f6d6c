import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openLimiter } from '#core/auth/limiter.ts'
import { SimulatedClock } from '#core/clock.ts'

test('lets a burst through, then one for each interval', async () => {
  const clock = new SimulatedClock(1_000_000)
  const { take } = openLimiter(clock, { burst: 3, refillMs: 1_000, keysMax: 10 })
  const t = (waitMs: number) => expect(take('a')).toBe(waitMs)
  t(0)
  t(0)
  t(0)
  t(1_000)
  await clock.runFor(400)
  // To ask too early costs nothing.
  t(600)
  t(600)
  await clock.runFor(600)
  t(0)
  t(1_000)
  expect(take('b')).toBe(0)
  await clock.runFor(60_000)
  t(0)
  t(0)
  t(0)
  t(1_000)
})

test('forgives all at once', () => {
  const clock = new SimulatedClock(0)
  const { take, forgive } = openLimiter(clock, { burst: 1, refillMs: 1_000, keysMax: 10 })
  expect(take('a')).toBe(0)
  expect(take('a')).toBe(1_000)
  forgive('a')
  expect(take('a')).toBe(0)
})

test('remembers a bounded number of keys, those that were heard last', () => {
  const clock = new SimulatedClock(0)
  const { take } = openLimiter(clock, { burst: 1, refillMs: 1_000, keysMax: 2 })
  for (const key of ['a', 'b', 'c']) expect(take(key)).toBe(0)
  expect(take('b')).toBeGreaterThan(0)
  expect(take('c')).toBeGreaterThan(0)
  expect(take('a')).toBe(0)
})

test('never lets more through than burst and time allow, and a wait that was told is enough', async () => {
  const tried = fc.asyncProperty(
    fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 }),
    fc.integer({ min: 1, max: 5 }),
    async (pauses, burst) => {
      const clock = new SimulatedClock(5_000)
      const { take } = openLimiter(clock, { burst, refillMs: 1_000, keysMax: 10 })
      let passed = 0
      for (const pauseMs of pauses) {
        await clock.runFor(pauseMs)
        const waitMs = take('a')
        if (waitMs === 0) passed++
        expect(passed).toBeLessThanOrEqual(burst + (clock.nowMs() - 5_000) / 1_000)
        if (waitMs === 0) continue
        await clock.runFor(waitMs)
        expect(take('a')).toBe(0)
        passed++
      }
    },
  )
  await fc.assert(tried, { numRuns: 30 })
})
