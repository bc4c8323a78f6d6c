// What is worth showing of one machine: a reading for each thing that can run short, with its last hour. Pure but
// for asking the store, once. Called by front-page.ts.
import type { MetricName } from '#core/metrics.ts'
import type { Matcher } from '#core/model.ts'
import { isStale } from '#core/stale.ts'
import type { SeriesSamples, Store } from '#core/store.ts'
import { perSecond } from './per-second.ts'
import type { Points } from './spark.ts'

// `of` is a mount or an interface; the other numbers are those that explain the last value.
export type Reading = Readonly<{
  what: 'cpu' | 'load' | 'memory' | 'swap' | 'received' | 'sent' | 'processes' | 'disk'
  points: Points
  of?: string
  used?: number | undefined
  total?: number | undefined
  free?: number | undefined
}>

// `perSecond` is how fast samples are made durable.
export type Machine = Readonly<{ readings: readonly Reading[]; arriving: Points; lastMs: number | undefined }>

const names = [
  'cpu_usage_idle',
  'system_load1',
  'system_n_cpus',
  'mem_used_percent',
  'mem_used',
  'mem_total',
  'swap_used_percent',
  'swap_used',
  'swap_total',
  'processes_total',
  'processes_running',
  'net_bytes_recv',
  'net_bytes_sent',
  'disk_used_percent',
  'disk_free',
  'disk_total',
  'plimsoll_store_samples_total',
] as const satisfies readonly MetricName[]

type Name = (typeof names)[number]

const hourMs = 3_600_000
// What containers and bridges bring along; their traffic passes a real interface too.
const inner = 'lo|all|veth.*|docker.*|br-.*|virbr.*|cni.*|cali.*|flannel.*|vnet.*|tap.*'
const disksMax = 8

// Labels that a series lacks are empty, so one question finds all of them.
const asked = (host: string): Matcher[] => [
  { name: '__name__', op: '=~', value: names.join('|') },
  { name: 'host', op: '=', value: host },
  { name: 'cpu', op: '=~', value: '|cpu-total' },
  { name: 'interface', op: '!~', value: inner },
]

export async function lookAt(store: Pick<Store, 'select'>, host: string, nowMs: number): Promise<Machine> {
  const found = await store.select(asked(host), { fromMs: nowMs - hourMs, toMs: nowMs })
  return machineOf(found)
}

export function machineOf(found: readonly SeriesSamples[]): Machine {
  const alive = found.map(withoutEnd).filter(({ tMs }) => tMs.length > 0)
  const all = Map.groupBy(alive, ({ series }) => series.name)
  const of = (name: Name): readonly SeriesSamples[] => all.get(name) ?? []
  const last = (name: Name): number | undefined => of(name)[0]?.values.at(-1)
  const one = (name: Name, rest: Omit<Reading, 'points'>): Reading[] =>
    of(name)
      .slice(0, 1)
      .map(points => ({ ...rest, points }))

  const idle = of('cpu_usage_idle').slice(0, 1)
  const readings: Reading[] = [
    ...idle.map(each => ({ what: 'cpu' as const, points: busy(each), total: last('system_n_cpus') })),
    ...one('system_load1', { what: 'load', total: last('system_n_cpus') }),
    ...one('mem_used_percent', { what: 'memory', used: last('mem_used'), total: last('mem_total') }),
    ...one('swap_used_percent', { what: 'swap', used: last('swap_used'), total: last('swap_total') }),
    ...busiest('received', of('net_bytes_recv')),
    ...busiest('sent', of('net_bytes_sent')),
    ...one('processes_total', { what: 'processes', used: last('processes_running') }),
    ...disks(of('disk_used_percent'), of('disk_free'), of('disk_total')),
  ]
  const written = of('plimsoll_store_samples_total')[0]
  const newest = alive
    .filter(({ series }) => series.name !== 'plimsoll_store_samples_total')
    .map(({ tMs }) => tMs.at(-1)!)
  return {
    readings,
    arriving: written === undefined ? { tMs: [], values: [] } : perSecond(written),
    lastMs: newest.length === 0 ? undefined : Math.max(...newest),
  }
}

// A series that has ended shows what it said before.
function withoutEnd(samples: SeriesSamples): SeriesSamples {
  const { tMs, values } = samples
  let end = tMs.length
  while (end > 0 && isStale(values, end - 1)) end--
  return end === tMs.length
    ? samples
    : { ...samples, tMs: tMs.subarray(0, end), values: values.subarray(0, end) }
}

const busy = ({ tMs, values }: Points): Points => ({ tMs, values: Array.from(values, value => 100 - value) })

// Bonds, bridges and their members see the same bytes, so a sum would lie: the one with most traffic speaks.
function busiest(what: 'received' | 'sent', counters: readonly SeriesSamples[]): Reading[] {
  const grown = ({ values }: Points): number => (values[values.length - 1] ?? 0) - (values[0] ?? 0)
  const [first] = counters.toSorted((a, b) => grown(b) - grown(a))
  return first === undefined
    ? []
    : [{ what, points: perSecond(first), of: first.series.labels['interface'] ?? '' }]
}

// The fullest, in the order of their paths; of mounts that show the same space, the one nearest to the root.
function disks(
  shares: readonly SeriesSamples[],
  frees: readonly SeriesSamples[],
  totals: readonly SeriesSamples[],
): Reading[] {
  const path = ({ series }: SeriesSamples): string => series.labels['path'] ?? ''
  const byPath = (list: readonly SeriesSamples[]): Map<string, number> =>
    new Map(list.map(each => [path(each), each.values.at(-1)!]))
  const [free, total] = [byPath(frees), byPath(totals)]
  const known = new Set<string>()
  const distinct = shares
    .toSorted((a, b) => path(a).length - path(b).length)
    .filter(each => {
      const space = `${total.get(path(each))} ${free.get(path(each))}`
      const isNew = !known.has(space)
      known.add(space)
      return isNew
    })
  return distinct
    .toSorted((a, b) => b.values.at(-1)! - a.values.at(-1)!)
    .slice(0, disksMax)
    .toSorted((a, b) => (path(a) < path(b) ? -1 : 1))
    .map(each => ({
      what: 'disk',
      of: path(each),
      points: each,
      free: free.get(path(each)),
      total: total.get(path(each)),
    }))
}
