// Did whoever looks again and again look much later than usual, because the machine slept, its clock was set forward, or
// this process was held up? What could not be heard meanwhile is not missing. Called by alerter, watchdog and heartbeats.
import type { Clock } from '#core/clock.ts'

// How much later than usual, by each clock; 0 where it is as usual. A machine that sleeps may stop the monotonic one.
export type Late = Readonly<{ wallMs: number; monotonicMs: number }>

export interface Looks {
  begin(): Late
  // What a look itself takes is no sleep: a slow store keeps nobody from being heard.
  end(): void
}

const sleptMs = 10_000

export function openLooks(clock: Clock, everyMs: number): Looks {
  const moment = () => ({ wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() })
  let last = moment()
  let usualMs = everyMs
  return {
    begin() {
      const now = moment()
      const lateBy = (passedMs: number): number =>
        passedMs - usualMs < sleptMs ? 0 : Math.round(passedMs - usualMs)
      const late = {
        wallMs: lateBy(now.wallMs - last.wallMs),
        monotonicMs: lateBy(now.monotonicMs - last.monotonicMs),
      }
      last = now
      usualMs = everyMs
      return late
    },
    end() {
      usualMs = everyMs + clock.monotonicMs() - last.monotonicMs
    },
  }
}
