// What a report says, before it has a form: the summary that a manager reads, and the pools by urgency. Pure: of a plan,
// the requests, and what was planned a month ago. Called by report.ts; the forms are html.ts, xlsx.ts, csv.ts, json.ts.
import { Breath } from '#core/breath.ts'
import type { Plan } from '../plan.ts'
import type { Request } from '../request.ts'
import type { Judgement, PlannerBias } from '../requests/judged.ts'
import { type Accuracy, accuracyOf, type Requested, requestedOf } from './accuracy.ts'
import { isContradicted, mayGiveBack, type PoolReport, poolReport } from './pool-report.ts'

export type Report = Readonly<{
  v: 1
  // The month that it orders for: 2026-12.
  month: string
  asOfDay: number
  madeAtMs: number
  summary: Summary
  // The most urgent first.
  pools: readonly PoolReport[]
  requests: readonly Request[]
}>

// The newest of all pools; the others are asked for by `plimsoll capacity requests`.
export const reportedRequestsMax = 10_000
export const isRequestsCut = ({ requests }: Pick<Report, 'requests'>): boolean =>
  requests.length >= reportedRequestsMax

export type Summary = Readonly<{
  orders: readonly PoolReport[]
  costs: readonly Money[]
  // Pools to order for whose price nobody has stated.
  unpriced: number
  risks: readonly PoolReport[]
  reclaims: readonly PoolReport[]
  // The formula would give some back, though they are at risk before its day: not among `reclaims`.
  contradicted: readonly PoolReport[]
  // Null: there is no month before.
  changes: Readonly<{ month: string; pools: readonly Change[] }> | null
  accuracy: Accuracy
  requested: readonly Requested[]
  // How far off people were who changed what the formula gave.
  planners: readonly PlannerBias[]
}>

export type Money = Readonly<{ currency: string; amount: number }>

// A pool that asks for other units than a month ago, or is full at another time; null where it was or is not planned.
export type Change = Readonly<{
  pool: string
  unit: string
  before: BeforePool | null
  now: BeforePool | null
}>

// What next month's report wants to know of this one: small enough to be kept with the run.
export type Before = Readonly<{ month: string; pools: readonly BeforePool[] }>
export type BeforePool = Readonly<{ name: string; unit: string; units: number; likelyDay: number | null }>

export type Reported = Readonly<{
  plan: Plan
  requests: readonly Request[]
  before: Before | null
  // Of past months' requests, by judge(); left out: nothing is judged yet.
  judgement?: Judgement | undefined
}>

export const reportOf = (reported: Reported): Report =>
  reportWith(poolReports(reported.plan, reported.requests), reported)

export function poolReports(plan: Plan, requests: readonly Request[]): readonly PoolReport[] {
  const byPool = Map.groupBy(requests, ({ pool }) => pool)
  return plan.pools
    .map(each => poolReport(each, plan.asOfDay, byPool.get(each.pool.name) ?? []))
    .toSorted(byUrgency)
}

// The same without requests, in pieces: of forty thousand pools it is a second's work.
export async function poolReportsInPieces({ pools, asOfDay }: Plan): Promise<readonly PoolReport[]> {
  const breath = new Breath()
  const found: PoolReport[] = []
  for (const each of pools) {
    found.push(poolReport(each, asOfDay, []))
    if (breath.isDue) await breath.taken()
  }
  return found.sort(byUrgency)
}

// Of pools that were looked at already.
export function reportWith(pools: readonly PoolReport[], reported: Reported): Report {
  const { plan, requests } = reported
  return {
    ...{ v: 1, month: plan.month, asOfDay: plan.asOfDay, madeAtMs: plan.madeAtMs },
    ...{ summary: summaryOf(pools, reported), pools, requests },
  }
}

// By the upper edge of the band, as whoever trusts the middle is late half of the time.
function byUrgency(a: PoolReport, b: PoolReport): number {
  const [one, other] = [a.daysLeft ?? Number.MAX_SAFE_INTEGER, b.daysLeft ?? Number.MAX_SAFE_INTEGER]
  return one - other || b.units - a.units || (a.name < b.name ? -1 : 1)
}

function summaryOf(pools: readonly PoolReport[], reported: Reported): Summary {
  const { plan, requests, before, judgement } = reported
  const orders = pools.filter(({ units }) => units > 0)
  return {
    orders,
    costs: costsOf(orders),
    unpriced: orders.filter(({ cost }) => cost === null).length,
    risks: pools.filter(({ risk }) => risk !== null).toSorted((a, b) => riskRank(a) - riskRank(b)),
    reclaims: pools.filter(mayGiveBack).toSorted((a, b) => a.units - b.units),
    contradicted: pools.filter(isContradicted).toSorted((a, b) => a.units - b.units),
    changes:
      before === null ? null : { month: before.month, pools: changesOf(before, beforeWith(pools, plan)) },
    accuracy: accuracyOf(plan),
    requested: requestedOf(plan, requests, judgement?.requests ?? []),
    planners: judgement?.planners ?? [],
  }
}

const ranks = ['over', 'late', 'maybe', 'awaited', 'unknown', 'unsafe'] as const
const riskRank = ({ risk }: PoolReport): number => (risk === null ? ranks.length : ranks.indexOf(risk))

export function costsOf(pools: readonly Pick<PoolReport, 'cost'>[]): Money[] {
  const sums = new Map<string, number>()
  for (const { cost } of pools) {
    if (cost !== null) sums.set(cost.currency, (sums.get(cost.currency) ?? 0) + cost.amount)
  }
  return [...sums]
    .map(([currency, amount]) => ({ currency, amount }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

export const beforeOf = (plan: Plan): Before =>
  beforeWith(
    plan.pools.map(each => poolReport(each, plan.asOfDay, [])),
    plan,
  )

export const beforeWith = (pools: readonly PoolReport[], { month }: Pick<Plan, 'month'>): Before => ({
  month,
  pools: pools.map(({ name, unit, units, likelyDay }) => ({ name, unit, units, likelyDay })),
})

// Dates that moved by less are the same.
const movedDays = 7

function changesOf(before: Before, now: Before): Change[] {
  const then = new Map(before.pools.map(each => [each.name, each]))
  const today = new Map(now.pools.map(each => [each.name, each]))
  const names = [...new Set([...today.keys(), ...then.keys()])]
  return names
    .map(pool => {
      const [was, is] = [then.get(pool) ?? null, today.get(pool) ?? null]
      return { pool, unit: (is ?? was)!.unit, before: was, now: is }
    })
    .filter(({ before, now }) => before === null || now === null || hasMoved(before, now))
    .toSorted((a, b) => Math.abs(grown(b)) - Math.abs(grown(a)) || (a.pool < b.pool ? -1 : 1))
}

const grown = ({ before, now }: Change): number => (now?.units ?? 0) - (before?.units ?? 0)

function hasMoved(before: BeforePool, now: BeforePool): boolean {
  if (before.units !== now.units) return true
  if (before.likelyDay === null || now.likelyDay === null) {
    return before.likelyDay !== now.likelyDay
  }
  return Math.abs(before.likelyDay - now.likelyDay) >= movedDays
}
