// The configuration is read again, one time after the other, and how the last time went is remembered: for whoever
// asks at /-/reload, by SIGHUP, and at /metrics. Called by serve.ts.
import type { Clock } from '#core/clock.ts'

export interface Reloads {
  // Answers which keys wait for a restart. Throws a Failure when the configuration is refused; then everything is as it was.
  run(): Promise<readonly string[]>
  // The start counts as the first one.
  last(): Readonly<{ isGood: boolean; goodAtMs: number }>
}

export function openReloads(clock: Clock, reload: () => Promise<readonly string[]>): Reloads {
  let last = { isGood: true, goodAtMs: clock.nowMs() }
  let before: Promise<unknown> = Promise.resolve()
  const once = async (): Promise<readonly string[]> => {
    try {
      const waiting = await reload()
      last = { isGood: true, goodAtMs: clock.nowMs() }
      return waiting
    } catch (error) {
      last = { ...last, isGood: false }
      throw error
    }
  }
  return {
    run() {
      const run = before.then(once)
      before = run.catch(() => {})
      return run
    },
    last: () => last,
  }
}
