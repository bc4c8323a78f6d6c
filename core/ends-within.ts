// Whether a work ends in time; beyond it nobody waits. Called by whoever closes what may hang.
import type { Clock } from './clock.ts'

// What the work throws in time is thrown.
export async function endsWithin(limitMs: number, work: Promise<unknown>, clock: Clock): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = clock.after(limitMs, () => late.resolve(false))
  try {
    return await Promise.race([work.then(() => true), late.promise])
  } finally {
    // Left alone, it would keep the process for as long.
    timer.cancel()
  }
}
