// How many attempts may this key make? A bucket of attempts for each, which fills again with time. Keys beyond
// the bound push out the one that was silent longest. Time is that of a clock which nobody can set. Called by login.ts.
import type { Clock } from '../clock.ts'

export type Limiter = Readonly<{
  // 0 when it may, else how long to wait.
  take(key: string): number
  // Gives everything back: the attempt was a good one.
  forgive(key: string): void
}>

type Limits = Readonly<{ burst: number; refillMs: number; keysMax: number }>

export function openLimiter(
  clock: Pick<Clock, 'monotonicMs'>,
  { burst, refillMs, keysMax }: Limits,
): Limiter {
  // When the bucket of each key will be full again.
  const fullAt = new Map<string, number>()
  return {
    take(key) {
      const nowMs = clock.monotonicMs()
      const before = Math.max(nowMs, fullAt.get(key) ?? 0)
      const waitMs = before + refillMs - nowMs - burst * refillMs
      if (waitMs > 0) return waitMs
      fullAt.delete(key)
      fullAt.set(key, before + refillMs)
      if (fullAt.size > keysMax) fullAt.delete(fullAt.keys().next().value!)
      return 0
    },
    forgive(key) {
      fullAt.delete(key)
    },
  }
}
