// When the month's drafts are made: at the schedule, once for each month, also when nobody was there at the time. node-cron
// rings the bell; whether a run is due is decided by what the state says was made. Opened by bin/ in the process that
// holds the lease of the schedule.
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Lease } from '#core/lease.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { dayOf, monthText } from './days.ts'
import { lastDue, type Timetable } from './due.ts'
import type { Plan } from './plan.ts'
import type { Judgement } from './requests/judged.ts'
import type { Requests } from './requests.ts'
import { cronBell, type OpenBell, timetableOf } from './schedule.ts'

export type Due = Readonly<{ dueMs: number; dueMonth: string }>

export type MonthlyOptions = Readonly<{
  // Cron, by the clocks of the zone.
  schedule: string
  zone: string
  requests: Pick<Requests, 'draft' | 'dueSince' | 'hasRunOf'>
  // What needs to be ordered, as it is known now. May take minutes.
  plan: (due: Due, signal: AbortSignal) => Promise<Plan>
  // Of past months' requests, for the report that is kept; left out: nothing is judged.
  judged?: (() => Promise<Judgement>) | undefined
  owner: Pick<Lease, 'write' | 'transaction'>
  clock: Clock
  log: Log
  own?: OwnMetrics | undefined
  // Left out: node-cron's, by the machine's clock.
  bell?: OpenBell | undefined
}>

export interface Monthly {
  // Resolves when no run is under way, and none will be.
  close(): Promise<void>
}

// Who runs the drafts of the schedule.
const job = 'plimsoll'
// A bell may not be heard: the machine slept, its clock was set, the state was away.
const lookMs = 10 * 60_000
const againMs = 60_000

export function openMonthly(options: MonthlyOptions): Monthly {
  const { schedule, zone, clock, log } = options
  const timetable = timetableOf(schedule)
  const runs = options.own?.counter('plimsoll_capacity_runs_total')
  const stopping = new AbortController()
  let timer: Timer | undefined
  let running: Promise<void> | undefined
  let isRung = false

  async function round(): Promise<number> {
    try {
      if (await runIfDue(timetable, options, stopping.signal)) runs?.inc(1, { outcome: 'made' })
      return lookMs
    } catch (error) {
      if (stopping.signal.aborted) return lookMs
      if (!(error instanceof Failure)) throw error
      runs?.inc(1, { outcome: 'failed' })
      log.warn('capacity', 'the drafts of the month cannot be made; they are tried again', { error })
      return againMs
    }
  }
  // Never twice at once; a bell in the middle is heard at the end.
  function look(): void {
    isRung = true
    timer?.cancel()
    if (running === undefined && !stopping.signal.aborted) running = looking()
  }
  async function looking(): Promise<void> {
    let waitMs = lookMs
    while (isRung && !stopping.signal.aborted) {
      isRung = false
      waitMs = await round()
    }
    running = undefined
    if (!stopping.signal.aborted) timer = clock.after(waitMs, look)
  }
  const bell = (options.bell ?? cronBell)(schedule, zone, look)
  look()
  return {
    async close() {
      stopping.abort()
      bell.stop()
      timer?.cancel()
      await running
    },
  }
}

// Of several months that were missed the latest alone is made: the plan looks ahead from today, and has in it what they
// would have asked for. Answers whether one was.
async function runIfDue(
  timetable: Timetable,
  options: MonthlyOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { zone, requests, owner, clock, log, plan, judged } = options
  const nowMs = clock.nowMs()
  const afterMs = await requests.dueSince(owner.write, nowMs)
  const dueMs = lastDue(timetable, zone, { afterMs, nowMs })
  if (dueMs === undefined) return false
  const due = { dueMs, dueMonth: monthText(dayOf(zone, dueMs)) }
  if (await requests.hasRunOf(due.dueMonth)) return false
  const made = await plan(due, signal)
  if (signal.aborted) return false
  const atMs = clock.nowMs()
  const judgement = await judged?.()
  const again = () => plan(due, signal)
  const asked = { ...due, trigger: 'schedule' as const, who: job, atMs, owner, judgement, again }
  const run = await requests.draft(made, asked)
  if (run !== undefined && atMs - dueMs > lookMs)
    log.info('capacity', 'the drafts of the month were due while nobody was there; they are made now', {
      due: new Date(dueMs).toISOString(),
    })
  return run !== undefined
}
