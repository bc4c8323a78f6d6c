// What a report says of one pool: how urgent it is, by when to order, what is unsafe about it, and its resources and parts.
// Pure. Called by report-model.ts and by whoever shows one pool.
import type { Short } from '../coming.ts'
import type { FindingKind } from '../forecast.ts'
import type { LinePlan, PoolPlan } from '../plan.ts'
import { isWhole, type Pool, resourceNamed } from '../pool.ts'
import type { Request } from '../request.ts'
import { neededDayOf } from '../units.ts'
import { type Formula, formulaOf } from './formula.ts'

export type PoolReport = Readonly<{
  name: string
  pool: Pool
  unit: string
  targetDay: number
  binding: string | null
  units: number
  cost: Readonly<{ amount: number; currency: string }> | null
  // Of the resource that meets its waterline first; null: not within the days that are looked at.
  earlyDay: number | null
  likelyDay: number | null
  lateDay: number | null
  // Until the upper edge meets the waterline; 0: it does already.
  daysLeft: number | null
  // When units must serve, and when they must be ordered for that; null where none are to be ordered.
  neededDay: number | null
  orderByDay: number | null
  // The day on which an order of today serves.
  soonestDay: number
  risk: Risk | null
  // Which resource is short first in spite of what is on order, and when; of reports of older versions it is not known.
  short?: ShortOf | null
  unsafe: readonly FindingKind[]
  resources: readonly LineReport[]
  parts: readonly LineReport[]
  requests: readonly Request[]
}>

// Above its waterline; meets it before new units can be there, by the line or by the upper edge of the band; needs no more
// than is on order, which comes too late; nothing is forecast; or what is forecast is not to be relied on. What is on order
// and comes in time is no risk.
export type Risk = 'over' | 'late' | 'maybe' | 'awaited' | 'unknown' | 'unsafe'

// Those that run out before new units can be there, surely or perhaps.
export const isUrgent = ({ risk }: Pick<PoolReport, 'risk'>): boolean =>
  risk === 'over' || risk === 'late' || risk === 'maybe' || risk === 'awaited'

// The formula looks at the target day alone, and may find units to give back where they are short before it. Then nobody
// is advised to.
export const mayGiveBack = (pool: Pick<PoolReport, 'units' | 'risk'>): boolean =>
  pool.units < 0 && !isUrgent(pool)
export const isContradicted = (pool: Pick<PoolReport, 'units' | 'risk'>): boolean =>
  pool.units < 0 && isUrgent(pool)

export type ShortOf = Short & Readonly<{ resource: string }>

export type LineReport = Readonly<{
  plan: LinePlan
  unit: string
  formula: Formula | null
  isBinding: boolean
}>

// What makes the number of units doubtful. A known season or event is not among them.
const unsafeKinds: ReadonlySet<FindingKind> = new Set([
  'too_short',
  'stale',
  'level_shift',
  'reset',
  'saturated',
  'counter',
  'not_a_number',
])

export function poolReport(each: PoolPlan, asOfDay: number, requests: readonly Request[]): PoolReport {
  const { pool, targetDay, binding, units, lines } = each
  const looked = look(each, asOfDay)
  const { today, soonestDay, isOver, meets, unsafe } = looked
  const resources = lines.filter(({ line }) => isWhole(line.part)).map(line => lineReport(line, each))
  const parts = lines.filter(({ line }) => !isWhole(line.part)).map(line => lineReport(line, each))
  const left = (day: number | null): number | null => (day === null ? null : Math.max(0, day - today))
  const neededDay = units > 0 ? neededDayOf(each, asOfDay) : null
  return {
    ...{ name: pool.name, pool, unit: pool.unit, targetDay, binding, units, ...meets },
    cost:
      each.cost === null || pool.cost === undefined
        ? null
        : { amount: each.cost, currency: pool.cost.currency },
    daysLeft: isOver ? 0 : left(meets.earlyDay),
    neededDay,
    orderByDay: neededDay === null ? null : neededDay - pool.leadDays,
    soonestDay,
    risk: riskOf(looked),
    short: looked.short,
    ...{ unsafe, resources, parts, requests },
  }
}

