// How long does it take to have the days of many pools, and to read them? 10 000 pools of one resource, 60 days of usage
// and supply, in a state of their own. `bin/runtime bench/capacity-history.ts [POOLS]` prints it.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { elapsedMs, realClock } from '#core/clock.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { dayOf } from '../capacity/days.ts'
import { dayRowOf } from '../capacity/history/day-row.ts'
import { type OpenHistory, openHistory, type Taken } from '../capacity/history/open-history.ts'
import type { Line } from '../capacity/pool.ts'

export type HistoryCosts = Readonly<{
  pools: number
  // Making the rows of one day of all pools from their samples, and saving them.
  dayMs: number
  openMs: number
  // The peaks of 60 days of every pool.
  readMs: number
  rows: number
  fileBytes: number
  memoryBytes: number
}>

const days = 60
const together = 100
const zone = 'UTC'

export async function historyCosts(pools = 10_000): Promise<HistoryCosts> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const file = join(folder, 'state.db')
  const state = await openSqliteState({ file })
  try {
    const today = dayOf(zone, realClock.nowMs())
    const lines = Array.from(
      { length: pools },
      (_, at): Line => ({ pool: `pool ${at}`, resource: 'cpu', part: {} }),
    )
    const history = await openHistory({ state, clock: realClock, zone })
    for (let at = 0; at < pools; at += together) {
      const some = lines.slice(at, at + together)
      await history.takeAll(some.flatMap(line => takenOf(line, today - days, today - 2)))
    }
    const dayFrom = elapsedMs()
    await history.takeAll(lines.flatMap(line => takenOf(line, today - 1, today - 1)))
    const dayMs = elapsedMs() - dayFrom
    globalThis.gc?.()
    const memory = memoryBytes()
    const openFrom = elapsedMs()
    const again = await openHistory({ state, clock: realClock, zone })
    const openMs = elapsedMs() - openFrom
    globalThis.gc?.()
    const memoryMore = memoryBytes() - memory
    const readMs = median(Array.from({ length: 5 }, () => readAll(again, lines, today - 1)))
    const rows = pools * days * 2
    return { pools, dayMs, openMs, readMs, rows, fileBytes: statSync(file).size, memoryBytes: memoryMore }
  } finally {
    await state.close()
    rmSync(folder, { recursive: true })
  }
}

function takenOf(line: Line, fromDay: number, toDay: number): Taken[] {
  const rows = Array.from({ length: toDay - fromDay + 1 }, (_, nth) => rowOf(fromDay + nth))
  return [
    { line, track: 'usage', rows, how: 'replace' },
    { line, track: 'supply', rows, how: 'replace' },
  ]
}

const slots = 288
const times = Float64Array.from({ length: slots }, (_, at) => at * 300_000)
const values = Float64Array.from({ length: slots }, (_, at) => 50 + 30 * Math.sin(at / 46))
const rowOf = (day: number) =>
  dayRowOf(
    day,
    times.map(each => each + day * 86_400_000),
    values,
  )

function readAll(history: OpenHistory, lines: readonly Line[], toDay: number): number {
  const from = elapsedMs()
  let sum = 0
  for (const line of lines) {
    const { values: peaks } = history.demand(line, 'peak', { toDay, days })
    sum += peaks[days - 1]! + history.supply(line, { toDay, days: 1 }).values[0]!
  }
  if (!(sum > 0)) throw new Error('nothing was read')
  return elapsedMs() - from
}

const median = (found: readonly number[]): number => found.toSorted((a, b) => a - b)[found.length >> 1]!

function memoryBytes(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

if (import.meta.main) {
  const found = await historyCosts(Number(process.argv[2] ?? 10_000))
  const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
  console.log(
    `${found.pools} pools, ${days} days of usage and supply: ${found.rows} rows, ${mib(found.fileBytes)} in the state`,
  )
  console.log(`one day more: ${Math.round(found.dayMs)} ms; opened in ${Math.round(found.openMs)} ms`)
  console.log(
    `peaks of all days and the last supply read in ${found.readMs.toFixed(1)} ms; ${mib(found.memoryBytes)} in memory`,
  )
}
