// Watches this machine: reads every input at its interval and puts what they find on the bus. Read this file
// first. Opened by bin/ (`up` and `agent`), closed before the bus is.
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import { openCollector } from './collect.ts'
import type { Named } from './input.ts'
import type { OpenedInput } from './inputs/index.ts'
import { openOutbox } from './outbox.ts'
import { keepRunning, openReading, type ReadingOptions } from './reading.ts'
import { startTicks } from './ticks.ts'

export type AgentOptions = Readonly<{
  inputs: readonly OpenedInput[]
  table: SeriesTable
  bus: Bus
  clock: Clock
  // Stands on every series as `host`.
  host: string
  tags: Named
  own: OwnMetrics
  log: Log
  // Samples kept in memory while the bus does not take them.
  waitingMax?: number
}>

// close() stops reading and hands on once what was gathered.
export type Agent = Readonly<{ close(): Promise<void> }>

// How long streams may take to end.
const goodbyeMs = 1_000

export function openAgent(options: AgentOptions): Agent {
  const { inputs, clock, host, tags } = options
  const outbox = openOutbox({ ...options, source: host })
  const stopping = new AbortController()
  const stops: (() => void)[] = []
  const streams: Promise<void>[] = []

  for (const { name, input, intervalMs, deadlineMs, tags: more } of inputs) {
    const base = { ...tags, host, ...more }
    const collect = openCollector({ ...options, input: name, outbox, base })
    const reading: ReadingOptions = { ...options, input: name, deadlineMs, collect }
    if ('run' in input) {
      streams.push(keepRunning(input, reading, stopping.signal))
      continue
    }
    const { begin, stop } = openReading(input, reading)
    const ticks = startTicks(clock, intervalMs, begin)
    stops.push(ticks.stop, stop)
  }

  return {
    async close() {
      for (const stop of stops) stop()
      stopping.abort()
      await within(clock, goodbyeMs, streams)
      await outbox.close()
    },
  }
}

function within(clock: Clock, patienceMs: number, tasks: readonly Promise<void>[]): Promise<void> {
  return new Promise(resolve => {
    const timer = clock.after(patienceMs, resolve)
    void Promise.all(tasks).then(() => {
      timer.cancel()
      resolve()
    })
  })
}
