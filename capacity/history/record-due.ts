// What is due is measured and published: for each pool the times since the last that was recorded, all of a piece. Called
// by recorder.ts each five minutes.
//
// Nothing waits in a queue here: what the bus does not take is measured again.
import { cutByPartition, RowBuffer } from '#core/batch.ts'
import { Breath } from '#core/breath.ts'
import type { Bus } from '#core/bus.ts'
import { metricName } from '#core/labels.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { refused, type SeriesTable } from '#core/series.ts'
import type { Store } from '#core/store.ts'
import { dayOf } from '../days.ts'
import type { Track } from '../history.ts'
import type { Pool } from '../pool.ts'
import { type Grid, stepMs } from './grid.ts'
import { type Asking, measure } from './measure.ts'
import { hasNumbers, type Measured } from './measured.ts'
import type { Parts } from './parts.ts'
import { type Questions, questionsOf } from './questions.ts'
import { recordedLabels, trackNames } from './recorded.ts'
import { isOfQuestion, type Troubles } from './troubles.ts'

export type Desk = Asking &
  Readonly<{
    store: Pick<Store, 'last'>
    bus: Pick<Bus, 'publish'>
    table: SeriesTable
    own: OwnMetrics
    troubles: Troubles
    parts: Parts
    zone: string
    // Owner of series that name neither host nor instance.
    sender: string
    // By pool, the time that was recorded last.
    done: Map<string, number>
  }>

// So that samples of a time have come when it is measured.
export const laterMs = 20_000
const backMs = 86_400_000
// Rows that are published together.
const rowsTogether = 20_000

export const dueMs = (nowMs: number): number => Math.floor((nowMs - laterMs) / stepMs) * stepMs

// Where another process, or this one before it slept, has come to.
export async function recall({ store, done }: Desk, nowMs: number): Promise<void> {
  const named = { name: metricName, op: '=', value: trackNames.usage } as const
  const found = await store.last([named], { fromMs: nowMs - backMs, toMs: nowMs })
  for (const { series, tMs } of found) {
    const pool = series.labels['pool'] ?? ''
    done.set(pool, Math.max(done.get(pool) ?? 0, Math.floor(tMs / stepMs) * stepMs))
  }
}

export async function recordDue(
  desk: Desk,
  pools: readonly Pool[],
  nowMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const { done, own } = desk
  const untilMs = dueMs(nowMs)
  const names = new Set(pools.map(({ name }) => name))
  for (const name of done.keys()) if (!names.has(name)) done.delete(name)
  const sheet: Sheet = { rows: new RowBuffer(), pools: [], nowMs }
  await desk.parts.look(dayOf(desk.zone, untilMs))
  const breath = new Breath()
  for (const pool of pools) {
    signal?.throwIfAborted()
    // A new pool begins now; what was before is found in the history. And so does one whose clock was put back.
    const lastMs = Math.min(done.get(pool.name) ?? untilMs - stepMs, untilMs)
    const missed = Math.max(0, (untilMs - lastMs - backMs) / stepMs)
    own.counter('plimsoll_capacity_unrecorded_total').inc(missed)
    const startMs = Math.max(lastMs, untilMs - backMs) + stepMs
    const count = (untilMs - startMs) / stepMs + 1
    if (count > 0) await recordPool(desk, pool, { startMs, count }, sheet)
    sheet.pools.push([pool.name, untilMs])
    if (sheet.rows.length >= rowsTogether) await publish(desk, sheet)
    if (breath.isDue) await breath.taken()
  }
  await publish(desk, sheet)
}

type Sheet = { rows: RowBuffer; pools: (readonly [string, number])[]; nowMs: number }

async function publish({ bus, table, sender, done }: Desk, sheet: Sheet): Promise<void> {
  const rows = sheet.rows.rows()
  const cut = { source: sender, receivedAtMs: sheet.nowMs, rows, notes: [] }
  if (rows.series.length > 0) await bus.publish('samples', cutByPartition(cut, table))
  for (const [pool, tMs] of sheet.pools) done.set(pool, tMs)
  sheet.rows = new RowBuffer()
  sheet.pools = []
}

async function recordPool(desk: Desk, pool: Pool, grid: Grid, sheet: Sheet): Promise<void> {
  for (const questions of questionsOf(pool))
    for (const track of ['usage', 'supply'] as const) {
      const measured = await asked(desk, pool, { track, questions, grid, nowMs: sheet.nowMs })
      for (const { part, values } of measured.values()) {
        const labels = recordedLabels(pool, questions.resource, part)
        const series = desk.table.intern(trackNames[track], labels)
        if (series === refused) {
          desk.own.counter('plimsoll_capacity_unrecorded_total').inc(grid.count)
          continue
        }
        for (const [at, value] of values.entries())
          if (!Number.isNaN(value)) sheet.rows.push(series, grid.startMs + at * stepMs, value)
      }
    }
}

type Asked = Readonly<{ track: Track; questions: Questions; grid: Grid; nowMs: number }>

// A question that fails is told, and hurts only its own pool.
async function asked(desk: Desk, pool: Pool, { track, questions, grid, nowMs }: Asked): Promise<Measured> {
  const counter = desk.own.counter('plimsoll_capacity_questions_total')
  const of = { pool: pool.name, resource: questions.resource, track, when: 'now' } as const
  try {
    const place = { pool, resource: questions.resource, day: dayOf(desk.zone, grid.startMs) }
    const keep = (all: Measured) => desk.parts.kept(place, all)
    const { measured, left } = await measure(pool, { track, questions }, grid, { ...desk, keep })
    counter.inc(1, { outcome: hasNumbers(measured) ? 'answered' : 'empty' })
    desk.troubles.answered(of, nowMs, { pool, left })
    return measured
  } catch (error) {
    if (!isOfQuestion(error)) throw error
    counter.inc(1, { outcome: 'failed' })
    desk.troubles.failed(of, nowMs, error.detail)
    return new Map()
  }
}
