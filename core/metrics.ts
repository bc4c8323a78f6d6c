// Every number this service writes, in one table, with unit and meaning. Inputs and rooms take their names
// from here; rule packs, dashboards and docs/metrics.md are held against it by tests.

export type MetricKind = 'gauge' | 'counter' | 'histogram'

type Entry = Readonly<{ kind: MetricKind; unit: string; meaning: string }>

// The service's own, at /metrics and in its own store.
const own = {
  plimsoll_gateway_lines_total: {
    kind: 'counter',
    unit: 'lines',
    meaning: 'lines of line protocol received',
  },
  plimsoll_store_append_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'from handing batches to the store until they are durable',
  },
} as const satisfies Record<string, Entry>

// What the agent's inputs measure. Names follow Telegraf's.
const inputs = {
  cpu_usage_idle: {
    kind: 'gauge',
    unit: '%',
    meaning: 'share of the interval in which the processor had nothing to do',
  },
} as const satisfies Record<string, Entry>

export const metrics = { ...own, ...inputs } as const

export type MetricName = keyof typeof metrics
export type OwnMetricName = keyof typeof own
