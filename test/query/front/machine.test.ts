import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { staleNaN, writeStale } from '#core/stale.ts'
import type { SeriesSamples } from '#core/store.ts'
import { machineOf } from '../../../query/front/machine.ts'

const of = (name: string, labels: Record<string, string>, ...values: number[]): SeriesSamples => {
  const column = Float64Array.from(values)
  values.forEach((value, at) => {
    if (Number.isNaN(value)) writeStale(column, at)
  })
  return {
    series: { name, labels: labelsOf(Object.entries({ host: 'a', ...labels })) },
    tMs: Float64Array.from(values, (_, at) => (at + 1) * 10_000),
    values: column,
  }
}

test('a machine that said nothing has no readings', () => {
  expect(machineOf([])).toEqual({ readings: [], arriving: { tMs: [], values: [] }, lastMs: undefined })
})

test('what can run short is read, with what explains it', () => {
  const { readings, lastMs } = machineOf([
    of('system_load1', {}, 0.5, 0.7),
    of('mem_used_percent', {}, 40),
    of('mem_used', {}, 400),
    of('mem_total', {}, 1_000),
    of('cpu_usage_idle', { cpu: 'cpu-total' }, 100, 75, 20),
    of('system_n_cpus', {}, 4),
    of('processes_total', {}, 300),
    of('processes_running', {}, 2),
  ])
  const told = readings.map(({ what, points, total, used }) => [
    what,
    points.values[points.values.length - 1],
    total,
    used,
  ])
  expect(told).toEqual([
    ['cpu', 80, 4, undefined],
    ['load', 0.7, 4, undefined],
    ['memory', 40, 1_000, 400],
    ['processes', 300, undefined, 2],
  ])
  expect(lastMs).toBe(30_000)
})

test('the interface with most traffic speaks for the network', () => {
  const { readings } = machineOf([
    of('net_bytes_recv', { interface: 'eth0' }, 0, 1_000, 3_000),
    of('net_bytes_recv', { interface: 'eth1' }, 9e9, 9e9, 9e9 + 10),
    of('net_bytes_sent', { interface: 'eth1' }, 0, 500),
  ])
  expect(readings).toEqual([
    { what: 'received', of: 'eth0', points: { tMs: [20_000, 30_000], values: [100, 200] } },
    { what: 'sent', of: 'eth1', points: { tMs: [20_000], values: [50] } },
  ])
})

const disk = (path: string, used: number, free: number): SeriesSamples[] => [
  of('disk_used_percent', { path }, used),
  of('disk_free', { path }, free),
  of('disk_total', { path }, 1_000),
]

test('of mounts with the same space the one nearest to the root is shown, in the order of paths', () => {
  const { readings } = machineOf([
    ...disk('/srv/b', 10, 900),
    ...disk('/etc/hosts', 30, 700),
    ...disk('/', 30, 700),
    ...disk('/boot', 20, 800),
  ])
  expect(readings.map(({ of: path, free, total }) => [path, free, total])).toEqual([
    ['/', 700, 1_000],
    ['/boot', 800, 1_000],
    ['/srv/b', 900, 1_000],
  ])
})

test('of many disks the fullest are shown', () => {
  const many = Array.from({ length: 20 }, (_, at) =>
    disk(`/d${String(at).padStart(2, '0')}`, 50 + at, 400 - at),
  )
  const { readings } = machineOf(many.flat())
  expect(readings.map(each => each.of)).toEqual([12, 13, 14, 15, 16, 17, 18, 19].map(at => `/d${at}`))
})

test('a series that has ended shows what it said before', () => {
  const { readings, lastMs } = machineOf([
    of('system_load1', {}, 3, staleNaN),
    of('swap_total', {}, staleNaN),
  ])
  expect(readings.map(({ what, points }) => [what, Array.from(points.values)])).toEqual([['load', [3]]])
  expect(lastMs).toBe(10_000)
})

test('how fast samples come in is the speed of the own counter, which is no reading of the machine', () => {
  const { arriving, lastMs } = machineOf([of('plimsoll_store_samples_total', {}, 0, 3_000)])
  expect(arriving).toEqual({ tMs: [20_000], values: [300] })
  expect(lastMs).toBeUndefined()
})
