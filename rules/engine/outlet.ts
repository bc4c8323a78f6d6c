// What rules record, on its way out as samples: in order, again when the bus refuses, and no more waiting than fits a
// few minutes. Our own batches are known when they come back. Called by outgoing.ts.
import { type Batch, cutByPartition, RowBuffer, type Rows } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import { isStale } from '#core/stale.ts'

export type OutletOptions = Readonly<{
  bus: Bus
  table: SeriesTable
  clock: Clock
  log: Log
  own: OwnMetrics
  // Owner of series that name neither host nor instance.
  source: string
  // So many alerts are to be told that the series of new ones wait; calm() resolves when they need not.
  isStorm(): boolean
  calm(): Promise<void>
}>

export interface Outlet {
  write(rows: RowBuffer, nowMs: number): void
  isOwn(batch: Batch): boolean
  close(): Promise<void>
}

// What is patient waits for the calm.
type Portion = Readonly<{ batches: readonly Batch[]; isPatient: boolean }>

const waitingMax = 300
const retryMs = 1_000
const ofAlerts: ReadonlySet<string> = new Set(['ALERTS', 'ALERTS_FOR_STATE'])

export function openOutlet(options: OutletOptions): Outlet {
  const { bus, table, clock, log, own, source, calm } = options
  const ours = new WeakSet<Batch>()
  const dropped = own.counter('plimsoll_rules_dropped_total')
  // Series of which something waits for the calm.
  const held = new Set<number>()
  let waiting: Portion[] = []
  // The calm.
  let isAwaited = false
  let running: Promise<void> | undefined
  let timer: Timer | undefined
  let isClosed = false

  const isStorm = (): boolean => !isClosed && options.isStorm()

  function next(): Portion | undefined {
    if (!isStorm()) return waiting[0]
    if (waiting.length > 0) void startWhenCalm()
    return waiting.find(each => !each.isPatient)
  }
  async function startWhenCalm(): Promise<void> {
    if (isAwaited) return
    isAwaited = true
    await calm()
    isAwaited = false
    start()
  }
  async function run(): Promise<void> {
    timer?.cancel()
    // It may be over at once, and must not be before `running` says that it is under way.
    await Promise.resolve()
    for (let portion = next(); portion !== undefined; portion = next()) {
      try {
        await bus.publish('samples', portion.batches)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        log.warn('rules', 'cannot write what rules record, and tries again', { error })
        if (!isClosed) timer = clock.after(retryMs, start)
        break
      }
      waiting = waiting.filter(each => each !== portion)
      if (!waiting.some(each => each.isPatient)) held.clear()
    }
    running = undefined
  }
  function start(): void {
    running ??= run()
  }

  function add(rows: Rows, receivedAtMs: number, isPatient: boolean): void {
    if (rows.series.length === 0) return
    const batches = cutByPartition({ source, receivedAtMs, rows, notes: [] }, table)
    for (const each of batches) ours.add(each)
    waiting.push({ batches, isPatient })
  }

  return {
    write(buffer, nowMs) {
      const { urgent, patient } = isStorm()
        ? parted(buffer.rows(), table, held)
        : { urgent: buffer, patient: none }
      add(urgent.rows(), nowMs, false)
      add(patient.rows(), nowMs, true)
      for (const { batches } of waiting.splice(0, waiting.length - waitingMax)) {
        for (const { rows: forgotten } of batches) dropped.inc(forgotten.series.length)
      }
      start()
    },
    isOwn: batch => ours.has(batch),
    async close() {
      isClosed = true
      timer?.cancel()
      await running
      if (waiting.length > 0) await run()
      waiting = []
    },
  }
}

const none = new RowBuffer(0)

type Parted = Readonly<{ urgent: RowBuffer; patient: RowBuffer }>

// The series of new alerts wait, and their ends behind them; other ends pass by.
function parted({ series, tMs, values }: Rows, table: SeriesTable, held: Set<number>): Parted {
  const parts = { urgent: new RowBuffer(0), patient: new RowBuffer(series.length) }
  for (const [at, number] of series.entries()) {
    const isEnd = isStale(values, at)
    if (!isEnd && ofAlerts.has(table.get(number).name)) held.add(number)
    const part = held.has(number) ? parts.patient : parts.urgent
    part.push(number, tMs[at]!, values[at]!)
  }
  return parts
}
