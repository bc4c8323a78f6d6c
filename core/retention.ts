// When is what is old forgotten? Looked at again and again, a portion at a time with pauses in which others write. Opened
// by the rooms that keep something; what a portion is and which is old enough, they say.
import type { Clock, Timer } from './clock.ts'
import { Failure } from './errors.ts'
import type { Log } from './log.ts'

export type Retention = Readonly<{ close(): Promise<void> }>

export type RetentionOptions = Readonly<{
  // A portion of what is older, which nobody waits for long; false when there is no more.
  forget(beforeMs: number): Promise<boolean>
  keptMs: number
  eachMs: number
  // Where a refusal is told.
  room: string
  clock: Clock
  log: Log
}>

const firstMs = 60_000
const pauseMs = 200

export function openRetention({ forget, keptMs, eachMs, room, clock, log }: RetentionOptions): Retention {
  let timer: Timer
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  function plan(delayMs: number): void {
    timer = clock.after(delayMs, () => {
      running = look()
    })
  }
  async function look(): Promise<void> {
    const hasMore = await forget(clock.nowMs() - keptMs).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error
      log.warn(room, 'cannot forget what is old, and tries again', { error })
      return false
    })
    if (!isClosed) plan(hasMore ? pauseMs : eachMs)
  }
  plan(firstMs)
  return {
    async close() {
      isClosed = true
      timer.cancel()
      await running
    },
  }
}
