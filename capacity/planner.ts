// The plan as it is now, made once and shown to everybody who asks until something that it stands on has changed: the day,
// the pools, the rows, the orders. What-if is made for each who asks. Called by routes, the monthly run, and whoever
// publishes the numbers.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { nearest } from '#core/nearest.ts'
import { dayOf } from './days.ts'
import type { Forecaster } from './forecast/forecaster.ts'
import type { History } from './history.ts'
import type { Plan, WhatIf } from './plan.ts'
import { makePlan, type Orders } from './planning.ts'
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
}

type Made = Readonly<{ of: readonly unknown[]; plan: Promise<Plan> }>

export function openPlanner({ pools, clock, ...parts }: PlannerOptions): Planner {
  let made: Made | undefined
  const make = (whatIf: WhatIf | undefined, how: PlanHow): Promise<Plan> =>
    makePlan({ ...parts, ...how, pools: pools(), nowMs: clock.nowMs(), whatIf })

  function present(how: PlanHow): Promise<Plan> {
    const { history, orders, zone } = parts
    const of = [dayOf(zone, clock.nowMs()), pools(), history.version, orders.version]
    if (made?.of.every((each, at) => each === of[at])) return made.plan
    // Whoever comes first may go away, and the others still want it: so nobody's signal ends it.
    const { signal: _, ...rest } = how
    const mine: Made = { of, plan: make(undefined, rest) }
    made = mine
    mine.plan.catch(() => {
      if (made === mine) made = undefined
    })
    return mine.plan
  }

  return {
    async present(how = {}) {
      const plan = await present(how)
      how.signal?.throwIfAborted()
      return plan
    },
    async suppose(whatIf, how = {}) {
      checkNames(whatIf, pools())
      return make(whatIf, how)
    },
  }
}

// A name that nothing has would change nothing, and look like an answer.
function checkNames({ pools: wanted = [], unitCapacity = {} }: WhatIf, pools: readonly Pool[]): void {
  const names = new Set(pools.map(({ name }) => name))
  const stray = wanted.find(each => !names.has(each))
  if (stray !== undefined)
    throw new Failure('not_found', `no pool is called ${stray}${meant(stray, [...names])}`)
  const resources = new Set(pools.flatMap(each => each.resources.map(({ name }) => name)))
  const strange = Object.keys(unitCapacity).find(each => !resources.has(each))
  if (strange !== undefined)
    throw new Failure(
      'bad_request',
      `unit_capacity: no pool has a resource ${strange}${meant(strange, [...resources])}`,
    )
}

function meant(found: string, names: readonly string[]): string {
  const guess = nearest(found, names)
  return guess === undefined ? '' : `; is ${guess} meant?`
}
