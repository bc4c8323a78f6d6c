// What a run came to, in numbers: what to order and give back, what it costs, which pools are short before an order could
// help, and what is otherwise than a month ago. Kept with the run; words.ts says it to people. Pure; called by requests.ts.
import type { Plan, PoolPlan } from '../plan.ts'
import { isUrgent, poolRisk, type Risk as RiskKind } from '../report/pool-report.ts'
import type { Before } from '../report/report-model.ts'
import type { Request } from '../request.ts'
import type { Draft } from './drafts.ts'
import type { Earlier } from './redraft.ts'

export type RunSummary = Readonly<{
  month: string
  asOfDay: number
  expand: Totals
  reclaim: Totals
  // The formula would give some of these back, though they are at risk before its day: neither in `reclaim` nor on top.
  contradicted: readonly string[]
  contradictedCount: number
  // The most expensive first, and without prices the largest.
  top: readonly TopDraft[]
  // Above the waterline, or may be before new units are there; the soonest first.
  risks: readonly Risk[]
  riskCount: number
  // Pools of which there is nothing to forecast from.
  unknown: readonly string[]
  unknownCount: number
  // Against the run of the month before; null: there was none.
  changes: Changes | null
  // Own requests of people that nobody has decided on.
  waiting: number
  // Requests of earlier months that wait and stand for what was not drafted again; the oldest first.
  earlier: readonly Earlier[]
  earlierCount: number
  // Open ones of pools that are planned no more; of runs of older versions it is not known.
  leftBehind?: readonly LeftBehind[]
  leftBehindCount?: number
}>

export type LeftBehind = Pick<Request, 'number' | 'pool' | 'kind' | 'state' | 'units' | 'unit'>

export type Totals = Readonly<{
  pools: number
  units: readonly Readonly<{ unit: string; units: number }>[]
  costs: readonly Readonly<{ currency: string; amount: number }>[]
}>
export type TopDraft = Pick<Draft, 'pool' | 'kind' | 'units' | 'unit' | 'cost' | 'neededDay'> &
  Readonly<{ resource: string; likelyDay: number | null }>
// `servesDay`: of an order of today, or of what is on order and comes too late (`awaited`).
export type Risk = Readonly<{
  pool: string
  resource: string
  kind: RiskKind
  earlyDay: number
  servesDay: number
  // Nobody has said when it comes: by the lead time.
  isAssumed?: boolean
}>
export type Changes = Readonly<{
  since: string
  count: number
  // The largest differences first.
  most: readonly Readonly<{ pool: string; was: number; is: number; unit: string }>[]
}>

const namedMax = 10

export type SummaryOptions = Readonly<{
  plan: Plan
  // What each pool is planned now, and was in the month before.
  planned: Before['pools']
  before: Before | null
  waiting: number
  earlier: readonly Earlier[]
  leftBehind: readonly Request[]
}>

export function summaryOf(
  drafts: readonly Draft[],
  { plan, planned, before, waiting, earlier, leftBehind }: SummaryOptions,
): RunSummary {
  const [against, sound] = [drafts.filter(isContradicted), drafts.filter(each => !isContradicted(each))]
  const risks = plan.pools.flatMap(each => riskOf(each, plan.asOfDay))
  const unknown = plan.pools.filter(({ binding }) => binding === null).map(({ pool }) => pool.name)
  return {
    ...{ month: plan.month, asOfDay: plan.asOfDay, waiting },
    expand: totalsOf(sound.filter(({ kind }) => kind === 'expand')),
    reclaim: totalsOf(sound.filter(({ kind }) => kind === 'reclaim')),
    contradicted: against.slice(0, namedMax).map(({ pool }) => pool),
    contradictedCount: against.length,
    top: sound.toSorted(byWeight).slice(0, namedMax).map(topOf),
    risks: risks.toSorted((a, b) => a.earlyDay - b.earlyDay).slice(0, namedMax),
    riskCount: risks.length,
    ...{ unknown: unknown.slice(0, namedMax), unknownCount: unknown.length },
    changes: before === null ? null : changesOf(planned, before, new Set(unknown)),
    ...{ earlier: earlier.slice(0, namedMax), earlierCount: earlier.length },
    leftBehind: leftBehind
      .slice(0, namedMax)
      .map(({ number, pool, kind, state, units, unit }) => ({ number, pool, kind, state, units, unit })),
    leftBehindCount: leftBehind.length,
  }
}

const isContradicted = ({ kind, basis }: Draft): boolean => kind === 'reclaim' && basis.isAtRisk

const byWeight = (a: Draft, b: Draft): number =>
  Number(b.kind === 'expand') - Number(a.kind === 'expand') ||
  Math.abs(b.cost?.amount ?? 0) - Math.abs(a.cost?.amount ?? 0) ||
  b.units - a.units

const topOf = ({ pool, kind, units, unit, cost, neededDay, basis }: Draft): TopDraft => ({
  ...{ pool, kind, units, unit, cost, neededDay },
  ...{ resource: basis.resource, likelyDay: basis.likelyDay },
})

function totalsOf(drafts: readonly Draft[]): Totals {
  const units = new Map<string, number>()
  const costs = new Map<string, number>()
  for (const { unit, units: count, cost } of drafts) {
    units.set(unit, (units.get(unit) ?? 0) + count)
    if (cost !== null) costs.set(cost.currency, (costs.get(cost.currency) ?? 0) + cost.amount)
  }
  return {
    pools: drafts.length,
    units: [...units].map(([unit, count]) => ({ unit, units: count })),
    costs: [...costs].map(([currency, amount]) => ({ currency, amount })),
  }
}

// By the same rule as in the report.
function riskOf(each: PoolPlan, asOfDay: number): readonly Risk[] {
  const { risk, short, soonestDay } = poolRisk(each, asOfDay)
  if (risk === null || !isUrgent({ risk }) || short == null) return []
  const { resource, earlyDay, dueDay, isDueAssumed = false } = short
  const servesDay = risk === 'awaited' && dueDay !== null ? dueDay : soonestDay
  const isAssumed = risk === 'awaited' && isDueAssumed
  return [
    {
      ...{ pool: each.pool.name, resource, kind: risk, earlyDay: earlyDay ?? asOfDay + 1, servesDay },
      ...(isAssumed && { isAssumed }),
    },
  ]
}

function changesOf(planned: Before['pools'], before: Before, unknown: ReadonlySet<string>): Changes {
  const then = new Map(before.pools.map(({ name, units }) => [name, units]))
  const changed = planned
    // What nobody knows just now is no change.
    .filter(({ name }) => !unknown.has(name))
    .map(({ name, unit, units }) => ({ pool: name, unit, was: then.get(name) ?? 0, is: units }))
    .filter(({ was, is }) => was !== is)
  const most = changed.toSorted((a, b) => Math.abs(b.is - b.was) - Math.abs(a.is - a.was)).slice(0, namedMax)
  return { since: before.month, count: changed.length, most }
}
