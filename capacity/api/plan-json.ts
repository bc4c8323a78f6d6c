// A plan as programs read it: days as 2026-11-25, numbers that are not known as null. Called by the routes; the commands
// show what these types say.
import { dayText } from '../days.ts'
import type { Errors, Finding, Forecast } from '../forecast.ts'
import type { Days } from '../history.ts'
import type { LinePlan, Plan, PoolPlan } from '../plan.ts'
import { isWhole, type Pool, resourceNamed } from '../pool.ts'

type DayOrNull = string | null
type Known = number | null

export type PoolLine = Readonly<{
  name: string
  labels: Readonly<Record<string, string>>
  unit: string
  // What decides over the units.
  binding: string | null
  // What is short first, as in reports: of it are the numbers below, up to `daysLeftLikely`, and `method` and `why`.
  resource: string
  used: Known
  supply: Known
  level: Known
  waterline: Known
  resourceUnit: string
  meets: MeetsJson | null
  // From tomorrow until the waterline is met, by the upper edge and by the line; null: not within 400 days.
  daysLeftEarly: Known
  daysLeftLikely: Known
  units: number
  cost: Known
  currency: string | null
  method: string | null
  findings: readonly string[]
  why: LinePlan['why']
}>

export type MeetsJson = Readonly<{ early: DayOrNull; likely: DayOrNull; late: DayOrNull }>

export type PlanJson = Readonly<{
  v: 1
  asOf: string
  madeAtMs: number
  month: string
  pools: readonly PoolLine[]
}>

const known = (value: number): Known => (Number.isFinite(value) ? value : null)
const dayOrNull = (day: number | null): DayOrNull => (day === null ? null : dayText(day))

export const planJson = ({ asOfDay, madeAtMs, month, pools }: Plan): PlanJson => ({
  ...{ v: 1, asOf: dayText(asOfDay), madeAtMs, month },
  pools: pools.map(each => poolLine(each, asOfDay)),
})

export function poolLine({ pool, binding, units, cost, lines }: PoolPlan, asOfDay: number): PoolLine {
  const whole = lines.filter(({ line }) => isWhole(line.part))
  const line = shortFirst(whole, binding)
  const meets = line?.forecast?.meets
  // A line that falls back may meet it again later; today it is met.
  const isOver = line !== undefined && overBy(line) >= 1
  const left = (day: number | null | undefined): Known =>
    isOver ? 0 : day == null ? null : Math.max(0, day - asOfDay - 1)
  return {
    ...{ name: pool.name, labels: pool.labels, unit: pool.unit, binding },
    resource: line?.line.resource ?? pool.resources[0].name,
    used: known(line?.usedNow ?? Number.NaN),
    supply: known(line?.supplyNow ?? Number.NaN),
    level: known(line?.level ?? Number.NaN),
    waterline: line?.waterline ?? null,
    resourceUnit: line === undefined ? pool.resources[0].unit : resourceNamed(pool, line.line.resource).unit,
    meets: meetsJson(line?.forecast ?? null),
    daysLeftEarly: left(meets?.earlyDay),
    daysLeftLikely: left(meets?.likelyDay),
    ...{ units, cost, currency: pool.cost?.currency ?? null },
    method: line?.forecast?.method ?? null,
    findings: [...new Set(whole.flatMap(({ forecast }) => forecast?.findings.map(({ kind }) => kind) ?? []))],
    why: line === undefined ? 'no_history' : line.why,
  }
}

// That which is furthest above its waterline; where none is, that which meets it first. Of several that are as near the
// one that decides over the units.
function shortFirst(whole: readonly LinePlan[], binding: string | null): LinePlan | undefined {
  const first = whole.find(each => each.line.resource === binding) ?? whole[0]
  return whole.reduce<LinePlan | undefined>(
    (most, each) => (most === undefined || isShorter(each, most) ? each : most),
    first,
  )
}

// 1 is at the waterline.
const overBy = ({ level, waterline }: LinePlan): number => (Number.isNaN(level) ? 0 : level / waterline)

function isShorter(one: LinePlan, other: LinePlan): boolean {
  const [over, than] = [overBy(one), overBy(other)]
  if (over >= 1 || than >= 1) return over > than
  const never = Number.MAX_SAFE_INTEGER
  const [dates, others] = [one.forecast?.meets, other.forecast?.meets]
  const sooner = (dates?.earlyDay ?? never) - (others?.earlyDay ?? never)
  return sooner < 0 || (sooner === 0 && (dates?.likelyDay ?? never) < (others?.likelyDay ?? never))
}

const meetsJson = (forecast: Forecast | null): MeetsJson | null =>
  forecast === null
    ? null
    : {
        early: dayOrNull(forecast.meets.earlyDay),
        likely: dayOrNull(forecast.meets.likelyDay),
        late: dayOrNull(forecast.meets.lateDay),
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
