// What the rule of the minute says of a pool, as it is kept in the state and shown: numbers and reasons without words.
// Made by ../advice.ts; read by samples.ts, notice.ts, words.ts and the routes.
import type { Pool } from '../pool.ts'
import type { Advice, HiveState, Measured, Step, Why } from './hive.ts'
import { missingOf } from './hive.ts'
import type { Place } from './placement.ts'

export type AdvisedPool = Pool & Readonly<{ advice: NonNullable<Pool['advice']> }>

// Where the processes of an advice go, or come from.
export type Placed = Readonly<{
  places: readonly Place[]
  // How many fit nowhere.
  left: number
  // Why nothing was placed; null where it was.
  why: string | null
}>

export type Judged = Readonly<{
  pool: string
  atMs: number
  why: Why
  // What was not measured.
  missing: string | null
  busySeconds: number | null
  processes: number | null
  // Of what the processes could handle in a minute; null where there are none.
  share: number | null
  // How many there should be; null where that is not known.
  wanted: number | null
  advice: Advice | null
  placed: Placed | null
}>

// All that is known of a pool from one minute to the next.
export type Kept = Readonly<{
  hive: HiveState
  judged: Judged
  // Whether the advice that stands was handed on.
  isTold: boolean
}>

export const isAdvised = (pool: Pool): pool is AdvisedPool => pool.advice !== undefined

export function judgedOf(
  { name, advice: rule }: AdvisedPool,
  { state, why }: Step,
  measured: Measured,
  atMs: number,
): Omit<Judged, 'placed'> {
  const { advice } = state
  const missing = missingOf(measured)
  if (missing !== null || 'missing' in measured) {
    const nothing = { busySeconds: null, processes: null, share: null, wanted: null }
    return { pool: name, atMs, why, missing, ...nothing, advice }
  }
  const { busySeconds, processes } = measured
  return {
    ...{ pool: name, atMs, why, missing, busySeconds, processes, advice },
    share: processes === 0 ? null : busySeconds / (processes * rule.concurrency * 60),
    wanted: advice?.to ?? processes,
  }
}
