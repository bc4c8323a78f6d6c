// What a report says of one pool: how urgent it is, by when to order, what is unsafe about it, and its resources and parts.
// Pure. Called by report-model.ts and by whoever shows one pool.
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
  unsafe: readonly FindingKind[]
  resources: readonly LineReport[]
  parts: readonly LineReport[]
  requests: readonly Request[]
}>

// Above its waterline; meets it before new units can be there, by the line or by the upper edge of the band; nothing is
// forecast; or what is forecast is not to be relied on.
export type Risk = 'over' | 'late' | 'maybe' | 'unknown' | 'unsafe'

// Those that run out before new units can be there, surely or perhaps.
export const isUrgent = ({ risk }: Pick<PoolReport, 'risk'>): boolean =>
  risk === 'over' || risk === 'late' || risk === 'maybe'

// The formula looks at the target day alone, and may find units to give back where they are short before it. Then nobody
// is advised to.
export const mayGiveBack = (pool: Pick<PoolReport, 'units' | 'risk'>): boolean =>
  pool.units < 0 && !isUrgent(pool)
export const isContradicted = (pool: Pick<PoolReport, 'units' | 'risk'>): boolean =>
  pool.units < 0 && isUrgent(pool)

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
    ...{ unsafe, resources, parts, requests },
  }
}

// For whoever wants to know nothing else of it.
export const poolRisk = (each: PoolPlan, asOfDay: number): Risk | null => riskOf(look(each, asOfDay))

function look({ pool, lines }: PoolPlan, asOfDay: number) {
  const wholes = lines.filter(({ line }) => isWhole(line.part))
  // What was measured ends with yesterday.
  const today = asOfDay + 1
  return {
    ...{ today, soonestDay: today + pool.leadDays, meets: meetsOf(wholes), unsafe: unsafeOf(wholes) },
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
  const never = Number.MAX_SAFE_INTEGER
  return all.reduce<Meets>((first, each) => {
    const sooner = (each.earlyDay ?? never) - (first.earlyDay ?? never)
    return sooner < 0 || (sooner === 0 && (each.likelyDay ?? never) < (first.likelyDay ?? never))
      ? each
      : first
  }, none)
}

function unsafeOf(resources: readonly LinePlan[]): FindingKind[] {
  const kinds = resources.flatMap(({ forecast }) => forecast?.findings.map(({ kind }) => kind) ?? [])
  return [...new Set(kinds)].filter(kind => unsafeKinds.has(kind))
}

type Looked = Readonly<ReturnType<typeof look>>

function riskOf({ isOver, isBlind, meets, soonestDay, unsafe }: Looked): Risk | null {
  const { earlyDay, likelyDay } = meets
  if (isOver) return 'over'
  if (likelyDay !== null && likelyDay < soonestDay) return 'late'
  if (earlyDay !== null && earlyDay < soonestDay) return 'maybe'
  if (isBlind) return 'unknown'
  return unsafe.length > 0 ? 'unsafe' : null
}
