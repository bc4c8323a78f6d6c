// What the store on a Prometheus-compatible database costs us and the database: writing, and three questions that
// dashboards and rules ask. Against a VictoriaMetrics of its own; `bin/runtime bench/prometheus-store.ts`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '#core/batch.ts'
import { realClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { partitions } from '#core/partition.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { openPrometheusStore } from '#core/store/prometheus.ts'
import { startVictoria } from '../test/engines/victoria.ts'
import { median } from './median.ts'

const [hosts, namesEach, stepMs, hourMs] = [200, 100, 10_000, 3_600_000]
const nowMs = Math.floor(realClock.nowMs() / stepMs) * stepMs

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
const victoria = await startVictoria(folder)
const state = await openSqliteState({ file: join(folder, 'state.db'), clock: realClock })
const table = new SeriesTable()
const store = await openPrometheusStore({
  settings: { url: victoria.url, write: `${victoria.url}/api/v1/write`, headers: {} },
  table,
  clock: realClock,
  own: openOwnMetrics(),
  log: openLog(),
  state,
  deadLetters: async letters => console.log('dead letters', letters.length, letters[0]),
  keepMs: 365 * 24 * hourMs,
})
try {
  const fleet = Array.from({ length: hosts }, (_, host) => {
    const labels = { host: `web-${host}.example.org`, rack: `r${host % 20}`, zone: 'eu-west-1', team: 'shop' }
    return Array.from({ length: namesEach }, (_, name) => series(`cpu_usage_metric_${name}`, labels))
  })
  await writing('one sample of each series in a batch', fleet, 1)
  await writing('ten, as after an outage', fleet, 10)
  await store.append([batch(0, [series('long', { host: 'a' })], nowMs - 60 * 24 * hourMs, 60 * 8_640)])
  const wide = Array.from({ length: 1_000 }, (_, host) => series('wide', { host: String(host) }))
  await store.append([batch(0, wide, nowMs - hourMs, 360)])
  await fetch(`${victoria.url}/internal/force_flush`)
  await reading('an hour of one series', 'long', nowMs - hourMs)
  await reading('sixty days of one series', 'long', nowMs - 60 * 24 * hourMs)
  await reading('an hour of a thousand series', 'wide', nowMs - hourMs)
} finally {
  await store.close()
  await state.close()
  await victoria.kill()
  rmSync(folder, { recursive: true })
}

function series(name: string, labels: Record<string, string>): number {
  return table.intern(name, labelsOf(Object.entries(labels)))
}

function batch(partition: number, ids: readonly number[], fromMs: number, samples: number): Batch {
  const count = ids.length * samples
  const at = Uint32Array.from({ length: count }, (_, each) => each)
  const rows = {
    series: at.map(each => ids[each % ids.length]!),
    tMs: Float64Array.from(at, each => fromMs + Math.floor(each / ids.length) * stepMs),
    values: Float64Array.from(at, each => (each % 3 === 0 ? each % 1_000 : Math.sin(each))),
  }
  return { receivedAtMs: nowMs, partition, rows, notes: [] }
}

async function writing(what: string, fleet: readonly number[][], samples: number): Promise<void> {
  const rounds = 100 / samples
  const beginMs = nowMs - (samples === 1 ? 2 : 1) * 24 * hourMs
  const made = fleet.map((ids, host) =>
    Array.from({ length: rounds }, (_, round) =>
      batch(host % partitions, ids, beginMs + round * samples * stepMs, samples),
    ),
  )
  const [began, ours, theirs] = [performance.now(), process.cpuUsage(), cpuSeconds()]
  await Promise.all(
    made.map(async batches => {
      for (const each of batches) await store.append([each])
    }),
  )
  const millions = (hosts * namesEach * 100) / 1e6
  const { user, system } = process.cpuUsage(ours)
  const [rate, here, there] = [
    millions / ((performance.now() - began) / 1e3),
    (user + system) / 1e6 / millions,
    (cpuSeconds() - theirs) / millions,
  ]
  console.log(
    `write, ${what}: ${rate.toFixed(2)} M/s, CPU-s per million: ${here.toFixed(2)} here, ${there.toFixed(2)} there`,
  )
}

async function reading(what: string, name: string, fromMs: number): Promise<void> {
  const took: number[] = []
  for (let each = 0; each < 9; each++) {
    const began = performance.now()
    await store.select([{ name: '__name__', op: '=', value: name }], { fromMs, toMs: nowMs })
    took.push(performance.now() - began)
  }
  console.log(`select, ${what}: ${median(took).toFixed(1)} ms`)
}

// Of all children of this process: there is one.
function cpuSeconds(): number {
  const [child] = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const fields = readFileSync(`/proc/${child}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
