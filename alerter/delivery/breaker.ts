// Is it worth trying? After failures in a row nothing is sent for a while, then one message is the probe. What fails again
// and again while others get through tells nothing of the service. Times are those of a clock that never goes back. Called
// by lane.ts, one for each way.

export interface Breaker {
  // Infinite while the probe is on its way.
  waitMs(nowMs: number): number
  // One leaves: the probe, if there is to be one.
  begin(): void
  // Nobody was asked after all, so the next one is the probe.
  giveBack(): void
  // The service answered, whatever it thinks of the message.
  worked(nowMs: number): void
  failed(nowMs: number, failure: Failure): void
  // The settings are no use. Everybody is told so at once; but what says so may be a door that is closed for a moment,
  // so now and then it is tried.
  refused(nowMs: number, reason: string): void
  state(): BreakerState
}

// `sinceMs`: since when this message is tried. `afterMs`: what the service asked for.
export type Failure = Readonly<{ reason: string; sinceMs: number; afterMs: number | undefined }>

export type BreakerState = Readonly<{
  kind: 'closed' | 'open' | 'probing'
  because: 'failures' | 'settings'
  reason: string
}>

const failuresMax = 5
const provenMs = 300_000
// A service that is back is found within a minute; settings mend more slowly.
const openMs = { failures: { first: 5_000, most: 60_000 }, settings: { first: 60_000, most: 300_000 } }

export function openBreaker(): Breaker {
  let failures = 0
  let untilMs = Number.NEGATIVE_INFINITY
  let openings = 0
  let workedMs = Number.NEGATIVE_INFINITY
  let state: BreakerState = { kind: 'closed', because: 'failures', reason: '' }

  const open = (because: BreakerState['because'], reason: string, nowMs: number): void => {
    const { first, most } = openMs[because]
    untilMs = nowMs + Math.min(most, first * 2 ** openings)
    openings = Math.min(openings + 1, 10)
    state = { kind: 'open', because, reason }
  }
  return {
    waitMs(nowMs) {
      if (state.kind === 'closed') return 0
      return state.kind === 'probing' ? Number.POSITIVE_INFINITY : Math.max(0, untilMs - nowMs)
    },
    begin() {
      if (state.kind === 'open') state = { ...state, kind: 'probing' }
    },
    giveBack() {
      if (state.kind === 'probing') state = { ...state, kind: 'open' }
    },
    worked(nowMs) {
      workedMs = nowMs
      failures = 0
      openings = 0
      state = { kind: 'closed', because: 'failures', reason: '' }
    },
    failed(nowMs, { reason, sinceMs, afterMs }) {
      // Others got through meanwhile, and not long ago, so it is this one.
      if (state.kind === 'closed' && workedMs > sinceMs && nowMs - workedMs < provenMs) return
      failures += 1
      // Those that left before it opened change nothing.
      if (state.kind === 'probing' || (state.kind === 'closed' && failures >= failuresMax))
        open('failures', reason, nowMs)
      if (afterMs === undefined) return
      untilMs = Math.max(untilMs, nowMs + afterMs)
      if (state.kind === 'closed') state = { kind: 'open', because: 'failures', reason }
    },
    refused(nowMs, reason) {
      if (state.kind !== 'open' || state.because !== 'settings') open('settings', reason, nowMs)
    },
    state: () => state,
  }
}
