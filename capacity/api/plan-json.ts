// A plan as programs read it: days as 2026-11-25, numbers that are not known as null. Called by the routes; the commands
// show what these types say.
import { dayText } from '../days.ts'
import type { Errors, Finding, Forecast } from '../forecast.ts'
import type { Days } from '../history.ts'
import type { LinePlan, Plan, PoolPlan } from '../plan.ts'
import { type Pool, resourceNamed } from '../pool.ts'
import {
  type DayOrNull,
  dayOrNull,
  type Known,
  known,
  type MeetsJson,
  meetsJson,
  type PartLine,
  type PoolLine,
  partLines,
  poolLine,
} from './pool-line.ts'

export type PlanJson = Readonly<{
  v: 1
  asOf: string
  madeAtMs: number
  month: string
  pools: readonly PoolWithParts[]
}>

// `parts` where they are asked for, of pools that fall into parts by what is asked.
export type PoolWithParts = PoolLine & Readonly<{ parts?: readonly PartLine[] }>

// `by`: labels whose parts are wanted too.
export function planJson({ asOfDay, madeAtMs, month, pools }: Plan, by: readonly string[] = []): PlanJson {
  const partsOf = (each: PoolPlan) =>
    each.pool.by.some(name => by.includes(name)) && { parts: partLines(each, asOfDay) }
  return {
    ...{ v: 1, asOf: dayText(asOfDay), madeAtMs, month },
    pools: pools.map(each => ({ ...poolLine(each, asOfDay), ...partsOf(each) })),
  }
}

// Everything that a number of a plan was made of.
export type PoolJson = PoolLine &
  Readonly<{
    v: 1
    asOf: string
    month: string
    targetDay: string
    leadDays: number
    demandOf: Pool['daily']
    windowDays: number
    events: readonly Readonly<{ name: string; from: string; to: string; factor: number }>[]
    lines: readonly LineJson[]
  }>

export type LineJson = Readonly<{
  resource: string
  part: Readonly<Record<string, string>>
  unit: string
  asked: Readonly<{ usage: string; supply: Pool['resources'][number]['supply'] }>
  why: LinePlan['why']
  // One for each day.
  demand: DaysJson
  supply: DaysJson
  used: Known
  supplyNow: Known
  level: Known
  waterline: number
  unitCapacity: number
  // Of what is on order and spare, where new units are supposed to have another.
  presentCapacity: number
  onOrderUnits: number
  spareUnits: number
  target: Readonly<{ day: string; likely: Known; low: Known; high: Known }> | null
  units: number
  forecast: ForecastJson | null
  past: Readonly<{ made: string; of: string; likely: Known; low: Known; high: Known; actual: Known }> | null
}>

export type DaysJson = Readonly<{ first: string; values: readonly Known[] }>

type ForecastJson = Readonly<{
  first: string
  likely: readonly Known[]
  low: readonly Known[]
  high: readonly Known[]
  method: string
  chosen: Readonly<{ by: string; among: readonly Readonly<{ method: string; errors: ErrorsJson }>[] }>
  fit: Forecast['fit']
  errors: ErrorsJson
  findings: readonly Readonly<{ kind: string; from: DayOrNull; to: DayOrNull; size: number | null }>[]
  meets: MeetsJson
}>

type ErrorsJson = Readonly<{
  count: number
  horizonDays: number
  bias: Known
  smape: Known
  mase: Known
  coverage: Known
}>

export function poolJson(plan: Plan, each: PoolPlan): PoolJson {
  const { pool } = each
  return {
    v: 1,
    ...poolLine(each, plan.asOfDay),
    ...{ asOf: dayText(plan.asOfDay), month: plan.month, targetDay: dayText(each.targetDay) },
    ...{ leadDays: pool.leadDays, demandOf: pool.daily, windowDays: pool.windowDays },
    events: pool.events.map(({ name, fromDay, toDay, factor }) => ({
      ...{ name, from: dayText(fromDay), to: dayText(toDay), factor },
    })),
    lines: each.lines.map(line => lineJson(pool, line)),
  }
}

function lineJson(pool: Pool, plan: LinePlan): LineJson {
  const { line, target, past, why, waterline, unitCapacity, onOrderUnits, spareUnits, units } = plan
  const resource = resourceNamed(pool, line.resource)
  return {
    ...{ resource: line.resource, part: line.part, unit: resource.unit, why },
    asked: { usage: resource.usage, supply: resource.supply },
    demand: daysJson(plan.demand),
    supply: daysJson(plan.supply),
    ...{ used: known(plan.usedNow), supplyNow: known(plan.supplyNow), level: known(plan.level) },
    ...{ waterline, unitCapacity, presentCapacity: plan.presentCapacity, onOrderUnits, spareUnits, units },
    target: target === null ? null : { day: dayText(target.day), ...bandJson(target) },
    forecast: plan.forecast === null ? null : forecastJson(plan.forecast),
    past:
      past === null
        ? null
        : {
            ...{ made: dayText(past.madeDay), of: dayText(past.ofDay), actual: known(past.actual) },
            ...bandJson(past),
          },
  }
}

type Band = Readonly<{ likely: number; low: number; high: number }>

const bandJson = ({ likely, low, high }: Band) => ({
  likely: known(likely),
  low: known(low),
  high: known(high),
})

const daysJson = ({ firstDay, values }: Days): DaysJson => ({
  first: dayText(firstDay),
  values: [...values].map(known),
})

function forecastJson(forecast: Forecast): ForecastJson {
  const { firstDay, likely, low, high, method, chosen, fit, errors, findings } = forecast
  const numbers = (values: Float64Array): Known[] => [...values].map(known)
  return {
    ...{ first: dayText(firstDay), likely: numbers(likely), low: numbers(low), high: numbers(high), method },
    chosen: {
      by: chosen.by,
      among: chosen.among.map(tried => ({ method: tried.method, errors: errorsJson(tried.errors) })),
    },
    ...{ fit, errors: errorsJson(errors), findings: findings.map(findingJson) },
    meets: meetsJson(forecast)!,
  }
}

const errorsJson = ({ count, horizonDays, bias, smape, mase, coverage }: Errors): ErrorsJson => ({
  ...{ count, horizonDays, bias: known(bias), smape: known(smape) },
  ...{ mase: known(mase), coverage: known(coverage) },
})

const findingJson = ({ kind, fromDay, toDay, size }: Finding) => ({
  ...{ kind, from: dayOrNull(fromDay), to: dayOrNull(toDay), size },
})
