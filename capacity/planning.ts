// The plan of all pools: what is known of each line, forecast together, made into units, and the resource that decides.
// Pure but for the forecaster, which may think in a worker. Called by planner.ts, for the plan as it is and for what-if.

import { Breath } from '#core/breath.ts'
import type { Labels } from '#core/model.ts'
import { type Coming, comingOf, expectedOf, netBy, type Promised, shortOf } from './coming.ts'
import { dayOf, endOfNextMonth, plannedMonth } from './days.ts'
import { type Factors, openFactors } from './factors.ts'
import type { Forecaster } from './forecast/forecaster.ts'
import type { Forecast, ForecastAsked } from './forecast.ts'
import type { Days, History, Window } from './history.ts'
import type { LinePlan, PastForecast, Plan, PoolPlan, WhatIf } from './plan.ts'
import { isPartOf, isWhole, type Line, lineKey, type Pool, type Resource } from './pool.ts'
import { targetOf, unitsOf } from './units.ts'

// What requests bring to a part of a pool or take from it; and what was said of a day about a month before it.
export type Orders = Readonly<{
  coming(pool: string, part: Labels): readonly Promised[]
  past(line: Line, day: number): Omit<PastForecast, 'actual'> | null
}>

export type PlanAsked = Readonly<{
  pools: readonly Pool[]
  history: History
  forecaster: Forecaster
  orders: Orders
  zone: string
  nowMs: number
  whatIf?: WhatIf | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((done: number, of: number) => void) | undefined
}>

// What is known of a line before it is forecast.
type Known = Readonly<{
  pool: Pool
  resource: Resource
  line: Line
  demand: Days
  supply: Days
  usedNow: number
  supplyNow: number
  targetDay: number
  // Of one moment, before the forecasts that may take minutes.
  coming: readonly Coming[]
}>

export async function makePlan(asked: PlanAsked): Promise<Plan> {
  const { zone, nowMs, whatIf = {} } = asked
  const today = dayOf(zone, nowMs)
  const pools = asked.pools
    .filter(({ name }) => whatIf.pools === undefined || whatIf.pools.includes(name))
    .map(pool => supposed(pool, whatIf))
  const byPool = Map.groupBy(asked.history.lines(), ({ pool }) => pool)
  const leads = new Map(asked.pools.map(({ name, leadDays }) => [name, leadDays]))
  const known = await inPieces(pools, pool =>
    knownOf(pool, byPool.get(pool.name) ?? [], { ...asked, today, leads }),
  )
  const seen = new Map(
    known.filter(({ line }) => isWhole(line.part)).map(each => [each.line.pool, openOf(each)]),
  )
  const forecasts = await forecastAll(known, asked)
  const lines = await inPieces([...known.entries()], ([at, each]) => [
    linePlan(each, forecasts[at] ?? null, asked),
  ])
  const plans = Map.groupBy(lines, ({ line }) => line.pool)
  return {
    asOfDay: today - 1,
    madeAtMs: nowMs,
    month: plannedMonth(today),
    pools: pools.map(pool => ({
      ...poolPlan(pool, withZoneSpare(pool, plans.get(pool.name) ?? []), today),
      ordersSeen: seen.get(pool.name) ?? [],
    })),
  }
}

// Thousands of pools are a good part of a second, and others use the thread too.
async function inPieces<T, R>(items: readonly T[], work: (item: T) => readonly R[]): Promise<R[]> {
  const breath = new Breath()
  const done: R[] = []
  for (const item of items) {
    for (const each of work(item)) done.push(each)
    if (breath.isDue) await breath.taken()
  }
  return done
}

const openOf = ({ coming }: Known): readonly number[] =>
  coming.filter(({ isDelivered }) => !isDelivered).map(({ request }) => request)

function supposed(pool: Pool, { waterline, leadDays, events = [] }: WhatIf): Pool {
  const [first, ...more] = pool.resources
  const changed = (each: Resource): Resource => ({ ...each, waterline: waterline ?? each.waterline })
  return {
    ...pool,
    leadDays: leadDays ?? pool.leadDays,
    events: [...pool.events, ...events],
    resources: [changed(first), ...more.map(changed)],
  }
}

// `leads`: as configured. What is on order already stays as it is, whatever is supposed of orders to come.
type Around = PlanAsked & Readonly<{ today: number; leads: ReadonlyMap<string, number> }>

function knownOf(pool: Pool, lines: readonly Line[], { history, orders, today, leads }: Around): Known[] {
  const window: Window = { toDay: today - 1, days: pool.windowDays }
  const targetDay = endOfNextMonth(today) + pool.leadDays
  const ordering = { leadDays: leads.get(pool.name) ?? pool.leadDays, today }
  return pool.resources.flatMap(resource => {
    const own = lines.filter(each => each.resource === resource.name)
    const whole: Line = { pool: pool.name, resource: resource.name, part: {} }
    const parts = own.filter(({ part }) => isPartOf(part, pool))
    return [whole, ...parts].flatMap(line => {
      const demand = history.demand(line, pool.daily, window)
      const supply = history.supply(line, window)
      // A part that is long gone.
      if (line !== whole && isEmpty(demand) && isEmpty(supply)) return []
      const usedNow = demand.values.at(-1) ?? Number.NaN
      const coming = orders.coming(pool.name, line.part).map(each => comingOf(each, ordering))
      const supplyNow = lastKnown(supply.values)
      return { pool, resource, line, demand, supply, usedNow, supplyNow, targetDay, coming }
    })
  })
}

// A week may pass without a measurement before it is said that nobody knows.
const knownForDays = 7

