// What does the embedded store need for a sample, and how long does it take to read? Ten thousand series at ten
// seconds for six hours, and sixty days of three hundred (a file of one day costs the same to look into however
// many series lie beside the one that is read). Called by run.ts; alone: bin/runtime bench/store.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rows } from '#core/batch.ts'
import { realClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import { SeriesTable } from '#core/series.ts'
import { type EmbeddedStore, openEmbeddedStore } from '#core/store/embedded.ts'
import { median } from './median.ts'

const stepMs = 10_000
const dayMs = 86_400_000

export type StoreFigures = Readonly<{
  bytesPerSample: number
  compactCpuPerMillion: number
  lastHourMs: number
  sixtyDaysMs: number
  reopenMs: number
}>

type Opened = Readonly<{ folder: string; table: SeriesTable; store: EmbeddedStore; count: number }>

async function open(count: number): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const table = new SeriesTable()
  const store = await openEmbeddedStore({ folder, table, clock: realClock, keepMs: 400 * dayMs })
  for (let at = 0; at < count; at++)
    table.intern(
      'cpu_usage',
      labelsOf([
        ['host', `host_${at}`],
        ['dc', `dc${at % 5}`],
      ]),
    )
  return { folder, table, store, count }
}

// Random walks of two decimals, as in ingest.ts: neither the best case for a codec nor the worst.
async function fill({ store, count }: Opened, fromMs: number, toMs: number): Promise<number> {
  const values = Float64Array.from({ length: count }, () => Math.floor(Math.random() * 10_000))
  let written = 0
  let batch = rowsOf(0)
  const perBatch = Math.max(1, Math.floor(100_000 / count))
  for (let tMs = fromMs, steps = 0; tMs < toMs; tMs += stepMs, steps++) {
    if (steps % perBatch === 0) {
      if (steps > 0) await store.append([{ receivedAtMs: tMs, partition: 0, rows: batch, notes: [] }])
      batch = rowsOf(count * Math.min(perBatch, Math.ceil((toMs - tMs) / stepMs)))
    }
    const base = (steps % perBatch) * count
    for (let series = 0; series < count; series++) {
      values[series] = Math.min(9_999, Math.max(0, values[series]! + Math.floor(Math.random() * 50) - 25))
      batch.series[base + series] = series
      batch.tMs[base + series] = tMs
      batch.values[base + series] = values[series]! / 100
    }
    written += count
  }
  await store.append([{ receivedAtMs: toMs, partition: 0, rows: batch, notes: [] }])
  return written
}

const rowsOf = (count: number): Rows => ({
  series: new Uint32Array(count),
  tMs: new Float64Array(count),
  values: new Float64Array(count),
})

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function readOne(
  { store, count }: Opened,
  fromMs: number,
  toMs: number,
  wanted: number,
): Promise<number> {
  const times: number[] = []
  for (let each = 0; each < 25; each++) {
    const host: Matcher = { name: 'host', op: '=', value: `host_${(each * 7_919) % count}` }
    const name: Matcher = { name: '__name__', op: '=', value: 'cpu_usage' }
    times.push(
      await timeOf(async () => {
        const [found] = await store.select([name, host], { fromMs, toMs })
        if (found?.tMs.length !== wanted)
          throw new Error(`wanted ${wanted} samples, found ${found?.tMs.length}`)
      }),
    )
  }
  return median(times)
}

export async function measureStore(): Promise<StoreFigures> {
  const wide = await open(10_000)
  const today = Math.floor(Date.now() / dayMs) * dayMs
  const samples = await fill(wide, today, today + 6 * 3_600_000)
  // What is under way in the background ends first.
  await sleep(5_000)
  const lastHourMs = await readOne(wide, today + 5 * 3_600_000, today + 6 * 3_600_000 - 1, 360)
  const before = process.cpuUsage()
  await wide.store.compact()
  const { user, system } = process.cpuUsage(before)
  const { segmentBytes } = await wide.store.size()
  await wide.store.close()
  const reopenMs = await timeOf(async () => {
    const again = await openEmbeddedStore({
      folder: wide.folder,
      table: new SeriesTable(),
      clock: realClock,
      keepMs: 400 * dayMs,
    })
    await again.close()
  })
  rmSync(wide.folder, { recursive: true })

  const long = await open(300)
  const sixtyDays = 60 * dayMs
  await fill(long, today - sixtyDays, today)
  await long.store.compact()
  const sixtyDaysMs = await readOne(long, today - sixtyDays, today - 1, sixtyDays / stepMs)
  await long.store.close()
  rmSync(long.folder, { recursive: true })
  return {
    bytesPerSample: segmentBytes / samples,
    compactCpuPerMillion: (user + system) / samples,
    lastHourMs,
    sixtyDaysMs,
    reopenMs,
  }
}

if (import.meta.main) console.log(await measureStore())
