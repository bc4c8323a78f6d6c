// Requests for capacity: what planners read, change and sign, what runs draft, and what the plan may count on. The door of
// requests/; opened by bin/ with the state, and handed to routes, the monthly job, the planner and reports.
import { isDeepStrictEqual } from 'node:util'
import type { Bus } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Language } from '#core/http/language.ts'
import type { Log } from '#core/log.ts'
import type { Labels } from '#core/model.ts'
import type { State } from '#core/state.ts'
import type { Promised } from './coming.ts'
import { dayOf, dayText, monthText } from './days.ts'
import type { PastForecast, Plan } from './plan.ts'
import type { Line, Pool } from './pool.ts'
import type { Before } from './report/report-model.ts'
import type { Request, RequestFact } from './request.ts'
import { openRequestBook, type RequestBook, type Wanted } from './requests/book.ts'
import { carrying, isCarried } from './requests/carried.ts'
import type { Judgement } from './requests/judged.ts'
import { openJudging, type Used } from './requests/judging.ts'
import type { Deed } from './requests/life.ts'
import { coming, delivered, lastSeq, noOrders, readOrders } from './requests/orders.ts'
import { openNoticeOutbox } from './requests/outbox.ts'
import { checkPart } from './requests/part.ts'
import { type Filter, readFacts, readRequest, readRequests } from './requests/rows.ts'
import { dueSince, hasRunOf, type Run, readBefore, readRuns } from './requests/run-rows.ts'
import { makeRun, type RunAsked, type RunMade } from './requests/runs.ts'
import { readSaid, type SaidOfRun, saidOf } from './requests/said.ts'

export type RequestsOptions = Readonly<{
  state: State
  bus: Pick<Bus, 'publish'>
  clock: Clock
  log: Log
  zone: string
  language: Language
  // As configured now.
  settings: () => Readonly<{
    pools: readonly Pool[]
    planners: readonly string[]
    tickets: string | undefined
  }>
  // That were measured, of a pool; left out: nobody knows any.
  partsOf?: ((pool: string) => readonly Labels[]) | undefined
  // Other processes change requests too; theirs are seen within five seconds.
  isShared: boolean
  // Of a run; left out: ten thousand.
  stepsInTransaction?: number
}>

export type RequestStory = Readonly<{ request: Request; facts: readonly RequestFact[] }>

export interface Requests extends Omit<RequestBook, 'make'>, AsyncDisposable {
  // The newest first.
  list(filter: Filter): Promise<readonly Request[]>
  // With all that happened to it, the oldest first.
  get(number: number): Promise<RequestStory | undefined>
  // For a pool that is configured; its month is that of the next run, where none is said.
  make(wanted: Omit<Wanted, 'month'> & Readonly<{ month?: string | undefined }>, deed: Deed): Promise<Request>
  // The drafts of a plan. Undefined: the schedule's run of that month is there.
  draft(plan: Plan, asked: RunAsked): Promise<RunMade | undefined>
  runs(limit: number): Promise<readonly Run[]>
  // What the last run of a month before this one planned; null: there was none.
  plannedBefore(month: string): Promise<Before | null>
  hasRunOf(dueMonth: string): Promise<boolean>
  dueSince(write: State['write'], nowMs: number): Promise<number>
  // Of the last half year.
  judged(history: Used): Promise<Judgement>
  // What the planner asks for. Another `version`: something of it has changed.
  readonly version: number
  coming(pool: string, part: Labels): readonly Promised[]
  past(line: Line, day: number): Omit<PastForecast, 'actual'> | null
  // To be added to the units that the configuration states, since the day on which they were counted; below zero where
  // more was given back.
  deliveredUnits(pool: string, part: Labels, fromDay?: number): number
  refresh(): Promise<void>
  close(): Promise<void>
}

const sharedLookMs = 5_000
// Only the day may have changed.
const aloneLookMs = 60_000
const judgedMonths = 6

