// What a pool reads, and what is probably not meant.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { doubtsOf, readsOf } from '../../capacity/check.ts'
import type { Pool } from '../../capacity/pool.ts'
import { type CapacitySettings, capacitySchema } from '../../capacity/pool-settings.ts'

const poolOf = (web: object): Pool => (capacitySchema.parse({ pools: { web } }) as CapacitySettings).pools[0]!
const asking = (usage: string, by: readonly string[] = []): Pool =>
  poolOf({ by, resources: { cpu: { usage, capacity: '5', unit_capacity: 1, unit: 'cores' } } })

test('says which metrics a pool reads', () => {
  const pool = poolOf({
    by: ['zone'],
    units: 3,
    resources: {
      cpu: {
        usage: 'sum by (zone) (rate(a_total[5m]) / b)',
        units: 'count by (zone) (up == 1)',
        unit_capacity: 2,
        unit: 'cores',
      },
      disk: { usage: 'sum({__name__="c"})', capacity: 'max(d) - min(d)', units: 'e', unit: 'bytes' },
      seats: { usage: 'f', unit_capacity: 4, unit: 'seats' },
    },
  })
  expect(readsOf(pool)).toEqual({
    ...{ pool: 'web', by: ['zone'], windowDays: 60, leadDays: 30, method: 'linear' },
    resources: [
      { name: 'cpu', unit: 'cores', waterline: 0.7, kind: 'live', usage: ['a_total', 'b'], supply: ['up'] },
      { name: 'disk', unit: 'bytes', waterline: 0.7, kind: 'capacity', usage: ['c'], supply: ['d', 'e'] },
      { name: 'seats', unit: 'seats', waterline: 0.7, kind: 'stated', usage: ['f'], supply: [] },
    ],
  })
})

test('doubts counters that are taken for gauges', () => {
  const t = (usage: string, ...counters: readonly string[]) =>
    expect(
      doubtsOf(asking(usage)).map(({ found }) => found),
      usage,
    ).toEqual(counters.map(each => `${each}, which counts for ever`))

  t('sum(bytes_total)', 'bytes_total')
  t('sum(avg_over_time(bytes_total[5m]))', 'bytes_total')
  t('sum(a_total - b_total)', 'a_total', 'b_total')
  t('sum(a_total) + sum(a_total)', 'a_total')
  // In the table of metrics, though its name does not say it.
  t('sum(net_bytes_recv)', 'net_bytes_recv')
  t('sum(rate(bytes_total[5m]))')
  t('sum(increase(bytes_total[5m]) + irate(bytes_total[5m]))')
  t('count(bytes_total)')
  t('sum(max_over_time(rate(bytes_total[5m])[1h:5m]))')
  t('sum(conntrack_ip_conntrack_count)')
  t('sum(mem_used_total_bytes)')
  // Gauges in the same table, whatever their names end in.
  for (const size of ['disk_total', 'disk_inodes_total', 'mem_total', 'swap_total', 'processes_total'])
    t(`sum(${size})`)
})

test('the first example of docs/capacity.md gives no doubt', () => {
  const [, example = ''] = /^```yaml\n(.*?)^```$/ms.exec(readFileSync('docs/capacity.md', 'utf8'))!
  const { pools } = capacitySchema.parse(parse(example).capacity) as CapacitySettings
  expect(pools.map(({ name }) => name)).toEqual(['web'])
  expect(pools.flatMap(doubtsOf)).toEqual([])
})

test('doubts answers of many series, and parts that never come', () => {
  const t = (usage: string, by: readonly string[], ...found: readonly string[]) =>
    expect(
      doubtsOf(asking(usage, by)).map(each => each.found),
      usage,
    ).toEqual(found)

  t('sum(x)', [])
  t('scalar(x)', [])
  t('5', [])
  t('sum(x) / sum(y) * 2', [])
  t('x', [], 'perhaps many')
  t('avg_over_time(x[5m])', [], 'perhaps many')
  t('sum without (host) (x)', [], 'perhaps many')
  t('sum by (zone) (x)', [], 'perhaps many')
  t('sum by (zone) (x)', ['zone'])
  t('sum by (zone) (x)', ['zone', 'rack'], 'none called rack')
  t('sum(x)', ['zone'], 'none called zone')
  t('sum by (host) (x)', ['zone'], 'perhaps many', 'none called zone')
  t('clamp_min(sum by (zone) (x), 0)', ['zone'])
})

test('doubts needs that cannot be told in units, and units that nobody uses', () => {
  const pool = poolOf({ units: 3, resources: { cpu: { usage: '1', capacity: '2', unit: 'cores' } } })
  expect(doubtsOf(pool)).toEqual([
    { path: ['web', 'units'], wanted: expect.any(String), found: '3, which no resource uses' },
    {
      path: ['web', 'resources', 'cpu'],
      wanted: expect.stringContaining('unit_capacity'),
      found: 'none: each unit counts as one of cores',
    },
  ])
})

test('names the question that is doubted', () => {
  const pool = poolOf({ resources: { cpu: { usage: '1', units: 'up', unit_capacity: 2, unit: 'cores' } } })
  expect(doubtsOf(pool).map(({ path }) => path.join('.'))).toEqual(['web.resources.cpu.units'])
})
