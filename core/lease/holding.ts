// One lease while this process owns it: is it still ours, and what may be written under it? It ends when another
// process is seen to own it, and by this machine's own clock when it could not be renewed in time, also while a write
// hangs or after a sleep. Called by leases.ts.
import type { Clock, Timer } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Lease } from '../lease.ts'
import type { State } from '../state.ts'
import { fence, isFenced, owned, type Tenure } from './lease-rows.ts'
import { timing } from './timing.ts'

// A moment on both clocks of this machine.
export type Moment = Readonly<{ monotonicMs: number; nowMs: number }>

export const momentOf = (clock: Clock): Moment => ({ monotonicMs: clock.monotonicMs(), nowMs: clock.nowMs() })

// Could not be renewed in time, belongs to another process, or is no longer wanted here.
export type End = 'late' | 'taken' | 'over'

export type Holding = Readonly<{
  tenure: Tenure
  lease: Lease
  // Aborted when it ends, or when the work is asked to.
  signal: AbortSignal
  // When the last renewal that succeeded was sent.
  renewedMs(): number
  // That one succeeded which was sent then.
  renewed(sent: Moment): void
  ask(why: Failure): void
  end(how: End): void
}>

export type HoldingOptions = Readonly<{
  tenure: Tenure
  sent: Moment
  state: State
  clock: Clock
  // Nobody else can take it, so time does not end it.
  sole: boolean
  onEnd(how: End): void
}>

export function openHolding({ tenure, sent, state, clock, sole, onEnd }: HoldingOptions): Holding {
  const { name, epoch } = tenure
  const asked = new AbortController()
  // Made once: making it each time would cost five times what carrying it out does.
  const compiled = fence(state.db, tenure).compile()
  const guard = { compile: () => compiled }
  let renewed = sent
  let ended = false
  let timer: Timer | undefined

  const lost = (cause?: unknown): Failure =>
    new Failure('lease_lost', `${name}: this process is no longer its owner (epoch ${epoch})`, { cause })

  function end(how: End): void {
    if (ended) return
    ended = true
    timer?.cancel()
    asked.abort(lost())
    onEnd(how)
  }
  // Also asked by whoever uses it: after a sleep answers may arrive before any timer.
  function isOurs(): boolean {
    if (!ended && !sole && clock.monotonicMs() - renewed.monotonicMs >= timing.heldMaxMs) end('late')
    return !ended
  }
  function watch(): void {
    if (sole || !isOurs()) return
    timer = clock.after(renewed.monotonicMs + timing.heldMaxMs - clock.monotonicMs(), watch)
  }
  async function fenced<T>(write: () => Promise<T>, isRefusal: (error: unknown) => boolean): Promise<T> {
    if (!isOurs()) throw lost()
    try {
      return await write()
    } catch (error) {
      const isRefused = isRefusal(error)
      if (isRefused) end('taken')
      // Of a transaction that slept we hear only that it took too long.
      throw isRefused || !isOurs() ? lost(error) : error
    }
  }
  async function write(statements: Parameters<State['write']>[0]): ReturnType<State['write']> {
    const [, ...written] = await fenced(() => state.write([guard, ...statements]), isFenced)
    return written
  }
  function transaction<T>(work: Parameters<typeof state.transaction<T>>[0]): Promise<T> {
    const gone = lost()
    const guarded: typeof work = async tx => {
      if ((await owned(tx, tenure).executeTakeFirst()) === undefined) throw gone
      return work(tx)
    }
    return fenced(
      () => state.transaction(guarded),
      error => error === gone,
    )
  }
  watch()

  return {
    tenure,
    signal: asked.signal,
    renewedMs: () => renewed.monotonicMs,
    renewed(sent) {
      renewed = sent
      isOurs()
    },
    ask: why => asked.abort(why),
    end,
    lease: {
      name,
      epoch,
      // While a machine sleeps its monotonic clock may stand still; the other one shows it afterwards.
      isHeld: () => isOurs() && (sole || clock.nowMs() - renewed.nowMs < timing.heldMaxMs),
      write,
      transaction,
    },
  }
}
