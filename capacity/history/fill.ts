// Makes the days of pools that the history does not have yet: of what was recorded, and of the samples themselves where
// nothing was, or where the pool has other questions since. Called by recorder.ts when a day is over, at the start for what was missed, and for pools that are new.
//
// Doing it again gives the same rows, so a crash or a store that fails costs no more than the days under way: which ones
// were looked at is saved with their rows. What cannot be read any more is a gap.
import { Breath } from '#core/breath.ts'
import type { Clock } from '#core/clock.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Store } from '#core/store.ts'
import { dayOf } from '../days.ts'
import type { Track } from '../history.ts'
import { type Line, lineKey, type Pool } from '../pool.ts'
import { dayRowOf } from './day-row.ts'
import {
  askedNow,
  type DayWanted,
  daysWanted,
  extended,
  othersUntil,
  reachOf,
  type Span,
} from './days-wanted.ts'
import { type Grid, gridOfDay, stepMs, timesOf } from './grid.ts'
import { type Asking, measure } from './measure.ts'
import { filled, gapIn, hasNumbers, type Measured } from './measured.ts'
import type { Looked, LookedAt, OpenHistory, Taken } from './open-history.ts'
import type { Kept, Parts } from './parts.ts'
import { type Questions, questionsOf } from './questions.ts'
import { readRecorded } from './recorded.ts'
import { isOfQuestion, type Troubles } from './troubles.ts'

export type FillOptions = Asking &
  Readonly<{
    store: Pick<Store, 'select'>
    history: OpenHistory
    zone: string
    troubles: Troubles
    parts: Parts
    clock: Clock
    own: OwnMetrics
  }>

export type Wanted = Readonly<{
  pools: readonly Pool[]
  span: (pool: Pool) => Span
  // Also what was looked at, and from the samples themselves: whatever is measured replaces what is there.
  again?: boolean
}>
export type FillHow = Readonly<{
  signal?: AbortSignal | undefined
  // Days of resources.
  onProgress?: ((done: number, of: number) => void) | undefined
}>

type Job = Readonly<{
  pool: Pool
  questions: Questions
  // As askedNow() says it.
  asked: string
  reach: Looked | undefined
  // More was looked at, of days that are not over.
  isShortened: boolean
  days: readonly DayWanted[]
}>
type Pending = { taken: Taken[]; looked: Map<string, LookedAt>; days: number }

// Saved together.
const daysTogether = 32
const tracks = ['usage', 'supply'] as const

export async function fill(options: FillOptions, wanted: Wanted, how: FillHow = {}): Promise<void> {
  await options.parts.look(dayOf(options.zone, options.clock.nowMs()))
  const breath = new Breath()
  const jobs: Job[] = []
  for (const pool of wanted.pools) {
    jobs.push(...jobsOf(pool, options, wanted))
    if (breath.isDue) await breath.taken()
  }
  const of = jobs.reduce((sum, { days }) => sum + days.length, 0)
  const pending: Pending = { taken: [], looked: new Map(), days: 0 }
  let done = 0
  try {
    for (const job of jobs) {
      let { reach } = job
      if (job.isShortened && reach !== undefined) mark(pending, job, reach)
      for (const [at, { day, holdsUp }] of job.days.entries()) {
        how.signal?.throwIfAborted()
        const isWhole = await fillDay(
          options,
          { ...job, day, again: wanted.again === true },
          pending,
          how.signal,
        )
        if (!isWhole && holdsUp) {
          done += job.days.length - at
          break
        }
        reach = extended(reach, job.asked, day)
        mark(pending, job, reach)
        if (++pending.days >= daysTogether) await save(options, pending)
        how.onProgress?.(++done, of)
        if (breath.isDue) await breath.taken()
      }
    }
  } finally {
    await save(options, pending)
  }
  how.onProgress?.(of, of)
}

