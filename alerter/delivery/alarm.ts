// Wakes delivery when an entry or a lane is due again: one timer for all of them. Called by loop.ts.
import type { Clock, Timer } from '#core/clock.ts'
import { Dues } from '../timeline/dues.ts'

export interface Alarm {
  // One time for each name, of a clock that never goes back.
  set(name: string, atMs: number): void
  delete(name: string): void
  // Whatever was set or deleted since: now it counts.
  arm(): void
  stop(): void
}

// Longer than timers can.
const delayMaxMs = 2 ** 30

export function openAlarm(clock: Clock, wake: (names: readonly string[]) => void): Alarm {
  const dues = new Dues()
  let armed: Readonly<{ atMs: number; timer: Timer }> | undefined

  const ring = (): void => {
    armed = undefined
    const names: string[] = []
    for (;;) {
      const name = dues.take(clock.monotonicMs())
      if (name === undefined) break
      names.push(name)
    }
    wake(names)
  }
  const stop = (): void => {
    armed?.timer.cancel()
    armed = undefined
  }
  return {
    set: (name, atMs) => dues.set(name, atMs),
    delete: name => dues.delete(name),
    arm() {
      const atMs = dues.nextMs
      if (armed !== undefined && armed.atMs <= atMs) return
      stop()
      if (!Number.isFinite(atMs)) return
      const delayMs = Math.min(Math.max(0, atMs - clock.monotonicMs()), delayMaxMs)
      armed = { atMs, timer: clock.after(delayMs, ring) }
    },
    stop,
  }
}
