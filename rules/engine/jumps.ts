// Whether somebody has set the machine's clock: wall time and monotonic time part. Called by engine.ts at each look.
import type { Clock } from '#core/clock.ts'

// A clock that is kept right by small steps is no jump.
const leastMs = 30_000

// By how much it jumped since the last jump; 0: it did not.
export function openJumps(clock: Clock): () => number {
  let knownMs = clock.nowMs() - clock.monotonicMs()
  return () => {
    const offsetMs = clock.nowMs() - clock.monotonicMs()
    const byMs = offsetMs - knownMs
    if (Math.abs(byMs) < leastMs) return 0
    knownMs = offsetMs
    return byMs
  }
}
