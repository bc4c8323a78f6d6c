// Eight pools of services that people use: processors, memory, connections. What happens to each stands above it, for the
// reader of the report. Called by pools.ts.
import { cpu, cpuOf, type DemoPool, existing, ofHosts } from './parts.ts'
import { atMost, daily, during, growth, leisure, shift, times } from './series.ts'

const GB = 1e9
const yuan = (perUnit: number) => ({ per_unit: perUnit, currency: 'CNY' })

export type DemoDays = Readonly<{ dayText: (daysFromNow: number) => string }>

// Growth and a weekly season, in three zones and two machine types, with room for the loss of a zone.
function web(): DemoPool {
  const hosts = { module: 'web', each: 2, zones: ['a', 'b', 'c'], types: ['c7', 'm7'] }
  const people = times(growth(0.09), daily(0.55), leisure)
  const by = ' by (zone, machine_type)'
  return {
    name: 'web',
    settings: {
      labels: { owner: 'storefront', module: 'web' },
      unit: 'server',
      by: ['zone', 'machine_type'],
      lead_time: '21d',
      spare: 'zone',
      cost: yuan(2_400),
      resources: {
        cpu: cpu('web', 32, by),
        memory: {
          usage: `sum${by} (mem_used{module="web"})`,
          units: `count${by} (mem_used{module="web"})`,
          unit_capacity: 128 * GB,
          waterline: '80%',
          unit: 'bytes',
        },
      },
    },
    series: [
      ...cpuOf(hosts, ({ type }) => times(people, () => (type === 'c7' ? 0.5 : 0.44))),
      ...ofHosts(hosts, 'mem_used', () => times(growth(0.03), () => 61 * GB), { share: 0.01 }),
    ],
  }
}

// A promotion within the window, and one to come; for the first, a machine more was ordered for each zone.
function checkout({ dayText }: DemoDays): DemoPool {
  const hosts = { module: 'checkout', each: 4, zones: ['a', 'b'] }
  const more = -15
  const load = times(growth(0.05), daily(0.5), leisure, during(-10, -8, 1.7), shift(more, 0.75))
  return {
    name: 'checkout',
    settings: {
      labels: { owner: 'payments', module: 'checkout' },
      unit: 'server',
      by: ['zone'],
      lead_time: '30d',
      spare: 'N+1',
      cost: yuan(1_900),
      events: [
        { name: 'double 11', from: dayText(-10), to: dayText(-9), factor: 1.7 },
        { name: 'year-end sale', from: dayText(38), to: dayText(40), factor: 1.6 },
      ],
      resources: { cpu: cpu('checkout', 16, ' by (zone)') },
    },
    series: cpuOf(hosts, ({ host }) => {
      const busy = times(load, () => 0.4)
      return host.endsWith('-4') ? existing(busy, more) : busy
    }),
  }
}

// A release that needed half as much again.
const search = (): DemoPool => ({
  name: 'search',
  settings: {
    labels: { owner: 'discovery', module: 'search' },
    unit: 'server',
    lead_time: '21d',
    cost: yuan(2_400),
    resources: { cpu: cpu('search', 32) },
  },
  series: cpuOf({ module: 'search', each: 4 }, () =>
    times(growth(0.02), daily(0.45), shift(-24, 1.5), () => 0.38),
  ),
})

// Somebody keeps what he should let go.
const cache = (): DemoPool => ({
  name: 'cache',
  settings: {
    labels: { owner: 'platform', module: 'cache' },
    unit: 'node',
    lead_time: '14d',
    spare: 'N+1',
    cost: yuan(800),
    resources: {
      memory: {
        usage: 'sum(mem_used{module="cache"})',
        units: 'count(mem_used{module="cache"})',
        unit_capacity: 64 * GB,
        waterline: '75%',
        unit: 'bytes',
      },
    },
  },
  series: ofHosts(
    { module: 'cache', each: 4 },
    'mem_used',
    () => times(growth(0.26), daily(0.03), () => 41 * GB),
    { share: 0.01 },
  ),
})

// As full as it can be: what was wanted beyond nobody knows.
const gateway = (): DemoPool => ({
  name: 'gateway',
  settings: {
    labels: { owner: 'network', module: 'gateway' },
    unit: 'gateway',
    lead_time: '30d',
    cost: yuan(3_500),
    resources: {
      connections: {
        usage: 'sum(conntrack_ip_conntrack_count{module="gateway"})',
        capacity: 'sum(conntrack_ip_conntrack_max{module="gateway"})',
        unit_capacity: 262_144,
        waterline: '80%',
        unit: 'connections',
      },
    },
  },
  series: [
    ...ofHosts(
      { module: 'gateway', each: 2 },
      'conntrack_ip_conntrack_count',
      () =>
        atMost(
          times(growth(0.12), daily(0.4), leisure, () => 265_000),
          261_500,
        ),
      { share: 0.001 },
    ),
    ...ofHosts({ module: 'gateway', each: 2 }, 'conntrack_ip_conntrack_max', () => () => 262_144, {
      share: 0,
    }),
  ],
})

// Five days old.
const recommend = (): DemoPool => ({
  name: 'recommend',
  settings: {
    labels: { owner: 'discovery', module: 'recommend' },
    unit: 'server',
    lead_time: '21d',
    resources: { cpu: cpu('recommend', 16) },
  },
  series: cpuOf({ module: 'recommend', each: 4 }, () =>
    existing(
      times(daily(0.5), () => 0.41),
      -5,
    ),
  ),
})

// A zone that was taken away twelve days ago.
const batch = (): DemoPool => ({
  name: 'batch',
  settings: {
    labels: { owner: 'data', module: 'batch' },
    unit: 'server',
    by: ['zone'],
    lead_time: '30d',
    cost: yuan(1_500),
    resources: { cpu: cpu('batch', 64, ' by (zone)') },
  },
  series: cpuOf({ module: 'batch', each: 2, zones: ['a', 'b', 'c'] }, ({ zone }) => {
    const nights = times(growth(0.04), daily(0.6, 3), () => 0.52)
    return zone === 'c' ? existing(nights, -1_000, -12) : times(nights, shift(-12, 1.12))
  }),
})

// Pictures come when they come.
const images = (): DemoPool => ({
  name: 'images',
  settings: {
    labels: { owner: 'media', module: 'images' },
    unit: 'server',
    lead_time: '21d',
    method: 'auto',
    daily: 'p95',
    cost: yuan(1_900),
    resources: { cpu: cpu('images', 32) },
  },
  series: cpuOf({ module: 'images', each: 4 }, () => times(growth(0.05), daily(0.3), () => 0.42), 0.3),
})

export const servicePools = (days: DemoDays): DemoPool[] => [
  web(),
  checkout(days),
  search(),
  cache(),
  gateway(),
  recommend(),
  batch(),
  images(),
]
