// The life of one campaign: waits until the lease is ours, works, waits until the work has ended, and begins again.
// Called by leases.ts.
import type { Clock } from '../clock.ts'
import { endsWithin } from '../ends-within.ts'
import { Failure } from '../errors.ts'
import type { Campaign, Work } from '../lease.ts'
import type { Log } from '../log.ts'
import type { Holding } from './holding.ts'
import { timing } from './timing.ts'

// How long a work that lost its lease may go on before somebody should hear of it.
const lingerMs = 10_000

export type CampaignOptions = Readonly<{
  name: string
  work: Work
  clock: Clock
  log: Log
  // Resolves when the lease is ours; with nothing when the signal is aborted.
  next(signal: AbortSignal): Promise<Holding | undefined>
  handOver(holding: Holding): Promise<void>
  onEnd(): void
}>

export function openCampaign(options: CampaignOptions): Campaign {
  const { name, work, clock, log, next, handOver, onEnd } = options
  const stopping = new AbortController()
  let current: Holding | undefined

  async function run(): Promise<void> {
    for (;;) {
      const holding = await next(stopping.signal)
      if (holding === undefined) return
      current = holding
      let isDone = false
      try {
        if (!stopping.signal.aborted && !holding.signal.aborted) await worked(holding)
        isDone = !holding.signal.aborted
      } finally {
        current = undefined
        await handOver(holding)
      }
      // It ended by itself: others get a turn.
      if (isDone) await clock.sleep(timing.beatMs, stopping.signal).catch(() => {})
    }
  }
  async function worked({ lease, signal }: Holding): Promise<void> {
    let linger = { cancel: (): void => {} }
    const warn = (): void =>
      log.warn('lease', 'the work of a lost lease does not end, so it cannot begin again', { name })
    signal.addEventListener('abort', () => {
      if (!stopping.signal.aborted) linger = clock.after(lingerMs, warn)
    })
    try {
      await work(lease, signal)
    } catch (error) {
      if (signal.aborted && isAnEnd(error, signal)) return
      if (!(error instanceof Failure)) throw error
      log.warn('lease', 'the work of an owner failed and is begun again', { name, error })
    } finally {
      linger.cancel()
    }
  }
  const ended = run().finally(onEnd)

  async function stop(): Promise<void> {
    const why = new Failure('stopping', `${name}: this process hands over`)
    stopping.abort(why)
    current?.ask(why)
    if (await endsWithin(timing.stopMaxMs, ended, clock)) return
    log.warn('lease', 'the work of an owner did not end in time; others take over when it falls silent', {
      name,
    })
    current?.end('over')
  }
  return { ended, stop }
}

// Asked to end, it ends by what it was told, by what an ended wait throws, or by a write that came too late.
const isAnEnd = (error: unknown, signal: AbortSignal): boolean =>
  error === signal.reason ||
  (error instanceof Error && error.name === 'AbortError') ||
  (error instanceof Failure && error.code === 'lease_lost')
