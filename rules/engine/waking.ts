// The timer of an evaluator: when what time alone changes is due, and at least once a second. Called by evaluator.ts.
import type { Clock, Timer } from '#core/clock.ts'

export type WakingOptions = Readonly<{
  clock: Clock
  nextDueMs(): number
  // Up to when everything has come that will.
  completeMs(): number
  isFailing(): boolean
  wake(): void
}>

export type Waking = Readonly<{ plan(): void; later(): void; stop(): void }>

const lookEachMs = 1_000

export function openWaking({ clock, nextDueMs, completeMs, isFailing, wake }: WakingOptions): Waking {
  let timer: Timer | undefined
  let isStopped = false
  const wakeIn = (delayMs: number): void => {
    if (isStopped) return
    timer?.cancel()
    timer = clock.after(delayMs, wake)
  }
  return {
    plan() {
      const dueMs = nextDueMs()
      const delayMs = Math.min(dueMs - clock.nowMs(), lookEachMs)
      // What is due while nothing can be saved stays due, and what waits for its input does too.
      const isHeld = isFailing() || (delayMs <= 0 && dueMs > completeMs())
      wakeIn(isHeld ? lookEachMs : Math.max(0, delayMs))
    },
    later: () => wakeIn(lookEachMs),
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}
