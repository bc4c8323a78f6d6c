// What the pools of the demonstration are built of: hosts with a metric each, and the questions that read them. Called by
// the files of pools.
import { noise, type Shape, times } from './series.ts'

export type DemoSeries = Readonly<{
  name: string
  labels: Readonly<Record<string, string>>
  // NaN: no sample then. Of a counter, how much is added in a second.
  value: Shape
  isCounter?: true
}>

export type DemoPool = Readonly<{
  name: string
  // As they stand below `capacity.pools` of the configuration.
  settings: Readonly<Record<string, unknown>>
  series: readonly DemoSeries[]
}>

export type Hosts = Readonly<{
  module: string
  each: number
  zones?: readonly string[]
  types?: readonly string[]
}>

type Host = Readonly<{ host: string; zone: string; type: string; labels: Record<string, string> }>

export function hostsOf({ module, each, zones = [''], types = [''] }: Hosts): Host[] {
  return zones.flatMap(zone =>
    types.flatMap(type =>
      Array.from({ length: each }, (_, at) => {
        const host = [module, zone, type, at + 1].filter(Boolean).join('-')
        const place = { ...(zone && { zone }), ...(type && { machine_type: type }) }
        return { host, zone, type, labels: { host, module, ...place } }
      }),
    ),
  )
}

// One series for each host; two hosts are never quite the same.
export const ofHosts = (
  hosts: Hosts,
  name: string,
  shape: (host: Host) => Shape,
  more: Readonly<{ labels?: Record<string, string>; share?: number; isCounter?: true }> = {},
): DemoSeries[] =>
  hostsOf(hosts).map(host => ({
    name,
    labels: { ...host.labels, ...more.labels },
    value: times(shape(host), noise(more.share ?? 0.03, `${name} ${host.host}`)),
    ...(more.isCounter && { isCounter: true }),
  }))

// How busy the processors are, 0 to 1, as the input cpu writes it.
export const cpuOf = (hosts: Hosts, busy: (host: Host) => Shape, share = 0.03): DemoSeries[] =>
  ofHosts(hosts, 'cpu_usage_idle', busy, { labels: { cpu: 'cpu-total' }, share }).map(series => ({
    ...series,
    value: moment => 100 * (1 - Math.min(1, series.value(moment))),
  }))

export const cpu = (module: string, cores: number, by = ''): Record<string, unknown> => ({
  usage: `sum${by} (1 - cpu_usage_idle{module="${module}"} / 100) * ${cores}`,
  units: `count${by} (cpu_usage_idle{module="${module}"})`,
  unit_capacity: cores,
  waterline: '70%',
  unit: 'cores',
})

// Bytes on one mount, and how many fit.
export const disksOf = (
  hosts: Hosts,
  used: (host: Host) => Shape,
  total: Shape,
  share = 0.002,
): DemoSeries[] => [
  ...ofHosts(hosts, 'disk_used', used, { labels: { path: '/data' }, share }),
  ...ofHosts(hosts, 'disk_total', () => total, { labels: { path: '/data' }, share: 0 }),
]

export const disk = (module: string, unitBytes: number): Record<string, unknown> => ({
  usage: `sum(disk_used{module="${module}"})`,
  capacity: `sum(disk_total{module="${module}"})`,
  unit_capacity: unitBytes,
  waterline: '80%',
  unit: 'bytes',
})

export const constant =
  (value: number): Shape =>
  () =>
    value

// Nothing at all outside of these days.
export const existing =
  (shape: Shape, fromDay: number, toDay = Number.POSITIVE_INFINITY): Shape =>
  moment =>
    moment.day >= fromDay && moment.day < toDay ? shape(moment) : Number.NaN

export const without =
  (shape: Shape, fromDay: number, toDay: number): Shape =>
  moment =>
    moment.day >= fromDay && moment.day < toDay ? Number.NaN : shape(moment)
