// What does a question about ten thousand series cost when the head answers it, and when the store does? In turns, on
// the same samples: reading alone, and the whole evaluation.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RowBuffer } from '#core/batch.ts'
import { realClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { openEmbeddedStore } from '#core/store/embedded.ts'
import type { Store } from '#core/store.ts'
import { evaluate } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import { Head, type Watch } from '../rules/head.ts'
import { openHeadStore } from '../rules/head-store.ts'
import { lookbackMs } from '../rules/lookback.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'

const count = 10_000
const stepMs = 10_000
const rounds = 40
const name = { name: '__name__', op: '=', value: 'm' } as const
const watch: Watch = { matchers: [name], keepMs: 600_000, windowsMs: [], ends: true }

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
const table = new SeriesTable()
for (let at = 0; at < count; at++) {
  const labels = labelsOf([['host', `h${at}`], ['rack', `r${at % 97}`]]) // biome-ignore format: a row
  table.intern('m', labels)
}
const store = await openEmbeddedStore({ folder, table, clock: realClock, keepMs: 86_400_000 })
const head = new Head({ table, lookbackMs, maxBytes: 1 << 30 })
const both = openHeadStore({ store, table, head: () => head })
const endMs = realClock.nowMs()
const startMs = endMs - 120 * stepMs
head.due(startMs)
head.watch([watch])
for (let tMs = startMs; tMs <= endMs; tMs += stepMs) {
  const rows = new RowBuffer(count)
  for (let at = 0; at < count; at++) rows.push(at, tMs, Math.sin(at + tMs / 60_000))
  await store.append([{ receivedAtMs: tMs, partition: 0, rows: rows.rows(), notes: [] }])
  head.take(rows.rows(), tMs)
  head.due(tMs)
  head.clearChanges()
}
// Has the two compared.
await both.select([name], { fromMs: endMs, toMs: endMs })
await store.select([name], { fromMs: 0, toMs: endMs })

type Work = (from: Store) => Promise<unknown>
const asked = (text: string, backMs: number): Work => {
  const expr = parse(text)
  const question = backMs === 0 ? { atMs: endMs } : { startMs: endMs - backMs, endMs, stepMs: 15_000 }
  return from => evaluate(expr, from, question)
}
const range = (backMs: number) => ({ fromMs: endMs - backMs + 1, toMs: endMs })
const works: Record<string, Work> = {
  'the newest, read only': from => from.select([name], { ...range(300_000), onlyNewest: true }),
  'five minutes, read only': from => from.select([name], range(300_000)),
  'm > 0.9': asked('m > 0.9', 0),
  'avg by (rack) (m)': asked('avg by (rack) (m)', 0),
  'rate(m[5m])': asked('rate(m[5m])', 0),
  'm, range of five minutes': asked('m', 300_000),
  'avg by (rack) (m), range of five minutes': asked('avg by (rack) (m)', 300_000),
}
console.log(`${machine()}\n${''.padEnd(44)}${'head'.padStart(10)}${'store'.padStart(10)}`)
for (const [title, work] of Object.entries(works)) {
  const times = new Map<Store, number[]>([[both, []], [store, []]]) // biome-ignore format: a row
  for (let round = 0; round < rounds; round++) {
    for (const [from, all] of times) {
      const began = performance.now()
      await work(from)
      if (round >= 10) all.push(performance.now() - began)
    }
  }
  const shown = [both, store].map(each => `${median(times.get(each)!).toFixed(1)} ms`.padStart(10))
  console.log(`${title.padEnd(44)}${shown.join('')}`)
}
await store.close()
rmSync(folder, { recursive: true, force: true })
