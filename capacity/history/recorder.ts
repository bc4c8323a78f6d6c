// Measures every pool each five minutes and says what it found as samples; when a day is over, makes its rows. Opened by
// bin/ in the one process that owns this work.
//
// A time is measured twenty seconds after it, so that samples of that time have come. What a store or a bus does not let
// through is measured again later, up to a day back; of older times there are rows in the history and no samples. A day is
// made ten minutes after its end.
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { SeriesTable } from '#core/series.ts'
import type { Store } from '#core/store.ts'
import { dayOf } from '../days.ts'
import type { Pool } from '../pool.ts'
import type { Span } from './days-wanted.ts'
import { type FillHow, type FillOptions, fill } from './fill.ts'
import { stepMs } from './grid.ts'
import { openParts } from './parts.ts'
import { type Desk, dueMs, laterMs, recall, recordDue } from './record-due.ts'
import { openTroubles, type Trouble } from './troubles.ts'

export type RecorderOptions = Omit<FillOptions, 'source' | 'store' | 'troubles' | 'parts'> &
  Readonly<{
    pools: () => readonly Pool[]
    store: Pick<Store, 'select' | 'last'>
    bus: Pick<Bus, 'publish'>
    table: SeriesTable
    log: Log
    // Owner of series that name neither host nor instance.
    sender: string
  }>

export interface Recorder {
  // Measures what is due by now.
  tick(nowMs: number, signal?: AbortSignal): Promise<void>
  // Makes the days that are over and missing, of new pools as far back as their fits see.
  catchUp(how?: FillHow): Promise<void>
  // The same from a day on, or again although it was done.
  backfill(what: Backfill, how?: FillHow): Promise<void>
  // What goes wrong just now, by pool.
  troubles(): readonly Trouble[]
  // Does all of it at its times until the signal ends it.
  run(signal: AbortSignal): Promise<void>
}

export type Backfill = Readonly<{ pools?: readonly string[]; fromDay?: number; again?: boolean }>

const graceMs = 600_000
// Even where fits see less, a month can be compared with the one before.
const leastDays = 60
const againMs = 15_000

export function openRecorder(options: RecorderOptions): Recorder {
  const { pools, store, clock, log, zone, history } = options
  const troubles = openTroubles()
  const source = sourceOf(store)
  const shared = { source, troubles, parts: openParts(history, pools) }
  const filling: FillOptions = { ...options, ...shared }
  const desk: Desk = { ...options, ...shared, done: new Map() }
  let ticking: Promise<void> | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let filledUpTo: readonly unknown[] = []

  const lastDay = (): number => dayOf(zone, clock.nowMs() - graceMs) - 1
  const spanOf = ({ windowDays }: Pool): Span => {
    const toDay = lastDay()
    return { fromDay: toDay - Math.max(windowDays, leastDays) + 1, toDay }
  }
  // One at a time, so that none undoes what another has just done.
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = queue.then(work)
    queue = mine.catch(() => undefined)
    return mine
  }
  const tick = (nowMs: number, signal?: AbortSignal): Promise<void> => {
    ticking ??= recordDue(desk, pools(), nowMs, signal).finally(() => {
      ticking = undefined
    })
    return ticking
  }
  const catchUp = (how?: FillHow): Promise<void> =>
    inTurn(() => fill(filling, { pools: pools(), span: spanOf }, how))

  async function catchUpWhenDue(signal: AbortSignal): Promise<void> {
    const due = [lastDay(), pools()]
    if (due.every((each, at) => each === filledUpTo[at])) return
    await catchUp({ signal })
    if (due[0] !== filledUpTo[0]) await history.forget()
    filledUpTo = due
  }

  return {
    tick,
    catchUp,
    backfill: ({ pools: names, fromDay, again = false }, how) =>
      inTurn(() => {
        const some = pools().filter(({ name }) => names?.includes(name) ?? true)
        const span = (pool: Pool): Span => ({ ...spanOf(pool), ...(fromDay !== undefined && { fromDay }) })
        return fill(filling, { pools: some, span, again }, how)
      }),
    troubles() {
      const names = new Set(pools().map(({ name }) => name))
      return troubles.list().filter(({ pool }) => names.has(pool))
    },
    run: signal =>
      runOn(signal, {
        ...{ clock, log },
        recall: () => recall(desk, clock.nowMs()),
        tick: () => tick(clock.nowMs(), signal),
        days: () => catchUpWhenDue(signal),
      }),
  }
}

type Works = Readonly<{
  clock: Clock
  log: Log
  recall(): Promise<void>
  tick(): Promise<void>
  days(): Promise<void>
}>

async function runOn(signal: AbortSignal, { clock, log, recall, tick, days }: Works): Promise<void> {
  let filling: Promise<void> | undefined
  let fault: unknown
  // Whether it went well; what is expected to fail at times is told and tried again.
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (error) {
      if (signal.aborted && error === signal.reason) return false
      if (!(error instanceof Failure)) throw error
      log.warn('capacity', 'cannot measure the pools, and tries again', { error })
      return false
    }
  }
  let isRecalled = false
  while (!signal.aborted && fault === undefined) {
    isRecalled ||= await attempt(recall)
    const isFine = isRecalled && (await attempt(tick))
    // Long when pools are new; the five minutes go on meanwhile.
    filling ??= attempt(days).then(
      () => {
        filling = undefined
      },
      error => {
        fault = error
      },
    )
    const waitMs = dueMs(clock.nowMs()) + stepMs + laterMs - clock.nowMs()
    await clock.sleep(isFine ? waitMs : Math.min(waitMs, againMs), signal).catch(() => undefined)
  }
  await filling
  if (fault !== undefined) throw fault
}

// No sample is before 1970.
const sourceOf = (store: Pick<Store, 'select'>): FillOptions['source'] => ({
  select: (matchers, { fromMs, toMs, ...rest }, signal) =>
    toMs < 0 ? [] : store.select(matchers, { ...rest, fromMs: Math.max(0, fromMs), toMs }, signal),
})
