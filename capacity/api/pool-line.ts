// A pool in one line, as lists show it, and each of its parts the same way: what is short first, how full it is, when it
// meets its waterline, what it needs. Called by plan-json.ts; the commands show what these types say.
import { dayText } from '../days.ts'
import type { Forecast } from '../forecast.ts'
import type { LinePlan, PoolPlan } from '../plan.ts'
import { isWhole, type Pool, resourceNamed } from '../pool.ts'
import { partKey } from '../requests/part.ts'

export type DayOrNull = string | null
export type Known = number | null

type Numbers = Readonly<{
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
  method: string | null
  findings: readonly string[]
  why: LinePlan['why']
}>

export type PoolLine = Numbers &
  Readonly<{
    name: string
    labels: Readonly<Record<string, string>>
    unit: string
    currency: string | null
  }>

export type PartLine = Numbers & Readonly<{ part: Readonly<Record<string, string>> }>

export type MeetsJson = Readonly<{ early: DayOrNull; likely: DayOrNull; late: DayOrNull }>

export const known = (value: number): Known => (Number.isFinite(value) ? value : null)
export const dayOrNull = (day: number | null): DayOrNull => (day === null ? null : dayText(day))

export function poolLine({ pool, binding, units, cost, lines }: PoolPlan, asOfDay: number): PoolLine {
  const whole = lines.filter(({ line }) => isWhole(line.part))
  return {
    ...{ name: pool.name, labels: pool.labels, unit: pool.unit, currency: pool.cost?.currency ?? null },
    ...numbersOf(whole, { pool, binding, units, cost, asOfDay }),
  }
}

export function partLines({ pool, lines }: PoolPlan, asOfDay: number): PartLine[] {
  const parts = lines.filter(({ line }) => !isWhole(line.part))
  return [...Map.groupBy(parts, ({ line }) => partKey(line.part)).values()].map(own => {
    const most = own
      .filter(({ why }) => why === null)
      .reduce<LinePlan | undefined>((a, b) => (a === undefined || b.units > a.units ? b : a), undefined)
    const units = most?.units ?? 0
    const cost = pool.cost === undefined ? null : units * pool.cost.perUnit
    const decided = { binding: most?.line.resource ?? null, units, cost }
    return { part: own[0]!.line.part, ...numbersOf(own, { pool, ...decided, asOfDay }) }
  })
}

type Decided = Readonly<{
  pool: Pool
  binding: string | null
  units: number
  cost: number | null
  asOfDay: number
}>

// `lines`: one for each resource, of the whole or of one part.
function numbersOf(lines: readonly LinePlan[], { pool, binding, units, cost, asOfDay }: Decided): Numbers {
  const line = shortFirst(lines, binding)
  const meets = line?.forecast?.meets
  // A line that falls back may meet it again later; today it is met.
  const isOver = line !== undefined && overBy(line) >= 1
  const left = (day: number | null | undefined): Known =>
    isOver ? 0 : day == null ? null : Math.max(0, day - asOfDay - 1)
  return {
    binding,
    resource: line?.line.resource ?? pool.resources[0].name,
    used: known(line?.usedNow ?? Number.NaN),
    supply: known(line?.supplyNow ?? Number.NaN),
    level: known(line?.level ?? Number.NaN),
    waterline: line?.waterline ?? null,
    resourceUnit: line === undefined ? pool.resources[0].unit : resourceNamed(pool, line.line.resource).unit,
    meets: meetsJson(line?.forecast ?? null),
    daysLeftEarly: left(meets?.earlyDay),
    daysLeftLikely: left(meets?.likelyDay),
    ...{ units, cost },
    method: line?.forecast?.method ?? null,
    findings: [...new Set(lines.flatMap(({ forecast }) => forecast?.findings.map(({ kind }) => kind) ?? []))],
    why: line === undefined ? 'no_history' : line.why,
  }
}

// That which is furthest above its waterline; where none is, that which meets it first. Of several that are as near the
// one that decides over the units.
function shortFirst(lines: readonly LinePlan[], binding: string | null): LinePlan | undefined {
  const first = lines.find(each => each.line.resource === binding) ?? lines[0]
  return lines.reduce<LinePlan | undefined>(
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

export const meetsJson = (forecast: Forecast | null): MeetsJson | null =>
  forecast === null
    ? null
    : {
        early: dayOrNull(forecast.meets.earlyDay),
        likely: dayOrNull(forecast.meets.likelyDay),
        late: dayOrNull(forecast.meets.lateDay),
      }
