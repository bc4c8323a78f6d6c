// Whether a look comes much later than usual, by which clock.
import { expect, test } from 'vitest'
import type { Clock } from '#core/clock.ts'
import { openLooks } from '../../alerter/looks.ts'

test('is late where a clock has gone on for longer than it should, and not because a look takes long', () => {
  let now = { wallMs: 1_000_000, monotonicMs: 500 }
  const clock = { nowMs: () => now.wallMs, monotonicMs: () => now.monotonicMs } as Clock
  const looks = openLooks(clock, 5_000)
  const pass = (wallMs: number, monotonicMs = wallMs): void => {
    now = { wallMs: now.wallMs + wallMs, monotonicMs: now.monotonicMs + monotonicMs }
  }
  const t = (wallMs: number, monotonicMs: number, wanted: readonly [number, number], tookMs = 0) => {
    pass(wallMs, monotonicMs)
    const late = looks.begin()
    expect([late.wallMs, late.monotonicMs]).toEqual(wanted)
    pass(tookMs)
    looks.end()
  }

  t(0, 0, [0, 0])
  t(5_000, 5_000, [0, 0])
  t(14_999, 14_999, [0, 0])
  t(15_000, 15_000, [10_000, 10_000])
  // Asleep, where the monotonic clock stops; then set forward while it goes on; then held up.
  t(3_605_000, 5_000, [3_600_000, 0])
  t(65_000, 6_000, [60_000, 0])
  t(65_000, 65_000, [60_000, 60_000])
  // Set back.
  t(-3_600_000, 5_000, [0, 0])
  t(5_000, 5_000, [0, 0], 60_000)
  t(5_000, 5_000, [0, 0], 60_000)
  t(15_000, 15_000, [10_000, 10_000])
  // In the middle of a look.
  pass(0, 0)
  looks.begin()
  pass(600_000, 2)
  looks.end()
  t(5_000, 5_000, [600_000 - 2, 0])
})
