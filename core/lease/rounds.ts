// Does one thing over and over, never twice at once: after the time that the last round asked for, or when woken.
// A round that finds the state away is told and tried again soon. Called by held.ts and wanted.ts.
import type { Clock, Timer } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Log } from '../log.ts'
import { timing } from './timing.ts'

export type Rounds = Readonly<{
  // Soon; in the middle of a round, once more after it.
  wake(): void
  // Resolves when no round is under way, and none will be.
  end(): Promise<void>
}>

export type RoundsOptions = Readonly<{
  clock: Clock
  log: Log
  // What cannot be done when it fails.
  trouble: string
  // Answers with how long to wait, or with nothing: until woken.
  round(): Promise<number | undefined>
}>

export function openRounds({ clock, log, trouble, round }: RoundsOptions): Rounds {
  let timer: Timer | undefined
  let running: Promise<void> | undefined
  let again = false
  let ended = false

  function wake(): void {
    if (ended) return
    again = true
    timer?.cancel()
    running ??= run()
  }
  async function run(): Promise<void> {
    let waitMs: number | undefined
    while (again && !ended) {
      // Lets whoever wakes in the same moment into this round.
      await Promise.resolve()
      again = false
      waitMs = await round().catch(retried)
    }
    running = undefined
    if (waitMs !== undefined && !ended) timer = clock.after(waitMs, wake)
  }
  function retried(error: unknown): number {
    if (!(error instanceof Failure)) throw error
    log.warn('lease', trouble, { error })
    return timing.retryMs
  }
  return {
    wake,
    async end() {
      ended = true
      timer?.cancel()
      await running
    },
  }
}
