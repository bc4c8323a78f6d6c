import { expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import { openMemoryBus } from '#core/bus/memory.ts'
import { SeriesTable } from '#core/series.ts'
import { openFill } from '../../../bin/demo/fill.ts'
import type { DemoPool } from '../../../bin/demo/parts.ts'
import { demoPools } from '../../../bin/demo/pools.ts'

const zone = 'Asia/Shanghai'
const nowMs = Date.UTC(2026, 10, 21, 4)
const dayMs = 86_400_000
const calendar = { beginsMs: Date.UTC(2026, 10, 20, 16), offsetMs: () => 8 * 3_600_000 }

async function filled(pools: readonly DemoPool[], ranges: readonly (readonly [number, number])[]) {
  const table = new SeriesTable()
  const bus = openMemoryBus()
  const samples = new Map<string, [number, number][]>()
  await bus.subscribe('samples', 'test', async (batches: readonly Batch[]) => {
    for (const { rows } of batches) {
      rows.series.forEach((id, at) => {
        const { name, labels } = table.get(id)
        const key = `${name} ${labels['host'] ?? ''}`
        samples.set(key, [...(samples.get(key) ?? []), [rows.tMs[at]!, rows.values[at]!]])
      })
    }
  })
  const fill = openFill({ bus, table, pools, calendar })
  let count = 0
  for (const [fromMs, toMs] of ranges) count += await fill.write({ fromMs, toMs })
  return { samples, count }
}

test('there is a sample of each series every five minutes, counters only grow', async () => {
  const pools = demoPools(nowMs, zone)
  expect(pools.length).toBe(20)
  expect(new Set(pools.map(({ name }) => name)).size).toBe(20)
  const { samples, count } = await filled(pools, [[nowMs - 3_600_000, nowMs]])
  expect(samples.get('cpu_usage_idle web-a-c7-1')?.map(([tMs]) => tMs - nowMs + 3_600_000)).toEqual(
    Array.from({ length: 13 }, (_, slot) => slot * 300_000),
  )
  const counted = samples.get('net_bytes_sent video-1')!.map(([, value]) => value)
  expect(counted).toEqual(counted.toSorted((a, b) => a - b))
  const all = [...samples.values()].flat()
  expect(all.length).toBe(count)
  expect(all.every(([, value]) => Number.isFinite(value) && value >= 0)).toBe(true)
})

test('a range that follows another goes on where that ended', async () => {
  const pools = demoPools(nowMs, zone)
  const whole = await filled(pools, [[nowMs - 3_600_000, nowMs]])
  const pieces = await filled(pools, [
    [nowMs - 3_600_000, nowMs - 1_800_000],
    [nowMs - 1_500_000, nowMs],
  ])
  expect(pieces.samples).toEqual(whole.samples)
})

test('the new pool is five days old, and a zone is gone', async () => {
  const pools = demoPools(nowMs, zone).filter(({ name }) => ['recommend', 'batch'].includes(name))
  const t = async (days: number, host: string) =>
    (await filled(pools, [[nowMs + days * dayMs, nowMs + days * dayMs]])).samples.has(
      `cpu_usage_idle ${host}`,
    )
  expect(await t(-6, 'recommend-1')).toBe(false)
  expect(await t(-4, 'recommend-1')).toBe(true)
  expect(await t(-13, 'batch-c-1')).toBe(true)
  expect(await t(-11, 'batch-c-1')).toBe(false)
  expect(await t(-11, 'batch-a-1')).toBe(true)
})
