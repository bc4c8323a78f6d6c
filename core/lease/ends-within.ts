// Waits for something, but not for ever. Called by campaign.ts and leases.ts, where a process stops.
import type { Clock } from '../clock.ts'

// False when it takes longer; fails as the work fails.
export function endsWithin(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () => resolve(false))
    work.then(() => resolve(true), reject).finally(() => timer.cancel())
  })
}
