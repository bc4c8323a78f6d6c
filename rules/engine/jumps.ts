// Whether somebody has set the machine's clock: wall time and monotonic time part. Samples that came under another time
// would be taken for silence, so until everything is looked at anew nothing is decided. Called by engine.ts at each look.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Agents } from '../agents.ts'

// A clock that is kept right by small steps is no jump.
const leastMs = 30_000

export type JumpOptions = Readonly<{
  clock: Clock
  log: Log
  agents: Pick<Agents, 'shift'>
  beginAnew(): Promise<void>
  // It could not; somebody has to ask again.
  failed(): void
}>

// Undefined: the clock goes on as ever. Else resolves when all is looked at anew; when that fails, the next call tries
// again.
export function openJumps(options: JumpOptions): () => Promise<void> | undefined {
  const { clock, log, agents, beginAnew, failed } = options
  const offset = (): number => clock.nowMs() - clock.monotonicMs()
  let knownMs = offset()
  // That under which everything was looked at.
  let settledMs = knownMs
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    const forMs = knownMs
    try {
      await beginAnew()
      settledMs = forMs
    } catch (error) {
      log.error('rules', 'not looked at anew, and tried again', { error })
      failed()
      throw error
    } finally {
      running = undefined
    }
  }
  return () => {
    const nowMs = offset()
    const byMs = nowMs - knownMs
    if (Math.abs(byMs) >= leastMs) {
      log.warn('rules', 'the clock of this machine was set', { bySeconds: Math.round(byMs / 1_000) })
      agents.shift(byMs)
      knownMs = nowMs
    }
    if (running === undefined && settledMs === knownMs) return undefined
    running ??= run()
    // A timer that asks waits for nothing.
    running.catch(() => {})
    return running
  }
}
