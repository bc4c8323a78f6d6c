// Servers of a fleet start at the same time as we do: what is away is asked for again for a minute before the start
// fails. What refuses us is told at once. Called by fleet.ts.
import { type Clock, realClock } from '#core/clock.ts'
import { type ErrorCode, Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'

const away: readonly ErrorCode[] = ['bus_unavailable', 'state_unavailable', 'store_unavailable']

const patienceMs = 60_000
const pauseMs = 1_000

export type PatienceOptions = Readonly<{
  clock?: Clock | undefined
  log?: Log | undefined
  givenUp?: AbortSignal | undefined
}>

export async function patiently<T>(
  open: () => Promise<T>,
  { clock = realClock, log, givenUp }: PatienceOptions,
): Promise<T> {
  const untilMs = clock.monotonicMs() + patienceMs
  for (;;) {
    try {
      return await open()
    } catch (error) {
      const isAway = error instanceof Failure && away.includes(error.code)
      if (!isAway || givenUp?.aborted === true || clock.monotonicMs() >= untilMs) throw error
      log?.warn('up', 'waiting for a server', { code: error.code, error })
    }
    await clock.sleep(pauseMs, givenUp)
    givenUp?.throwIfAborted()
  }
}