// For whoever wants to know nothing else of it.
export function poolRisk(each: PoolPlan, asOfDay: number): Pick<PoolReport, 'risk' | 'short' | 'soonestDay'> {
  const looked = look(each, asOfDay)
  return { risk: riskOf(looked), short: looked.short, soonestDay: looked.soonestDay }
}

function look({ pool, lines, units }: PoolPlan, asOfDay: number) {
  const wholes = lines.filter(({ line }) => isWhole(line.part))
  // What was measured ends with yesterday.
  const today = asOfDay + 1
  return {
    ...{ today, soonestDay: today + pool.leadDays, units, unsafe: unsafeOf(wholes) },
    ...{ meets: meetsOf(wholes), short: shortFirst(wholes, today) },
    isOver: wholes.some(({ level, waterline }) => level >= waterline),
    isBlind: wholes.length === 0 || wholes.some(({ why }) => why !== null),
  }
}

function lineReport(plan: LinePlan, { pool, binding }: PoolPlan): LineReport {
  const { unit } = resourceNamed(pool, plan.line.resource)
  const isBinding = plan.line.resource === binding && isWhole(plan.line.part)
  return { plan, unit, formula: formulaOf(plan, unit), isBinding }
}

type Meets = Pick<PoolReport, 'earlyDay' | 'likelyDay' | 'lateDay'>

// The dates belong together, so all three are those of one resource.
function meetsOf(resources: readonly LinePlan[]): Meets {
  const none: Meets = { earlyDay: null, likelyDay: null, lateDay: null }
  const all = resources.flatMap(({ forecast }) => (forecast === null ? [] : [forecast.meets]))
  return all.reduce<Meets>((first, each) => (isSooner(each, first) ? each : first), none)
}

type Dates = Pick<Short, 'earlyDay' | 'likelyDay'>

function isSooner(one: Dates, other: Dates): boolean {
  const never = Number.MAX_SAFE_INTEGER
  const sooner = (one.earlyDay ?? never) - (other.earlyDay ?? never)
  return sooner < 0 || (sooner === 0 && (one.likelyDay ?? never) < (other.likelyDay ?? never))
}

// With what is on order; the one that is above its waterline is short today.
function shortFirst(resources: readonly LinePlan[], today: number): ShortOf | null {
  const all = resources.flatMap(({ line: { resource }, level, waterline, short, forecast }): ShortOf[] => {
    const { dueDay = null, isDueAssumed = false } = short ?? {}
    const due = { dueDay, ...(isDueAssumed && { isDueAssumed }) }
    if (level >= waterline) return [{ resource, earlyDay: today, likelyDay: today, ...due }]
    const dates = short ?? forecast?.meets
    if (dates === undefined || dates.earlyDay === null) return []
    return [{ resource, earlyDay: dates.earlyDay, likelyDay: dates.likelyDay, ...due }]
  })
  const [first] = all
  return first === undefined ? null : all.reduce((most, each) => (isSooner(each, most) ? each : most), first)
}

function unsafeOf(resources: readonly LinePlan[]): FindingKind[] {
  const kinds = resources.flatMap(({ forecast }) => forecast?.findings.map(({ kind }) => kind) ?? [])
  return [...new Set(kinds)].filter(kind => unsafeKinds.has(kind))
}

type Looked = Readonly<ReturnType<typeof look>>

function riskOf({ isOver, isBlind, short, soonestDay, units, unsafe }: Looked): Risk | null {
  const { earlyDay = null, likelyDay = null, dueDay = null } = short ?? {}
  if (isOver) return 'over'
  // An order more would not come sooner, and is not needed.
  if (units <= 0 && earlyDay !== null && dueDay !== null && earlyDay < dueDay) return 'awaited'
  if (likelyDay !== null && likelyDay < soonestDay) return 'late'
  if (earlyDay !== null && earlyDay < soonestDay) return 'maybe'
  if (isBlind) return 'unknown'
  return unsafe.length > 0 ? 'unsafe' : null
}