const lastKnown = (values: Float64Array): number => values[lastKnownAt(values)] ?? Number.NaN

// -1 where there is none.
function lastKnownAt(values: Float64Array): number {
  const at = values.findLastIndex(value => !Number.isNaN(value))
  return at < values.length - knownForDays ? -1 : at
}

const isKnown = (value: number): boolean => !Number.isNaN(value)
const isEmpty = ({ values }: Days): boolean => !values.some(isKnown)

// One day has no direction, and nothing to say how sure it is.
const isEnough = ({ values }: Days): boolean => values.findIndex(isKnown) < values.findLastIndex(isKnown)

// Those of which nothing is known are not asked about.
async function forecastAll(
  known: readonly Known[],
  { forecaster, whatIf, signal, onProgress }: PlanAsked,
): Promise<(Forecast | null)[]> {
  const places = [...known.keys()].filter(at => isEnough(known[at]!.demand))
  const factors = openFactors(whatIf?.growth ?? 1)
  const found = await forecaster.forecast(await inPieces(places, at => [askedOf(known[at]!, factors)]), {
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  })
  const all: (Forecast | null)[] = known.map(() => null)
  for (const [at, place] of places.entries()) all[place] = found[at] ?? null
  return all
}

function askedOf(
  { pool, resource, demand, supply, supplyNow, targetDay }: Known,
  factors: Factors,
): ForecastAsked {
  const lastDay = demand.firstDay + demand.values.length - 1
  return {
    demand,
    supply,
    limit: supplyNow * resource.waterline,
    horizonDays: targetDay - lastDay,
    method: pool.method,
    factors: factors(pool, demand, targetDay),
  }
}

function linePlan(known: Known, forecast: Forecast | null, { orders, whatIf }: PlanAsked): LinePlan {
  const { pool, resource, line, demand, supply, usedNow, supplyNow, targetDay } = known
  const { waterline } = resource
  const presentCapacity = resource.supply.unitCapacity ?? 1
  const expected = expectedOf(known.coming, known)
  const spareUnits = isWhole(line.part) && pool.spare.kind === 'units' ? pool.spare.units : 0
  const { target, onOrderUnits } =
    forecast === null
      ? { target: null, onOrderUnits: netBy(expected, targetDay) }
      : targetOf(forecast, { pool, targetDay, expected, waterline, presentCapacity })
  const said = orders.past(line, demand.firstDay + demand.values.length - 1)
  const limits = { supplyNow, waterline, unitCapacity: presentCapacity }
  const plan = {
    ...{ line, demand, supply, usedNow, supplyNow, onOrderUnits, spareUnits, forecast, target, waterline },
    level: usedNow / supplyNow,
    unitCapacity: whatIf?.unitCapacity?.[resource.name] ?? presentCapacity,
    presentCapacity,
    short: forecast === null ? null : shortOf(forecast, expected, limits),
    why: whyNot(known, target),
    past: said === null ? null : { ...said, actual: usedNow },
    units: 0,
  }
  return { ...plan, units: unitsOf(plan) }
}

// Where events have taken all days out of the fit, nothing is left to forecast from either.
function whyNot({ supplyNow }: Known, target: LinePlan['target']): LinePlan['why'] {
  if (target === null || Number.isNaN(target.likely)) return 'no_history'
  return Number.isNaN(supplyNow) ? 'no_supply' : null
}

// The largest zone may fail: as many units as it has must be there twice. As it was when the whole was measured last, so
// that a part which another one has replaced does not count beside it.
function withZoneSpare(pool: Pool, lines: readonly LinePlan[]): readonly LinePlan[] {
  if (pool.spare.kind !== 'zone') return lines
  return lines.map(plan => {
    if (!isWhole(plan.line.part)) return plan
    const parts = lines.filter(({ line }) => line.resource === plan.line.resource && 'zone' in line.part)
    const zones = Map.groupBy(parts, ({ line }) => line.part['zone'])
    const at = lastKnownAt(plan.supply.values)
    const supplies = [...zones.values()].map(each =>
      each.reduce((sum, { supply }) => sum + (supply.values[at] || 0), 0),
    )
    // Parts without a line of their own may all stand in it.
    const all = parts.length < pool.partsMax ? 0 : (plan.supply.values[at] ?? 0)
    const rest = Math.max(0, all - supplies.reduce((sum, each) => sum + each, 0))
    const spareUnits = Math.ceil((Math.max(0, ...supplies) + rest) / plan.presentCapacity - 1e-9)
    const spared = { ...plan, spareUnits }
    return { ...spared, units: unitsOf(spared) }
  })
}

function poolPlan(pool: Pool, lines: readonly LinePlan[], today: number): Omit<PoolPlan, 'ordersSeen'> {
  const known = lines.filter(({ line, why }) => why === null && isWhole(line.part))
  const [binding] = known.toSorted(byNeed)
  const units = binding?.units ?? 0
  return {
    pool,
    targetDay: endOfNextMonth(today) + pool.leadDays,
    binding: binding?.line.resource ?? null,
    units,
    cost: pool.cost === undefined ? null : units * pool.cost.perUnit,
    lines,
  }
}

// The one that needs most units; of equals the one that is full first.
const byNeed = (a: LinePlan, b: LinePlan): number =>
  b.units - a.units ||
  fullDay(a) - fullDay(b) ||
  b.level - a.level ||
  (lineKey(a.line) < lineKey(b.line) ? -1 : 1)

const fullDay = ({ forecast }: LinePlan): number => forecast?.meets.likelyDay ?? Number.MAX_SAFE_INTEGER
