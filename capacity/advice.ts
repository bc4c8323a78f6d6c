// The rule of the minute as it runs: each minute every pool that wants advice is measured and judged, what is known is
// saved, and then it is told: as samples, and as a notice to the receiver that the pool names. One pool never stops
// others. Opened by bin/ in the process that has the turn.
import { Breath } from '#core/breath.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Language } from '#core/http/language.ts'
import type { Lease } from '#core/lease.ts'
import type { Log } from '#core/log.ts'
import type { Sample } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import type { Source } from '#promql/source.ts'
import { openAdviceBook } from './advice/book.ts'
import { freshHive, type Measured, step, type Way } from './advice/hive.ts'
import {
  type AdvisedPool,
  isAdvised,
  type Judged,
  judgedOf,
  type Kept,
  type Placed,
} from './advice/judged.ts'
import { measure, measureMachines } from './advice/measure.ts'
import { noticeOf } from './advice/notice.ts'
import { placeNew, takeAway } from './advice/placement.ts'
import { samplesOf } from './advice/samples.ts'
import type { Pool } from './pool.ts'

export type AdviceOptions = Readonly<{
  pools: readonly Pool[]
  source: Source
  state: Pick<State, 'db' | 'write'>
  // Where many processes might do it: the turn.
  lease?: Pick<Lease, 'write' | 'isHeld'>
  bus: Pick<Bus, 'publish'>
  // Samples of the pools on their way out.
  write(samples: readonly Sample[]): Promise<void>
  language: Language
  clock: Clock
  log: Log
  own: OwnMetrics
}>

export interface AdviceRunner {
  // One minute. What cannot be saved or told is tried again in the next one; only a lost turn rejects.
  tick(nowMs: number, signal?: AbortSignal): Promise<void>
  // Every whole minute until the signal says so.
  run(signal: AbortSignal): Promise<void>
}

const minuteMs = 60_000
// Of the questions of all pools; whoever has no answer by then is not measured in this minute.
const patienceMs = 45_000
const atATime = 4

export async function openAdvice(options: AdviceOptions): Promise<AdviceRunner> {
  const { state, lease, log, clock } = options
  const pools = options.pools.filter(isAdvised)
  const write: State['write'] = statements => (lease ?? state).write(statements)
  const book = openAdviceBook(state, log)
  const known = await book.read()
  const gone = [...known.keys()].filter(name => !pools.some(each => each.name === name))
  if (gone.length > 0) await write(book.forgetting(gone))
  for (const name of gone) known.delete(name)

  // Saved first and told then: who is killed in between says it again, under the same id.
  async function save(changed: ReadonlyMap<string, Kept>): Promise<boolean> {
    try {
      if (changed.size > 0) await write(book.saving(changed))
      return true
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'lease_lost') throw error
      log.warn('capacity', 'cannot save advice, and tries again in the next minute', { error })
      return false
    }
  }
  async function tell(): Promise<void> {
    const told = new Map<string, Kept>()
    for (const pool of pools) {
      const kept = known.get(pool.name)
      if (kept === undefined || kept.isTold || lease?.isHeld() === false) continue
      // Its words are those of a minute that was measured.
      if (kept.judged.missing !== null) continue
      const notice = noticeOf(pool, kept.judged, options.language)
      try {
        if (notice !== undefined) await options.bus.publish('notices', [notice])
        told.set(pool.name, { ...kept, isTold: true })
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        log.warn('capacity', 'cannot tell advice, and tries again in the next minute', { error })
      }
    }
    for (const [name, kept] of told) known.set(name, kept)
    await save(told)
  }
  async function show(judged: readonly Judged[]): Promise<void> {
    const byName = new Map(judged.map(each => [each.pool, each]))
    const samples = pools.flatMap(pool => {
      const its = byName.get(pool.name)
      return its === undefined ? [] : samplesOf(pool, its)
    })
    try {
      if (samples.length > 0) await options.write(samples)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.warn('capacity', 'cannot write the samples of advice', { error })
    }
  }

  const tick = async (nowMs: number, signal?: AbortSignal): Promise<void> => {
    const judged = await judgeAll(pools, known, { ...options, nowMs, signal })
    // Who had to stop has seen nothing, which is no measurement.
    if (signal?.aborted) return
    for (const each of judged) known.set(each.judged.pool, each)
    if (await save(known)) await tell()
    await show(judged.map(each => each.judged))
  }
  return {
    tick,
    async run(signal) {
      while (!signal.aborted) {
        const nowMs = clock.nowMs()
        const nextMs = (Math.floor(nowMs / minuteMs) + 1) * minuteMs
        await clock.sleep(nextMs - nowMs, signal).catch(() => {})
        // A clock that was put back meanwhile shows an earlier minute, which is as good.
        const minute = Math.floor(clock.nowMs() / minuteMs) * minuteMs
        if (!signal.aborted) await tick(minute, signal)
      }
    },
  }
}

