// Which series the store of one machine lists for a range of times.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { openEmbeddedStore } from '#core/store/embedded.ts'

const dayMs = 86_400_000
const nowMs = Date.UTC(2026, 10, 20, 12)
const latestMs = 253_402_300_799_999

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-listed-'))
  const table = new SeriesTable()
  const clock = new SimulatedClock(nowMs)
  const store = await openEmbeddedStore({ folder, table, clock, keepMs: 400 * dayMs })
  const close = async (): Promise<void> => {
    await store.close()
    rmSync(folder, { recursive: true })
  }
  return { store, table, [Symbol.asyncDispose]: close }
}

test('a range is cut to what is kept before it is looked through', async () => {
  await using opened = await open()
  const { store, table } = opened
  const write = (host: string, tMs: number) => {
    const series = Uint32Array.of(table.intern('up', labelsOf([['host', host]])))
    const rows = { series, tMs: Float64Array.of(tMs), values: Float64Array.of(1) }
    return store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes: [] }])
  }
  const t = async (fromMs: number, toMs: number, ...hosts: string[]) => {
    expect(await store.labelValues('host', [], { fromMs, toMs })).toEqual(hosts)
    expect(await store.labelNames([], { fromMs, toMs })).toEqual(
      hosts.length === 0 ? [] : ['__name__', 'host'],
    )
    expect(await store.series([], { fromMs, toMs })).toHaveLength(hosts.length)
  }
  const check = async () => {
    await t(0, latestMs, 'now', 'old', 'older')
    // Before and behind everything, however long.
    await t(0, nowMs - 101 * dayMs)
    await t(0, 1)
    await t(nowMs + dayMs, latestMs)
    // One end left out.
    await t(nowMs - dayMs, latestMs, 'now')
    await t(0, nowMs - 90 * dayMs, 'older')
    await t(0, nowMs - 100 * dayMs, 'older')
    // A month and more of what is kept is not looked through.
    await t(nowMs - 50 * dayMs, latestMs, 'now', 'old', 'older')
  }
  await t(0, latestMs)
  await write('older', nowMs - 100 * dayMs)
  await write('old', nowMs - 40 * dayMs)
  await write('now', nowMs)
  await check()
  await store.compact()
  await check()
})

test('what retention has dropped is not listed for all that is kept, where that is short', async () => {
  await using opened = await open()
  const { store, table } = opened
  const upOf = (host: string) => table.intern('up', labelsOf([['host', host]]))
  // Known, with nothing left of it.
  upOf('dropped')
  const rows = {
    series: Uint32Array.of(upOf('now'), upOf('now')),
    tMs: Float64Array.of(nowMs - dayMs, nowMs),
    values: Float64Array.of(1, 1),
  }
  const t = async (fromMs: number, toMs: number) =>
    expect(await store.labelValues('host', [], { fromMs, toMs })).toEqual(['now'])
  const check = async () => {
    for (const days of [0.5, 7, 14]) await t(nowMs - days * dayMs, nowMs)
    await t(0, latestMs)
  }
  await store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes: [] }])
  await check()
  await store.compact()
  await check()
})