function jobsOf(pool: Pool, options: FillOptions, { span: spanOf, again }: Wanted): Job[] {
  const { history, zone, clock } = options
  const span = spanOf(pool)
  const today = dayOf(zone, clock.nowMs())
  return questionsOf(pool).map(questions => {
    const looked = history.looked(lineOf(pool, questions.resource))
    const asked = askedNow(looked, questions.digest, today)
    const reach = reachOf(looked, asked, span)
    const isShortened = reach !== undefined && reach.toDay !== looked?.toDay
    return { pool, questions, asked, reach, isShortened, days: daysWanted(reach, span, again === true) }
  })
}

const lineOf = ({ name }: Pool, resource: string, part: Line['part'] = {}): Line => ({
  pool: name,
  resource,
  part,
})

function mark({ looked }: Pending, { pool, questions }: Job, reach: Looked): void {
  const line = lineOf(pool, questions.resource)
  looked.set(lineKey(line), { line, looked: reach })
}

async function save({ history, own }: FillOptions, pending: Pending): Promise<void> {
  const { taken, looked } = pending
  pending.taken = []
  pending.looked = new Map()
  pending.days = 0
  if (looked.size === 0) return
  await history.takeAll(taken, [...looked.values()])
  own.counter('plimsoll_capacity_days_total').inc(taken.length)
}

type OneDay = Job & Readonly<{ day: number; again: boolean }>

// Whether every question was answered.
async function fillDay(
  options: FillOptions,
  job: OneDay,
  pending: Pending,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { pool, questions, day, again } = job
  const { resource } = questions
  const grid = gridOfDay(options.zone, day)
  if (grid.count === 0) return true
  const recorded = again ? undefined : await readRecorded(options.store, { pool, resource, grid, signal })
  let isWhole = true
  for (const track of tracks) {
    const keep = (all: Measured): Kept => options.parts.kept({ pool, resource, day }, all)
    const { measured: known } = keep(recorded?.[track] ?? new Map())
    // What answers other questions counts only where nothing else is left; units that are stated are what they were then.
    const isOther = day <= othersUntil(job.asked) && !(track === 'supply' && questions.supply === undefined)
    const kept: Measured = isOther ? new Map() : known
    const measured = await completed(options, { job, track, known: kept, grid, keep, signal })
    isWhole &&= measured !== undefined
    const found = measured !== undefined && (hasNumbers(measured) || !isOther) ? measured : known
    for (const { part, values } of found.values()) {
      const line = lineOf(pool, resource, part)
      const row = dayRowOf(day, timesOf(grid), values)
      // What was imported may know more of a day than the samples that are left.
      if (row.count > 0) pending.taken.push({ line, track, rows: [row], how: again ? 'replace' : 'fill' })
    }
  }
  return isWhole
}

type Gap = Readonly<{
  job: OneDay
  track: Track
  known: Measured
  grid: Grid
  keep(all: Measured): Kept
  signal: AbortSignal | undefined
}>

// With the gaps of what was recorded filled from the samples; nothing where the question fails.
async function completed(
  options: FillOptions,
  { job, track, known, grid, keep, signal }: Gap,
): Promise<Measured | undefined> {
  const gap = gapIn(known, grid)
  if (gap === undefined) return known
  const { pool, questions } = job
  const of = { pool: pool.name, resource: questions.resource, track, when: 'past' } as const
  const counter = options.own.counter('plimsoll_capacity_questions_total')
  const missing = { startMs: grid.startMs + gap.from * stepMs, count: gap.to - gap.from + 1 }
  try {
    const asking = { ...options, keep, signal }
    const { measured: found, left } = await measure(pool, { track, questions }, missing, asking)
    counter.inc(1, { outcome: hasNumbers(found) ? 'answered' : 'empty' })
    options.troubles.answered(of, options.clock.nowMs(), { pool, left })
    return filled(known, found, gap.from, grid)
  } catch (error) {
    if (!isOfQuestion(error)) throw error
    counter.inc(1, { outcome: 'failed' })
    options.troubles.failed(of, options.clock.nowMs(), error.detail)
    return undefined
  }
}
