// The plan as it is now, made once and shown to everybody who asks until something that it stands on has changed: the day,
// the pools, the rows, the orders. Its forecasts, which may take minutes, stand on all of these but the orders. What-if is
// made for each who asks. Called by routes, the monthly run, and whoever publishes the numbers.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { guessed } from '#core/nearest.ts'
import { dayOf } from './days.ts'
import type { Forecaster } from './forecast/forecaster.ts'
import type { Forecast } from './forecast.ts'
import type { History } from './history.ts'
import type { Plan, WhatIf } from './plan.ts'
import { makePlan, type Orders, type PlanAsked } from './planning.ts'
import type { Pool } from './pool.ts'

export type PlannerOptions = Readonly<{
  pools: () => readonly Pool[]
  // Each changes its `version` with what it holds.
  history: History & Readonly<{ version: number }>
  orders: Orders & Readonly<{ version: number }>
  forecaster: Forecaster
  clock: Clock
  zone: string
}>

export type Progress = (done: number, of: number) => void
export type PlanHow = Readonly<{ signal?: AbortSignal; onProgress?: Progress }>

export interface Planner {
  present(how?: PlanHow): Promise<Plan>
  suppose(whatIf: WhatIf, how?: PlanHow): Promise<Plan>
  // How far the present one is; null while none is being made.
  making(): Making | null
}

// Lines that are forecast, of all.
export type Making = Readonly<{ done: number; of: number }>

type Made = Readonly<{ of: readonly unknown[]; plan: Promise<Plan> }>
type Forecasts = { readonly of: readonly unknown[]; all: Promise<readonly Forecast[]> | undefined }

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.every((each, at) => each === other[at])

export function openPlanner({ pools, clock, ...parts }: PlannerOptions): Planner {
  let made: Made | undefined
  let forecast: Forecasts | undefined
  let making: Making | null = null
  // Days change while forecasts of minutes are made, so one is under way and one waits, for all who came since.
  let underWay: Promise<void> | undefined
  let waiting: Promise<Plan> | undefined
  const make = async (how: PlanHow & Pick<PlanAsked, 'whatIf' | 'forecaster'>): Promise<Plan> => {
    // Before they are read: whoever compares it sees a change too many rather than one too few.
    const ordersVersion = parts.orders.version
    return { ...(await makePlan({ ...parts, ...how, pools: pools(), nowMs: clock.nowMs() })), ordersVersion }
  }

  // Those of the same days are the same, whatever was ordered meanwhile.
  function remembering(of: readonly unknown[]): Forecaster {
    if (forecast === undefined || !isSame(forecast.of, of)) forecast = { of, all: undefined }
    const mine = forecast
    return {
      ...parts.forecaster,
      forecast(asked, how) {
        mine.all ??= parts.forecaster.forecast(asked, how).catch(error => {
          mine.all = undefined
          throw error
        })
        return mine.all
      },
    }
  }
  const supposing: Forecaster = {
    ...parts.forecaster,
    forecast: (asked, how) => parts.forecaster.forecast(asked, { ...how, canWait: true }),
  }

  function present(how: PlanHow): Promise<Plan> {
    const { history, orders, zone } = parts
    const days = [dayOf(zone, clock.nowMs()), pools(), history.version]
    const of = [...days, orders.version]
    if (made !== undefined && isSame(made.of, of)) return made.plan
    if (underWay === undefined) return begin(of, days, how)
    waiting ??= underWay.then(() => {
      waiting = undefined
      return present(how)
    })
    return waiting
  }
  function begin(of: readonly unknown[], days: readonly unknown[], { onProgress }: PlanHow): Promise<Plan> {
    const progress: Progress = (done, all) => {
      making = { done, of: all }
      onProgress?.(done, all)
    }
    // Whoever comes first may go away, and the others still want it: so nobody's signal ends it.
    const begun = Promise.resolve()
    const plan = begun.then(() => make({ forecaster: remembering(days), onProgress: progress }))
    made = { of, plan }
    underWay = plan
      .then(
        () => undefined,
        () => {
          made = undefined
        },
      )
      .then(() => {
        making = null
        underWay = undefined
      })
    return plan
  }

  return {
    present: (how = {}) => unlessGone(present(how), how.signal),
    async suppose(whatIf, how = {}) {
      checkNames(whatIf, pools())
      return make({ ...how, whatIf, forecaster: supposing })
    },
    making: () => making,
  }
}

// Others may still wait for it.
async function unlessGone<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    return await Promise.race([promise, work])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

// A name that nothing has would change nothing, and look like an answer.
function checkNames({ pools: wanted = [], unitCapacity = {} }: WhatIf, pools: readonly Pool[]): void {
  const names = new Set(pools.map(({ name }) => name))
  const stray = wanted.find(each => !names.has(each))
  if (stray !== undefined)
    throw new Failure('not_found', `no pool is called ${stray}${guessed(stray, [...names])}`)
  const resources = new Set(pools.flatMap(each => each.resources.map(({ name }) => name)))
  const strange = Object.keys(unitCapacity).find(each => !resources.has(each))
  if (strange !== undefined)
    throw new Failure(
      'bad_request',
      `unit_capacity: no pool has a resource ${strange}${guessed(strange, [...resources])}`,
    )
}