export async function openRequests(options: RequestsOptions): Promise<Requests> {
  const { state, clock, zone, settings, partsOf = () => [] } = options
  const outbox = openNoticeOutbox(options)
  const known = await openKnown(options)
  const judging = openJudging({ db: state.db, pools: () => settings().pools })
  const told = () => ({ ...settings(), language: options.language })
  const onChange = async (): Promise<void> => {
    await known.look()
    // Nobody waits for the bus: what cannot be told now is told later.
    void outbox.tell()
  }
  const book = openRequestBook({ state, told, outbox, onChange })
  void outbox.tell()

  async function poolOf(number: number): Promise<Pool | undefined> {
    const found = await readRequest(state.db, number)
    return settings().pools.find(({ name }) => name === found?.request.pool)
  }
  const close = async (): Promise<void> => {
    await known.close()
    await outbox.close()
  }
  return {
    ...book,
    async list(filter) {
      return (await readRequests(state.db, filter)).map(({ request }) => request)
    },
    async get(number) {
      const found = await readRequest(state.db, number)
      return found && { request: found.request, facts: await readFacts(state.db, [number]) }
    },
    async make(wanted, deed) {
      const pool = settings().pools.find(({ name }) => name === wanted.pool)
      if (pool === undefined) throw new Failure('not_found', `no pool is called ${wanted.pool}`)
      const today = dayOf(zone, deed.atMs)
      // Of another year, as a rule.
      if (wanted.neededDay < today)
        throw new Failure(
          'bad_request',
          `needed: wanted a day from ${dayText(today)} on, found ${dayText(wanted.neededDay)}`,
        )
      checkPart(wanted.part, pool, partsOf(pool.name))
      const month = wanted.month ?? monthsAfter(today, 1)
      return book.make({ ...wanted, month }, pool, deed)
    },
    async act(seen, act, deed) {
      const found = isCarried(act) ? await readRequest(state.db, seen.number) : undefined
      return book.act(seen, found === undefined ? act : carrying(act, found.request, options), deed)
    },
    async split(seen, pieces, deed) {
      const pool = await poolOf(seen.number)
      for (const { part } of pieces)
        if (pool !== undefined && part !== undefined) checkPart(part, pool, partsOf(pool.name))
      return book.split(seen, pieces, deed)
    },
    async draft(plan, asked) {
      const made = await makeRun(plan, asked, { ...options, told, outbox, orders: known })
      if (made !== undefined) await onChange()
      return made
    },
    runs: limit => readRuns(state.db, limit),
    plannedBefore: month => readBefore(state.db, month),
    hasRunOf: dueMonth => hasRunOf(state.db, dueMonth),
    dueSince: (write, nowMs) => dueSince(state, write, nowMs),
    judged(history) {
      const today = dayOf(zone, clock.nowMs())
      return judging(history, { untilDay: today - 1, fromMonth: monthsAfter(today, -judgedMonths) })
    },
    get version() {
      return known.version()
    },
    ...{ coming: known.coming, past: known.past, deliveredUnits: known.deliveredUnits },
    refresh: known.refresh,
    close,
    [Symbol.asyncDispose]: close,
  }
}

// 2026-12, one month after a day of November.
function monthsAfter(day: number, months: number): string {
  const [year = 0, month = 0] = monthText(day).split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 + months)).toISOString().slice(0, 7)
}

// What is asked in the middle of a plan, in memory.
async function openKnown({ state, clock, log, zone, isShared }: RequestsOptions) {
  let orders = noOrders
  let said: SaidOfRun | undefined
  let saidDay = Number.NaN
  let version = 0
  let timer: Timer | undefined
  let isClosed = false
  let reading: Promise<void> = Promise.resolve()

  async function refresh(): Promise<void> {
    const lastDay = dayOf(zone, clock.nowMs()) - 1
    const isNewDay = lastDay !== saidDay
    if (!isNewDay && version > 0 && (await lastSeq(state.db)) === orders.seq) return
    if (isNewDay) said = await readSaid(state.db, lastDay)
    saidDay = lastDay
    const read = await readOrders(state.db, zone, orders)
    // Two may read at once, and the younger may be done first.
    if (read.seq < orders.seq) return
    // What is submitted or told does not change what is on order, and no plan need be made anew for it.
    if (isNewDay || !isDeepStrictEqual({ ...orders, seq: 0 }, { ...read, seq: 0 })) version++
    orders = read
  }
  async function look(): Promise<void> {
    try {
      await refresh()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.warn('capacity', 'requests cannot be read; what was on order stays as it was known', { error })
    }
  }
  function follow(): void {
    if (isClosed) return
    timer = clock.after(isShared ? sharedLookMs : aloneLookMs, () => {
      reading = look().then(follow)
    })
  }
  await refresh()
  follow()
  return {
    ...{ refresh, look, version: () => version },
    coming: (pool: string, part: Labels) => coming(orders, pool, part),
    deliveredUnits: (pool: string, part: Labels, fromDay?: number) => delivered(orders, pool, part, fromDay),
    past: (line: Line, day: number) => saidOf(said, line, day),
    async close() {
      isClosed = true
      timer?.cancel()
      await reading
    },
  }
}
