// The plan of all pools: what is known of each line, forecast together, made into units, and the resource that decides.
// Pure but for the forecaster, which may think in a worker. Called by planner.ts, for the plan as it is and for what-if.
import type { Labels } from '#core/model.ts'
import { dayOf, endOfNextMonth, monthText } from './days.ts'
import type { Forecaster } from './forecast/forecaster.ts'
import type { Forecast, ForecastAsked } from './forecast.ts'
import type { Days, History, Window } from './history.ts'
import type { LinePlan, PastForecast, Plan, PoolPlan, WhatIf } from './plan.ts'
import { type Line, lineKey, type PlannedEvent, type Pool, type Resource } from './pool.ts'
import { targetOf, unitsOf } from './units.ts'

// What is approved or ordered of a pool and due by then, in units; and what was said of a day about a month before it.
export type Orders = Readonly<{
  onOrder(pool: string, part: Labels, untilDay: number): number
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
}>

export async function makePlan(asked: PlanAsked): Promise<Plan> {
  const { zone, nowMs, whatIf = {} } = asked
  const today = dayOf(zone, nowMs)
  const pools = asked.pools
    .filter(({ name }) => whatIf.pools === undefined || whatIf.pools.includes(name))
    .map(pool => supposed(pool, whatIf))
  const byPool = Map.groupBy(asked.history.lines(), ({ pool }) => pool)
  const known = pools.flatMap(pool => knownOf(pool, byPool.get(pool.name) ?? [], { ...asked, today }))
  const forecasts = await forecastAll(known, asked)
  const plans = Map.groupBy(
    known.map((each, at) => linePlan(each, forecasts[at] ?? null, asked)),
    ({ line }) => line.pool,
  )
  return {
    asOfDay: today - 1,
    madeAtMs: nowMs,
    month: monthText(endOfNextMonth(today)),
    pools: pools.map(pool => poolPlan(pool, withZoneSpare(pool, plans.get(pool.name) ?? []), today)),
  }
}

function supposed(pool: Pool, { waterline, leadDays, unitCapacity = {}, events = [] }: WhatIf): Pool {
  const [first, ...more] = pool.resources
  const changed = (each: Resource): Resource => ({
    ...each,
    waterline: waterline ?? each.waterline,
    supply: withUnit(each, unitCapacity[each.name]),
  })
  return {
    ...pool,
    leadDays: leadDays ?? pool.leadDays,
    events: [...pool.events, ...events],
    resources: [changed(first), ...more.map(changed)],
  }
}

const withUnit = ({ supply }: Resource, unitCapacity: number | undefined): Resource['supply'] =>
  unitCapacity === undefined ? supply : { ...supply, unitCapacity }

type Around = PlanAsked & Readonly<{ today: number }>

function knownOf(pool: Pool, lines: readonly Line[], { history, today }: Around): Known[] {
  const window: Window = { toDay: today - 1, days: pool.windowDays }
  const targetDay = endOfNextMonth(today) + pool.leadDays
  return pool.resources.flatMap(resource => {
    const own = lines.filter(each => each.resource === resource.name)
    const whole: Line = { pool: pool.name, resource: resource.name, part: {} }
    const parts = own.filter(({ part }) => Object.keys(part).length > 0)
    return [whole, ...parts].map(line => {
      const demand = history.demand(line, pool.daily, window)
      const supply = history.supply(line, window)
      const usedNow = demand.values.at(-1) ?? Number.NaN
      return { pool, resource, line, demand, supply, usedNow, supplyNow: lastKnown(supply.values), targetDay }
    })
  })
}

// A week may pass without a measurement before it is said that nobody knows.
const knownForDays = 7

function lastKnown(values: Float64Array): number {
  for (let back = 1; back <= Math.min(knownForDays, values.length); back++) {
    const value = values.at(-back) ?? Number.NaN
    if (!Number.isNaN(value)) return value
  }
  return Number.NaN
}

const isEmpty = ({ values }: Days): boolean => values.every(value => Number.isNaN(value))

