// When are facts and incidents forgotten? Looked at each hour, a portion at a time with pauses in which others write.
// Opened by the alerter.
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { State } from '#core/state.ts'
import type { AlerterBook } from './book.ts'

export type Retention = Readonly<{ close(): Promise<void> }>

export type RetentionOptions = Readonly<{
  book: AlerterBook
  clock: Clock
  log: Log
  keptMs: number
  write?: State['write'] | undefined
}>

const firstMs = 60_000
const eachMs = 3_600_000
const pauseMs = 200

export function openRetention({ book, clock, log, keptMs, write }: RetentionOptions): Retention {
  let timer: Timer
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  function plan(delayMs: number): void {
    timer = clock.after(delayMs, () => {
      running = look()
    })
  }
  async function look(): Promise<void> {
    const hasMore = await book.forget(clock.nowMs() - keptMs, write).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error
      log.warn('alerter', 'cannot forget what is old, and tries again', { error })
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
