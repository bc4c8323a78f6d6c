// What does a sample cost that the rules see? Nanoseconds for each row of a batch that nobody watches, and of one that
// somebody does: for thresholds, and with a window of a minute; and the bytes for each watched series.
import type { Rows } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { Head, type Watch } from '../rules/head.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'

type Cost = Readonly<{ title: string; nsPerRow: number; dueNsPerRow: number; bytesPerSeries: number }>

const stepMs = 10_000

export function headCosts(): Cost[] {
  const name = { name: '__name__', op: '=', value: 'm' } as const
  const threshold = { matchers: [name], keepMs: 0, windowsMs: [], ends: true }
  const window = { matchers: [name], keepMs: 60_000, windowsMs: [60_000], ends: false }
  const costs = [cost('nobody watches, 100 000 series', 100_000, [])]
  for (const count of [10_000, 100_000]) {
    costs.push(cost(`threshold, ${count} series`, count, [threshold]))
    costs.push(cost(`window of a minute, ${count} series`, count, [window]))
  }
  return costs
}

// Each series has a sample every ten seconds, a thousand rows a batch; after each round everything due is noted and
// forgotten, as the engine does.
function cost(title: string, count: number, watches: readonly Watch[]): Cost {
  const table = new SeriesTable()
  for (let at = 0; at < count; at++) table.intern('m', labelsOf([['host', String(at)]]))
  const head = new Head({ table, lookbackMs: 300_000, maxBytes: 1 << 30 })
  head.watch(watches)
  const batches = batchesOf(count)
  const [takes, dues]: [number[], number[]] = [[], []]
  for (let round = 0; round < 60; round++) {
    const nowMs = 1_700_000_000_000 + round * stepMs
    for (const { tMs } of batches) tMs.fill(nowMs - 300)
    const start = performance.now()
    for (const rows of batches) {
      head.take(rows, nowMs)
      head.clearChanges()
    }
    const taken = performance.now()
    head.due(nowMs)
    head.clearChanges()
    // Seconds in which nothing arrives.
    for (let later = 1_000; later < stepMs; later += 1_000) head.due(nowMs + later)
    head.clearChanges()
    if (round < 20) continue
    takes.push(((taken - start) * 1e6) / count)
    dues.push(((performance.now() - taken) * 1e6) / count)
  }
  const bytesPerSeries = head.bytes / count
  return { title, nsPerRow: median(takes), dueNsPerRow: median(dues), bytesPerSeries }
}

function batchesOf(count: number): Rows[] {
  const batches: Rows[] = []
  for (let from = 0; from < count; from += 1_000) {
    const series = Uint32Array.from({ length: 1_000 }, (_, at) => from + at)
    batches.push({ series, tMs: new Float64Array(1_000), values: new Float64Array(1_000).fill(0.5) })
  }
  return batches
}

if (import.meta.main) {
  console.log(machine())
  console.log('the head of the rules (to meet: nobody watches ≤ 5 ns, watched ≤ 60 ns a row)')
  for (const { title, nsPerRow, dueNsPerRow, bytesPerSeries } of headCosts()) {
    const due = `${dueNsPerRow.toFixed(1)} ns for what is due`
    console.log(
      `  ${title}: ${nsPerRow.toFixed(1)} ns a row, ${due}, ${bytesPerSeries.toFixed(0)} bytes a series`,
    )
  }
}