// Those of which nothing is known are not asked about.
async function forecastAll(
  known: readonly Known[],
  { forecaster, whatIf, signal, onProgress }: PlanAsked,
): Promise<(Forecast | null)[]> {
  const places = [...known.keys()].filter(at => !isEmpty(known[at]!.demand))
  const found = await forecaster.forecast(
    places.map(at => askedOf(known[at]!, whatIf?.growth ?? 1)),
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  )
  const all: (Forecast | null)[] = known.map(() => null)
  for (const [at, place] of places.entries()) all[place] = found[at] ?? null
  return all
}

function askedOf(
  { pool, resource, demand, supply, supplyNow, targetDay }: Known,
  growth: number,
): ForecastAsked {
  const lastDay = demand.firstDay + demand.values.length - 1
  return {
    demand,
    supply,
    limit: supplyNow * resource.waterline,
    horizonDays: targetDay - lastDay,
    method: pool.method,
    factors: factorsOf(pool.events, { demand, untilDay: targetDay, growth }),
  }
}

type Span = Readonly<{ demand: Days; untilDay: number; growth: number }>

// Events that overlap multiply. Growth counts from the first day that is forecast.
function factorsOf(events: readonly PlannedEvent[], { demand, untilDay, growth }: Span): Map<number, number> {
  const factors = new Map<number, number>()
  const begin = demand.firstDay
  const forecastFrom = begin + demand.values.length
  if (growth !== 1)
    for (let day = forecastFrom; day <= forecastFrom + datesMax; day++) factors.set(day, growth)
  for (const { fromDay, toDay, factor } of events) {
    const last = Math.min(toDay, Math.max(untilDay, forecastFrom + datesMax))
    for (let day = Math.max(fromDay, begin); day <= last; day++)
      factors.set(day, (factors.get(day) ?? 1) * factor)
  }
  return factors
}

// How far ahead the dates are looked for.
const datesMax = 400

function linePlan(known: Known, forecast: Forecast | null, { orders }: PlanAsked): LinePlan {
  const { pool, resource, line, demand, supply, usedNow, supplyNow, targetDay } = known
  const isWhole = Object.keys(line.part).length === 0
  const onOrderUnits = orders.onOrder(pool.name, line.part, targetDay)
  const spareUnits = isWhole && pool.spare.kind === 'units' ? pool.spare.units : 0
  const target = forecast === null ? null : targetOf(forecast, targetDay, pool)
  const said = orders.past(line, demand.firstDay + demand.values.length - 1)
  const plan = {
    ...{ line, demand, supply, usedNow, supplyNow, onOrderUnits, spareUnits, forecast, target },
    level: usedNow / supplyNow,
    unitCapacity: resource.supply.unitCapacity ?? 1,
    waterline: resource.waterline,
    why: whyNot(known, forecast),
    past: said === null ? null : { ...said, actual: usedNow },
    units: 0,
  }
  return { ...plan, units: unitsOf(plan) }
}

function whyNot({ demand, supplyNow }: Known, forecast: Forecast | null): LinePlan['why'] {
  if (forecast === null || isEmpty(demand)) return 'no_history'
  return Number.isNaN(supplyNow) ? 'no_supply' : null
}

// The largest zone may fail: as many units as it has must be there twice.
function withZoneSpare(pool: Pool, lines: readonly LinePlan[]): readonly LinePlan[] {
  if (pool.spare.kind !== 'zone') return lines
  return lines.map(plan => {
    if (Object.keys(plan.line.part).length > 0) return plan
    const parts = lines.filter(({ line }) => line.resource === plan.line.resource && 'zone' in line.part)
    const zones = Map.groupBy(parts, ({ line }) => line.part['zone'])
    const supplies = [...zones.values()].map(each =>
      each.reduce((sum, { supplyNow }) => sum + (Number.isNaN(supplyNow) ? 0 : supplyNow), 0),
    )
    const spareUnits = Math.ceil(Math.max(0, ...supplies) / plan.unitCapacity - 1e-9)
    const spared = { ...plan, spareUnits }
    return { ...spared, units: unitsOf(spared) }
  })
}

function poolPlan(pool: Pool, lines: readonly LinePlan[], today: number): PoolPlan {
  const known = lines.filter(({ line, why }) => why === null && Object.keys(line.part).length === 0)
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
