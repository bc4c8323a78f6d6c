// One reading of an input: begun unless the last one still runs, ended in time, and its failure counted and
// said once. Streams are kept running here too. Called by agent.ts.
import { type Clock, elapsedMs } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Collection } from './collect.ts'
import type { Periodic, Stream } from './input.ts'

export type ReadingOptions = Readonly<{
  input: string
  deadlineMs: number
  clock: Clock
  own: OwnMetrics
  log: Log
  collect: (time: () => number) => Collection
}>

export type Reading = Readonly<{ begin(tMs: number): void; stop(): void }>

export function openReading(periodic: Periodic, options: ReadingOptions): Reading {
  const { input, deadlineMs, clock, own, collect } = options
  const seconds = own.histogram('plimsoll_agent_gather_seconds')
  const skipped = own.counter('plimsoll_agent_skipped_ticks_total')
  const outcome = openOutcome(options)
  let stop: (() => void) | undefined

  async function read(tMs: number): Promise<void> {
    const { into, end } = collect(() => tMs)
    const ending = new AbortController()
    const late = clock.after(deadlineMs, () => {
      giveUp()
      outcome.failed(new Failure('unreadable', `${input}: did not answer within ${deadlineMs} ms`))
    })
    const giveUp = (): void => {
      end()
      late.cancel()
      ending.abort()
    }
    stop = giveUp
    const beganMs = elapsedMs()
    try {
      await periodic.gather(into, ending.signal)
      if (!ending.signal.aborted) outcome.succeeded()
    } catch (error) {
      if (!ending.signal.aborted) outcome.failed(error)
    } finally {
      late.cancel()
      end()
      stop = undefined
      seconds.observe((elapsedMs() - beganMs) / 1_000, { input })
    }
  }

  return {
    begin(tMs) {
      if (stop === undefined) void read(tMs)
      else skipped.inc(1, { input })
    },
    stop: () => stop?.(),
  }
}

const pauseMs = { first: 1_000, longest: 60_000 }

// Resolves when the stream has ended after it was stopped.
export async function keepRunning(
  stream: Stream,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { input, clock, collect } = options
  const outcome = openOutcome(options)
  let waitMs = pauseMs.first
  while (!signal.aborted) {
    const beganMs = clock.nowMs()
    const { into, end } = collect(() => clock.nowMs())
    try {
      await stream.run(into, signal)
      if (!signal.aborted) outcome.failed(new Failure('unreadable', `${input}: ended by itself`))
    } catch (error) {
      if (!signal.aborted) outcome.failed(error)
    }
    end()
    // Whoever ran for long has recovered in between.
    waitMs = clock.nowMs() - beganMs > pauseMs.longest ? pauseMs.first : waitMs
    await clock.sleep(waitMs, signal).catch(() => {})
    waitMs = Math.min(pauseMs.longest, waitMs * 2)
  }
}

// Says when an input begins to fail and when it works again; in between it only counts.
function openOutcome({ input, own, log }: ReadingOptions) {
  const failures = own.counter('plimsoll_agent_gather_failures_total')
  let inARow = 0
  return {
    succeeded(): void {
      if (inARow > 0) log.info('agent', `input ${input} works again`, { failures: inARow })
      inARow = 0
    },
    failed(error: unknown): void {
      failures.inc(1, { input })
      inARow += 1
      if (inARow === 1) log.warn('agent', `input ${input} fails`, { error })
    },
  }
}
