// Nine pools of what lies behind the services: disks, queues, links, licences, workers. Called by pools.ts.
import { constant, type DemoPool, disk, disksOf, ofHosts } from './parts.ts'
import { atMost, daily, growth, leisure, office, sawtooth, shift, times } from './series.ts'

const TB = 1e12
const yuan = (perUnit: number) => ({ per_unit: perUnit, currency: 'CNY' })

// A line that nothing disturbs.
const database = (): DemoPool => ({
  name: 'database',
  settings: {
    labels: { owner: 'payments', module: 'database' },
    unit: 'shard',
    lead_time: '45d',
    cost: yuan(9_000),
    resources: { disk: disk('database', 4 * TB) },
  },
  series: disksOf(
    { module: 'database', each: 3 },
    () => times(growth(0.11), () => 2.65 * TB),
    constant(4 * TB),
  ),
})

// Swept every week.
const logs = (): DemoPool => ({
  name: 'logs',
  settings: {
    labels: { owner: 'platform', module: 'logs' },
    unit: 'node',
    lead_time: '30d',
    cost: yuan(1_200),
    resources: { disk: disk('logs', 8 * TB) },
  },
  series: disksOf(
    { module: 'logs', each: 2 },
    () => times(growth(0.06), sawtooth(0.07, 14), () => 3.4 * TB),
    constant(8 * TB),
  ),
})

// More from day to day.
const queue = (): DemoPool => ({
  name: 'queue',
  settings: {
    labels: { owner: 'platform', module: 'queue' },
    unit: 'broker',
    lead_time: '30d',
    method: 'auto',
    cost: yuan(2_000),
    resources: { disk: disk('queue', 2 * TB) },
  },
  series: disksOf(
    { module: 'queue', each: 3 },
    () =>
      ({ day }) =>
        1.05 * TB * Math.exp(0.007 * day),
    constant(2 * TB),
    0.01,
  ),
})

// Busy at weekends.
const video = (): DemoPool => ({
  name: 'video',
  settings: {
    labels: { owner: 'media', module: 'video' },
    unit: 'link',
    lead_time: '60d',
    method: 'seasonal_linear',
    cost: yuan(30_000),
    resources: {
      egress: {
        usage: 'sum(rate(net_bytes_sent{module="video"}[15m])) * 8',
        capacity: 'sum(net_speed{module="video"}) * 1e6',
        unit_capacity: 1e10,
        waterline: '75%',
        unit: 'bit/s',
      },
    },
  },
  series: [
    ...ofHosts(
      { module: 'video', each: 3 },
      'net_bytes_sent',
      () => times(growth(0.07), daily(0.7, 21), leisure, () => 5.1e8),
      { labels: { interface: 'eth0' }, isCounter: true },
    ),
    ...ofHosts({ module: 'video', each: 3 }, 'net_speed', () => constant(10_000), {
      labels: { interface: 'eth0' },
      share: 0,
    }),
  ],
})

// Twice as many connections allowed for thirty days.
const ledger = (): DemoPool => ({
  name: 'ledger',
  settings: {
    labels: { owner: 'finance', module: 'ledger' },
    unit: 'replica',
    lead_time: '21d',
    cost: yuan(4_000),
    resources: {
      connections: {
        usage: 'sum(postgresql_numbackends{module="ledger"})',
        capacity: 'sum(postgresql_max_connections{module="ledger"})',
        unit_capacity: 400,
        waterline: '70%',
        unit: 'connections',
      },
    },
  },
  series: [
    ...ofHosts({ module: 'ledger', each: 2 }, 'postgresql_numbackends', () =>
      times(growth(0.14), daily(0.5, 15), office, () => 235),
    ),
    ...ofHosts(
      { module: 'ledger', each: 2 },
      'postgresql_max_connections',
      () => times(shift(-30, 2), () => 200),
      { share: 0 },
    ),
  ],
})

// The pool of the minute: handling time, and how many processes share it.
const workers = (): DemoPool => ({
  name: 'workers',
  settings: {
    labels: { owner: 'data', module: 'workers' },
    unit: 'machine',
    lead_time: '14d',
    cost: yuan(1_200),
    resources: {
      processes: {
        usage: 'sum(rate(handling_seconds_sum{module="workers"}[15m]))',
        capacity: 'sum(procstat_lookup_pid_count{module="workers"})',
        unit_capacity: 32,
        waterline: '60%',
        unit: 'processes',
      },
    },
    advice: {
      busy: 'sum(increase(handling_seconds_sum{module="workers"}[15m])) / 15',
      processes: 'sum(procstat_lookup_pid_count{module="workers"})',
      concurrency: 1,
      share: '60%',
    },
  },
  series: [
    ...ofHosts(
      { module: 'workers', each: 3 },
      'handling_seconds_sum',
      () => times(growth(0.08), daily(0.65, 15), office, () => 17.5),
      { isCounter: true },
    ),
    ...ofHosts({ module: 'workers', each: 3 }, 'procstat_lookup_pid_count', () => constant(32), { share: 0 }),
  ],
})

// Bought by the seat, and nobody comes or goes. Nothing measures how many there are.
const licences = (): DemoPool => ({
  name: 'licences',
  settings: {
    labels: { owner: 'finance', module: 'licences' },
    unit: 'pack',
    units: 4,
    lead_time: '7d',
    cost: yuan(600),
    resources: {
      seats: { usage: 'sum(licence_seats_used)', unit_capacity: 50, waterline: '95%', unit: 'seats' },
    },
  },
  series: [{ name: 'licence_seats_used', labels: { product: 'editor' }, value: constant(142) }],
})

// A counter that somebody took for a gauge.
const cdn = (): DemoPool => ({
  name: 'cdn',
  settings: {
    labels: { owner: 'media', module: 'cdn' },
    unit: 'contract',
    lead_time: '30d',
    resources: {
      traffic: {
        usage: 'sum(net_bytes_sent{module="cdn"})',
        unit_capacity: 8e15,
        units: 'count(count(net_bytes_sent{module="cdn"}))',
        waterline: '80%',
        unit: 'bytes',
      },
    },
  },
  series: ofHosts({ module: 'cdn', each: 2 }, 'net_bytes_sent', () => times(daily(0.6, 21), () => 3.2e8), {
    labels: { interface: 'eth0' },
    isCounter: true,
  }),
})

// Cards that are counted by hand, and full on working days.
const gpu = (): DemoPool => ({
  name: 'gpu',
  settings: {
    labels: { owner: 'research', module: 'gpu' },
    unit: 'server',
    units: 4,
    lead_time: '90d',
    spare: 'N+1',
    method: 'auto',
    cost: yuan(52_000),
    resources: {
      cards: {
        usage: 'sum(nvidia_smi_utilization_gpu{module="gpu"}) / 100 * 8',
        unit_capacity: 8,
        waterline: '85%',
        unit: 'cards',
      },
    },
  },
  series: ofHosts({ module: 'gpu', each: 4 }, 'nvidia_smi_utilization_gpu', () =>
    atMost(
      times(growth(0.1), daily(0.25, 16), office, () => 71),
      100,
    ),
  ),
})

export const dataPools = (): DemoPool[] => [
  database(),
  logs(),
  queue(),
  video(),
  ledger(),
  workers(),
  licences(),
  cdn(),
  gpu(),
]
