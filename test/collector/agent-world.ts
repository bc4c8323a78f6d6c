// An agent in a world of its own: a clock that tests move, and a bus that takes or refuses what they say.
import type { Batch } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { type Agent, openAgent } from '../../collector/agent.ts'
import type { Input } from '../../collector/input.ts'
import type { OpenedInput } from '../../collector/inputs/index.ts'

export const startMs = 1_800_000_003_250

export type World = ReturnType<typeof openWorld>

type Given = Readonly<{ waitingMax?: number; seriesMax?: number }>

export function openWorld(given: Given = {}) {
  const clock = new SimulatedClock(startMs)
  const own = openOwnMetrics()
  const table = new SeriesTable(given.seriesMax)
  const lines: string[] = []
  const log = openLog({ clock, write: line => lines.push(line) })
  const published: Batch[] = []
  // What the next publishes answer with; taken when there is nothing.
  const refusals: Error[] = []
  let hold: Promise<void> | undefined
  const bus: Bus = {
    carries: 'rows',
    health: async () => ({ writable: true }),
    async publish(_topic, handed) {
      const records = handed as readonly Batch[]
      await hold
      const refusal = refusals.shift()
      if (refusal !== undefined) throw refusal
      published.push(...records)
    },
    subscribe: () => Promise.reject(new Error('nobody subscribes')),
    places: async () => new Map(),
    close: async () => {},
  }
  const open = (inputs: readonly OpenedInput[], tags = {}): Agent =>
    openAgent({ inputs, table, bus, clock, host: 'web-1', tags, own, log, ...given })

  return {
    clock,
    own,
    table,
    log,
    bus,
    open,
    refusals,
    published,
    holdBus: (until: Promise<void> | undefined) => {
      hold = until
    },
    // What was told, without time: 'warn input x fails …'.
    said: () => lines.map(line => JSON.parse(line) as Record<string, unknown>),
    // `name{host="web-1"} value @seconds since the start`, in the order of arrival.
    rows(): string[] {
      return published.flatMap(({ rows }) =>
        Array.from(rows.series, (id, at) => {
          const { name, labels } = table.get(id)
          const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
          const seconds = (rows.tMs[at]! - startMs) / 1_000
          return `${name}{${pairs.join(',')}} ${rows.values[at]} @${seconds}`
        }),
      )
    },
    count(name: string, labels: Readonly<Record<string, string>> = {}): number {
      const found = own.samples(0).filter(({ series }) => series.name === name)
      const wanted = found.filter(({ series }) =>
        Object.entries(labels).every(([label, text]) => series.labels[label] === text),
      )
      return wanted.reduce((sum, { value }) => sum + value, 0)
    },
  }
}

export const every = (intervalMs: number, input: Input, more: Partial<OpenedInput> = {}): OpenedInput => ({
  name: 'mem',
  input,
  intervalMs,
  deadlineMs: intervalMs / 2,
  tags: {},
  ...more,
})
