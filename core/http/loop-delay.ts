// Is this process so busy that its timers are late? Asked before a body is read; costs nothing in between.
// Opened by server.ts.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { elapsedMs } from '../clock.ts'

export interface LoopDelay extends Disposable {
  // The longest delay within about the last second.
  maxMs(): number
}

const resolutionMs = 50
const windowMs = 1_000

export function openLoopDelay(): LoopDelay {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let sinceMs = elapsedMs()
  let beforeMs = 0
  const currentMs = (): number => (delay.count === 0 ? 0 : Math.max(0, delay.max / 1e6 - resolutionMs))
  return {
    maxMs() {
      const ageMs = elapsedMs() - sinceMs
      const isOver = ageMs > windowMs
      // What happened long before this question says nothing about now.
      const maxMs = ageMs > 3 * windowMs ? 0 : Math.max(currentMs(), beforeMs)
      if (isOver) {
        beforeMs = ageMs > 3 * windowMs ? 0 : currentMs()
        sinceMs += ageMs
        delay.reset()
      }
      return maxMs
    },
    [Symbol.dispose]: () => void delay.disable(),
  }
}
