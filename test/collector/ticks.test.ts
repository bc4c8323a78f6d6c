import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { nextTick, startTicks } from '../../collector/ticks.ts'

async function ticksOf(startMs: number, intervalMs: number, forMs: number): Promise<number[]> {
  const clock = new SimulatedClock(startMs)
  const at: number[] = []
  const ticks = startTicks(clock, intervalMs, tMs => at.push(tMs))
  await clock.runFor(forMs)
  ticks.stop()
  await clock.runFor(10 * intervalMs)
  return at
}

test('the second reading gives way to a tick that is near', async () => {
  const t = async (startMs: number, intervalMs: number, expected: number[]) =>
    expect(await ticksOf(startMs, intervalMs, 21_000 - startMs), String(startMs)).toEqual(expected)

  await t(3_250, 10_000, [3_000, 4_000, 10_000, 20_000])
  await t(8_500, 10_000, [8_000, 9_000, 10_000, 20_000])
  await t(8_501, 10_000, [8_000, 10_000, 20_000])
  await t(9_999, 10_000, [9_000, 10_000, 20_000])
  await t(17_800, 1_000, [17_000, 18_000, 19_000, 20_000, 21_000])
  // Below a second, stamps are exact.
  await t(20_300, 250, [20_300, 20_500, 20_750, 21_000])
})

test('a timer that wakes early, or a clock that jumps, makes no tick twice and none late', () => {
  expect(nextTick(9_999, 10_000, 10_000)).toBe(20_000)
  expect(nextTick(10_000, 10_000, 10_000)).toBe(20_000)
  expect(nextTick(10_001, 10_000, 10_000)).toBe(20_000)
  // Asleep for a while: what was missed is missed.
  expect(nextTick(55_000, 10_000, 10_000)).toBe(60_000)
  // Set back by an hour: the new time is believed.
  expect(nextTick(1_005_000, 10_000, 4_600_000)).toBe(1_010_000)
})

test('no two readings have one stamp, whenever the agent starts', async () => {
  const interval = fc.constantFrom(1_000, 2_000, 5_000, 10_000, 60_000)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 200_000 }), interval, async (startMs, intervalMs) => {
      const at = await ticksOf(startMs, intervalMs, 3 * intervalMs)
      expect(new Set(at).size).toBe(at.length)
    }),
  )
})