type Minute = Pick<AdviceOptions, 'source' | 'clock' | 'log' | 'own'> &
  Readonly<{ nowMs: number; signal: AbortSignal | undefined }>

// A few at a time, all within the minute.
async function judgeAll(
  pools: readonly AdvisedPool[],
  known: ReadonlyMap<string, Kept>,
  minute: Minute,
): Promise<Kept[]> {
  const { clock, log, own, source, nowMs, signal: stop } = minute
  const outcomes = own.counter('plimsoll_capacity_advice_total')
  const late = new AbortController()
  const timer = clock.after(patienceMs, () => late.abort())
  const signal = stop === undefined ? late.signal : AbortSignal.any([late.signal, stop])
  const found: Kept[] = []
  const waiting = [...pools]
  const breath = new Breath()
  const work = async (): Promise<void> => {
    for (let pool = waiting.shift(); pool !== undefined; pool = waiting.shift()) {
      try {
        const kept = await judge(pool, known.get(pool.name), { source, atMs: nowMs, signal })
        outcomes.inc(1, { outcome: kept.judged.missing === null ? 'judged' : 'unmeasured' })
        found.push(kept)
      } catch (error) {
        outcomes.inc(1, { outcome: 'failed' })
        log.error('capacity', 'no advice for a pool, by a mistake of ours', { pool: pool.name, error })
      }
      if (breath.isDue) await breath.taken()
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(atATime, pools.length) }, work))
  } finally {
    timer.cancel()
  }
  return found
}

type At = Readonly<{ source: Source; atMs: number; signal: AbortSignal }>

async function judge(pool: AdvisedPool, before: Kept | undefined, at: At): Promise<Kept> {
  const measured: Measured = await measure(pool.advice, at)
  const stepped = step(pool.advice, before?.hive ?? freshHive, measured, at.atMs)
  const { state, given } = stepped
  const said = judgedOf(pool, stepped, measured, at.atMs)
  const standing = state.advice
  return {
    hive: state,
    judged: { ...said, placed: standing === null ? null : await placedNow() },
    isTold: given === null && (standing === null || before?.isTold === true),
  }

  // Looked up anew each minute that it stands: machines come, and some of it may have been followed.
  async function placedNow(): Promise<Placed | null> {
    const { processes } = said
    if (standing === null || processes === null) return before?.judged.placed ?? null
    return placedOf(pool, { way: standing.way, count: Math.abs(standing.to - processes) }, at)
  }
}

async function placedOf(
  { advice: settings }: AdvisedPool,
  { way, count }: Readonly<{ way: Way; count: number }>,
  at: At,
): Promise<Placed | null> {
  if (settings.cores === undefined) return null
  const machines = await measureMachines(settings, at)
  if (typeof machines === 'string') return { places: [], left: 0, why: machines }
  const { places, left } = way === 'grow' ? placeNew(machines, count) : takeAway(machines, count)
  return { places, left, why: null }
}
